import type { Sink } from '@coreset/core';
import type { KeepRow, Row, RowContents } from '../row.js';
import { brokenRow } from './broken-row.js';
import { encodingError } from './encoding-error.js';
import { byteEnds, encodingOf, lineBlocks, type TextSource } from './line-blocks.js';
import { ownString } from './own-string.js';

/** A line a row, in the one field `text`; empty lines are rows too. */
export function textFile(source: TextSource): RowContents {
  return {
    fields: async (): Promise<string[]> => ['text'],
    async *batches(): AsyncGenerator<Row[], void, undefined> {
      for await (const { text, ends, undecodable, firstLine, charset } of lineBlocks(source)) {
        yield ends.map((end, i) => {
          if (undecodable.has(i))
            return brokenRow(encodingError(`${source.path}, line ${firstLine + i}`, charset), source.options);
          return { text: ownString(text.slice(ends[i - 1] ?? 0, end).replace(/(\r\n|[\r\n])$/, '')) };
        });
      }
    },
    alike: () => encodingOf(source),
    async writeKept(keep: KeepRow, sink: Sink, isContinued?: boolean): Promise<void> {
      let row = 0;
      for await (const block of lineBlocks(source)) {
        if (!isContinued) sink.write(block.mark);
        const ends = byteEnds(block);
        for (let i = 0; i < ends.length; i++)
          if (keep(row++)) sink.write(block.bytes.subarray(ends[i - 1] ?? 0, ends[i]));
      }
    },
  };
}
