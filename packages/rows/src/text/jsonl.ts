import { CoresetError, type Sink } from '@coreset/core';
import type { Compression } from '../format.js';
import type { KeepRow, Row, RowContents } from '../row.js';
import { decodeLine, type Line, readLines } from './byte-stream.js';

/** Lines that hold a row; lines of white space alone are passed over. */
async function* rowLines(path: string, compression: Compression): AsyncGenerator<Line, void, undefined> {
  for await (const line of readLines(path, compression)) {
    if (line.bytes.some((byte) => byte > 32)) yield line;
  }
}

function parseLine(line: Line, path: string): Row {
  const text = decodeLine(line, path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CoresetError(`${path}, line ${line.number}: broken JSON (${(error as Error).message.slice(0, 120)})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const kind = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
    throw new CoresetError(
      `${path}, line ${line.number}: ${kind}, not an object; each line must be {"field": value, …}`,
    );
  }
  return value as Row;
}

export function jsonlFile(path: string, compression: Compression): RowContents {
  async function* wholeBatches(): AsyncGenerator<Row[], void, undefined> {
    for await (const line of rowLines(path, compression)) yield [parseLine(line, path)];
  }
  return {
    async fields(): Promise<string[]> {
      for await (const line of rowLines(path, compression)) return Object.keys(parseLine(line, path));
      return [];
    },
    batches: wholeBatches,
    wholeBatches,
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      let row = 0;
      for await (const line of rowLines(path, compression)) if (keep(row++)) sink.write(line.bytes);
    },
  };
}
