import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';

/** What parquet.thrift calls PageHeader, as far as it is checked, by field number. */
interface PageHeader {
  field_2?: number; // uncompressed_page_size
  field_3?: number; // compressed_page_size
  field_5?: { field_1?: number }; // data_page_header.num_values
  field_7?: { field_1?: number }; // dictionary_page_header.num_values
  field_8?: { field_1?: number; field_3?: number }; // data_page_header_v2.num_values, .num_rows
}

const HEADER_BYTES = 1 << 14;

/**
 * Follow the headers of all pages, so that a damaged one cannot send the reader back or round in circles.
 * @throws Error when the pages of a column do not fill it, or do not hold its values
 */
export async function requirePages(file: AsyncBuffer, { row_groups }: FileMetaData): Promise<void> {
  for (const { columns } of row_groups) {
    for (const { meta_data: column } of columns) {
      if (column === undefined) throw new Error('a column has no metadata');
      const start = Number(column.dictionary_page_offset ?? column.data_page_offset);
      const end = start + Number(column.total_compressed_size);
      let values = 0;
      let at = start;
      while (at < end) {
        const { header, length } = await readHeader(file, at, end);
        const {
          field_2: unpacked = -1,
          field_3: packed = -1,
          field_5: data,
          field_7: dictionary,
          field_8: v2,
        } = header;
        const count = (data ?? dictionary ?? v2)?.field_1 ?? -1;
        const rows = v2 ? (v2.field_3 ?? -1) : 0;
        const isWrong = packed < 0 || unpacked < 0 || count < 0 || rows < 0 || rows > count;
        if (isWrong || unpacked > column.total_uncompressed_size || count > column.num_values) {
          throw new Error(`the header of the page at byte ${at} is damaged`);
        }
        if (data ?? v2) values += count;
        at += length + packed;
      }
      if (at !== end || values !== Number(column.num_values)) throw new Error('the pages of a column do not fill it');
    }
  }
}

async function readHeader(file: AsyncBuffer, at: number, end: number): Promise<{ header: PageHeader; length: number }> {
  const parse = async (bytes: number): Promise<{ header: PageHeader; length: number }> => {
    const reader = { view: new DataView(await file.slice(at, Math.min(end, at + bytes))), offset: 0 };
    return { header: deserializeTCompactProtocol(reader), length: reader.offset };
  };
  try {
    return await parse(HEADER_BYTES);
  } catch {
    // Statistics of long texts can make a header longer than that.
    return parse(end - at);
  }
}
