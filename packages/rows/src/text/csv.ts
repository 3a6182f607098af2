import { CoresetError, type Sink } from '@coreset/core';
import type { KeepRow, Row, RowContents } from '../row.js';
import { setField } from '../values/numbers.js';
import { brokenRow } from './broken-row.js';
import { type CsvLayout, csvLayout } from './csv-layout.js';
import { type CsvRecord, type RecordBlock, recordBlocks } from './csv-records.js';
import { encodingError } from './encoding-error.js';
import { byteEnds, encodingOf, type LineBlock, type TextSource } from './line-blocks.js';
import { ownString } from './own-string.js';

/**
 * Records of fields with a header. The delimiter and the use of quotes are told from the content, once.
 * @param usual the delimiter that the file's name promises
 */
export function csvFile(source: TextSource, usual: string): RowContents {
  const { path, options } = source;
  let known: Promise<CsvLayout> | undefined;
  const layoutOf = (): Promise<CsvLayout> => (known ??= csvLayout(source, usual));
  let strayTold = false;

  /** The blocks without the records before the first row. */
  async function* rowBlocks(layout: CsvLayout): AsyncGenerator<RecordBlock & { head: CsvRecord[] }, void, undefined> {
    let head = layout.headRecords;
    for await (const { block, records } of recordBlocks(source, layout)) {
      const passed = Math.min(head, records.length);
      head -= passed;
      yield { block, head: records.slice(0, passed), records: passed === 0 ? records : records.slice(passed) };
    }
  }

  /** @throws CoresetError when the record is no row */
  function requireRow({ fields, line, lines, flaw }: CsvRecord, block: LineBlock, width: number): void {
    const first = block.firstLine + line;
    if (block.undecodable.size > 0)
      for (let at = line; at < line + lines; at++)
        if (block.undecodable.has(at)) throw encodingError(`${path}, line ${block.firstLine + at}`, block.charset);
    if (flaw === 'unclosed') throw new CoresetError(`${path}, line ${first}: a quote is opened and never closed`);
    if (fields.length !== width) {
      const count = `${fields.length} ${fields.length === 1 ? 'field' : 'fields'}`;
      throw new CoresetError(
        `${path}, line ${first}: ${count} where the header has ${width}; quote what holds the delimiter, or name another with --delimiter`,
      );
    }
    if (flaw === 'stray' && !strayTold) {
      strayTold = true;
      options.onNotice?.(`${path}, line ${first}: text after a closing quote is read as a part of the field`);
    }
  }

  return {
    fields: async (): Promise<string[]> => (await layoutOf()).header,
    async *batches(fields: string[]): AsyncGenerator<Row[], void, undefined> {
      const layout = await layoutOf();
      const { header } = layout;
      const columns = fields.map((field) => ({ field, at: columnOf(field, header, path) }));
      for await (const { block, records } of rowBlocks(layout)) {
        const rows: Row[] = [];
        for (const record of records) {
          try {
            requireRow(record, block, header.length);
            const row: Row = {};
            for (const { field, at } of columns)
              setField(row, field, at === -1 ? undefined : ownString(record.fields[at]));
            rows.push(row);
          } catch (error) {
            rows.push(brokenRow(error, options));
          }
        }
        yield rows;
      }
    },
    async alike(): Promise<string> {
      const { header, delimiter } = await layoutOf();
      return `header ${header.join(delimiter)}, ${await encodingOf(source)}`;
    },
    async writeKept(keep: KeepRow, sink: Sink, isContinued?: boolean): Promise<void> {
      let row = 0;
      for await (const { block, head, records } of rowBlocks(await layoutOf())) {
        const ends = byteEnds(block);
        const write = ({ line, lines }: CsvRecord): void =>
          sink.write(block.bytes.subarray(ends[line - 1] ?? 0, ends[line + lines - 1]));
        if (!isContinued) {
          sink.write(block.mark);
          head.forEach(write);
        }
        for (const record of records) if (keep(row++)) write(record);
      }
    },
  };
}

/** Where a field stands in the header; −1 when it is not there. */
function columnOf(field: string, header: string[], path: string): number {
  const at = header.indexOf(field);
  if (at !== header.lastIndexOf(field)) throw new CoresetError(`${path}: the header names the column '${field}' twice`);
  return at;
}
