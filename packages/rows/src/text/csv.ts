import { Readable } from 'node:stream';
import { CoresetError, type Sink } from '@coreset/core';
import { CsvError, parse } from 'csv-parse';
import type { Compression } from '../format.js';
import type { KeepRow, Row, RowContents } from '../row.js';
import { readBytes, requireUtf8 } from './byte-stream.js';

interface CsvRecord {
  record: string[];
  /** The record as it stands in the file, without its line break. */
  raw: string;
}

/** Records of the file, the header first. */
async function* records(
  path: string,
  compression: Compression,
  delimiter: string,
): AsyncGenerator<CsvRecord, void, undefined> {
  const source = Readable.from(requireUtf8(readBytes(path, compression), path), { objectMode: false });
  const parser = parse({ delimiter, bom: true, raw: true, columns: false, skipEmptyLines: true });
  source.on('error', (error) => parser.destroy(error));
  try {
    for await (const item of source.pipe(parser)) {
      const { record, raw } = item as CsvRecord;
      yield { record, raw: raw.replace(/[\r\n]+$/, '') };
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw new CoresetError(`${path}: ${error.message}; every record needs as many fields as the header`);
    throw error;
  } finally {
    source.destroy();
  }
}

function requireDistinct(header: string[], path: string): void {
  const repeated = header.find((name, i) => header.indexOf(name) !== i);
  if (repeated !== undefined) throw new CoresetError(`${path}: the header names the column '${repeated}' twice`);
}

async function* rawRows(
  path: string,
  compression: Compression,
  delimiter: string,
): AsyncGenerator<{ header: string[]; line: CsvRecord }> {
  let header: string[] | undefined;
  for await (const line of records(path, compression, delimiter)) {
    if (header === undefined) {
      header = line.record;
      requireDistinct(header, path);
    } else yield { header, line };
  }
}

export function csvFile(path: string, compression: Compression, delimiter: string): RowContents {
  return {
    async fields(): Promise<string[]> {
      for await (const { record } of records(path, compression, delimiter)) {
        requireDistinct(record, path);
        return record;
      }
      throw new CoresetError(`${path} is empty; a header line with the names of the columns is needed`);
    },
    async *batches(fields: string[]): AsyncGenerator<Row[], void, undefined> {
      for await (const { header, line } of rawRows(path, compression, delimiter)) {
        const row: Row = {};
        for (const field of fields) row[field] = line.record[header.indexOf(field)];
        yield [row];
      }
    },
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      let record = -1; // the header
      for await (const { raw } of records(path, compression, delimiter)) {
        if (record === -1 || keep(record)) sink.write(`${raw}\n`);
        record++;
      }
    },
  };
}
