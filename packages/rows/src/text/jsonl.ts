import type { Sink } from '@coreset/core';
import type { KeepRow, OpenOptions, Row, RowContents } from '../row.js';
import { brokenRow } from './broken-row.js';
import { encodingError } from './encoding-error.js';
import { firstFields, parseRow, type ReadRow, rowPicker } from './json-rows.js';
import { encodingOf, type LineBlock, lineBlocks, type TextSource, writeKeptLines } from './line-blocks.js';

/** A JSON object a line; lines of white space alone are no rows. */
export function jsonlFile(source: TextSource): RowContents {
  const { path, options } = source;

  function rowsOf(block: LineBlock, read: ReadRow, options: OpenOptions): Row[] {
    const { text, ends, undecodable, firstLine } = block;
    const rows: Row[] = [];
    for (let i = 0, start = 0; i < ends.length; start = ends[i++]) {
      if (isBlank(text, start, ends[i])) continue;
      try {
        if (undecodable.has(i)) throw encodingError(`${path}, line ${firstLine + i}`, block.charset);
        rows.push(read(text.slice(start, ends[i]), `${path}, line`, firstLine + i));
      } catch (error) {
        rows.push(brokenRow(error, options));
      }
    }
    return rows;
  }

  async function* rowBatches(read: ReadRow, options: OpenOptions): AsyncGenerator<Row[], void, undefined> {
    for await (const block of lineBlocks(source)) yield rowsOf(block, read, options);
  }

  return {
    fields: (): Promise<string[]> => firstFields(options, (quiet) => rowBatches(parseRow, quiet)),
    batches: (fields: string[]) => rowBatches(rowPicker(fields), options),
    wholeBatches: () => rowBatches(parseRow, options),
    alike: () => encodingOf(source),
    writeKept: (keep: KeepRow, sink: Sink, isContinued?: boolean): Promise<void> =>
      writeKeptLines(source, keep, sink, isContinued, (text, start, end) => !isBlank(text, start, end)),
  };
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (text.charCodeAt(at) > 32) return false;
  return true;
}
