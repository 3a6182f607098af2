import type { Sink } from '@coreset/core';
import type { KeepRow, OpenOptions, Row, RowContents } from '../row.js';
import { brokenRow } from './broken-row.js';
import { encodingError } from './encoding-error.js';
import { parseRow, type ReadRow, ROWS_FOR_FIELDS, rowPicker, unionOfFields } from './json-rows.js';
import { byteEnds, encodingOf, type LineBlock, lineBlocks, type TextSource } from './line-blocks.js';

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

  return {
    async fields(): Promise<string[]> {
      const quiet = options.onBrokenRow ? { ...options, onBrokenRow: () => {} } : options;
      const rows: Row[] = [];
      for await (const block of lineBlocks(source)) {
        rows.push(...rowsOf(block, parseRow, quiet));
        if (rows.length >= ROWS_FOR_FIELDS) break;
      }
      return unionOfFields(rows.slice(0, ROWS_FOR_FIELDS));
    },
    async *batches(fields: string[]): AsyncGenerator<Row[], void, undefined> {
      const pick = rowPicker(fields);
      for await (const block of lineBlocks(source)) yield rowsOf(block, pick, options);
    },
    async *wholeBatches(): AsyncGenerator<Row[], void, undefined> {
      for await (const block of lineBlocks(source)) yield rowsOf(block, parseRow, options);
    },
    alike: () => encodingOf(source),
    async writeKept(keep: KeepRow, sink: Sink, isContinued?: boolean): Promise<void> {
      let row = 0;
      for await (const block of lineBlocks(source)) {
        if (!isContinued) sink.write(block.mark);
        const ends = byteEnds(block);
        for (let i = 0; i < ends.length; i++) {
          if (isBlank(block.text, block.ends[i - 1] ?? 0, block.ends[i])) continue;
          if (keep(row++)) sink.write(block.bytes.subarray(ends[i - 1] ?? 0, ends[i]));
        }
      }
    },
  };
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (text.charCodeAt(at) > 32) return false;
  return true;
}
