import type { Sink } from '@coreset/core';
import type { KeepRow, Row, RowContents } from '../row.js';
import { brokenRow } from './broken-row.js';
import { encodingError } from './encoding-error.js';
import { encodingOf, lineBlocks, type TextSource, writeKeptLines } from './line-blocks.js';
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
    writeKept: (keep: KeepRow, sink: Sink, isContinued?: boolean): Promise<void> =>
      writeKeptLines(source, keep, sink, isContinued, () => true),
  };
}
