import { CoresetError } from '@coreset/core';
import { type CsvRecord, type Dialect, parseBlock } from './csv-records.js';
import { encodingError } from './encoding-error.js';
import { joinBlocks, type LineBlock, lineBlocks, type TextSource } from './line-blocks.js';

/** How a CSV file is read, told from its content. */
export interface CsvLayout extends Dialect {
  /** The columns; nameless ones are `''`. */
  header: string[];
  /** Records before the first row: the header, and Excel's `sep=;` line where there is one. */
  headRecords: number;
}

/** The delimiters that are recognised. */
const DELIMITERS = [',', '\t', ';', '|'];
/** So many characters are read to tell the delimiter, */
const DELIMITER_SAMPLE = 1 << 16;
/** and so many from the first quote on to tell how quotes are used. */
const QUOTE_SAMPLE = 1 << 22;
const NUMBER = /^[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?$/;

interface Sample {
  block: LineBlock;
  /** Whether the file ends with it. */
  whole: boolean;
}

/**
 * Tell how a CSV file is written.
 * @param usual the delimiter that the file's name promises
 * @throws CoresetError when there is no header, or the delimiter asked for cannot be one
 */
export async function csvLayout(source: TextSource, usual: string): Promise<CsvLayout> {
  const { path, options } = source;
  const asked = options.delimiter === undefined ? undefined : requireDelimiter(options.delimiter);
  const start = await sample(source, DELIMITER_SAMPLE);
  const firstLine = start?.block.text.slice(0, start.block.ends[0]) ?? '';
  const excel = /^sep=(.)[\r\n]*$/i.exec(firstLine)?.[1];
  const headRecords = excel === undefined ? 1 : 2;
  const delimiter = asked ?? excel ?? (start ? likelyDelimiter(start, usual) : usual);
  if (asked === undefined && excel === undefined && delimiter !== usual)
    options.onNotice?.(`${path}: the fields are separated by ${shown(delimiter)}, as its header shows`);

  const quotes = await likelyQuotes(source, delimiter);
  const dialect = { delimiter, ...quotes };
  const records = start ? sampleRecords(start, dialect) : [];
  const header = records[headRecords - 1];
  if (header === undefined)
    throw new CoresetError(`${path} is empty; a header line with the names of the columns is needed`);
  if (start?.block.undecodable.has(header.line))
    throw encodingError(`${path}, line ${header.line + 1}`, start.block.charset);
  if (header.flaw === 'unclosed')
    throw new CoresetError(`${path}, line ${header.line + 1}: a quote is opened in the header and never closed`);
  return { ...dialect, headRecords, header: completed(header.fields, records.slice(headRecords), source) };
}

function shown(delimiter: string): string {
  return delimiter === '\t' ? 'tabs' : `'${delimiter}'`;
}

function requireDelimiter(asked: string): string {
  const delimiter = asked === '\\t' ? '\t' : asked;
  if (delimiter === '' || /["\r\n]/.test(delimiter))
    throw new CoresetError(`--delimiter must be some characters other than quotes and line breaks, got '${asked}'`);
  return delimiter;
}

/** The lines from the first block on of which `begins` is true, about so many characters; nothing when there is none. */
async function sample(
  source: TextSource,
  characters: number,
  begins: (block: LineBlock) => boolean = () => true,
): Promise<Sample | undefined> {
  const blocks: LineBlock[] = [];
  let length = 0;
  for await (const block of lineBlocks(source)) {
    if (blocks.length === 0 && !begins(block)) continue;
    blocks.push(block);
    length += block.text.length;
    if (length >= characters) return { block: joinBlocks(blocks), whole: false };
  }
  return blocks.length === 0 ? undefined : { block: joinBlocks(blocks), whole: true };
}

function sampleRecords({ block, whole }: Sample, dialect: Dialect): CsvRecord[] {
  const { records } = parseBlock(block, dialect, whole);
  return records;
}

/** That by which most records have as many fields as the header; the one that the name promises where several do. */
function likelyDelimiter(start: Sample, usual: string): string {
  let best = { delimiter: usual, share: 0.5, width: 1 };
  for (const delimiter of [usual, ...DELIMITERS.filter((other) => other !== usual)]) {
    for (const quotes of [true, false]) {
      const [header, ...records] = sampleRecords(start, { delimiter, quotes, escape: '"' });
      const width = header?.fields.length ?? 0;
      if (width < 2) continue;
      const share = records.length === 0 ? 1 : Math.max(shareOf(records, width), shareOf(records, width + 1));
      const better = share > best.share || (share === best.share && best.delimiter !== usual && width > best.width);
      if (better || best.width < 2) best = share < 0.5 ? best : { delimiter, share, width };
    }
  }
  return best.delimiter;
}

function shareOf(records: CsvRecord[], width: number): number {
  return records.filter(({ fields }) => fields.length === width).length / records.length;
}

/** How quotes are used: as most of the records around the first quotes have as many fields as the header, and none is odd. */
async function likelyQuotes(source: TextSource, delimiter: string): Promise<Pick<Dialect, 'quotes' | 'escape'>> {
  const rfc = { quotes: true, escape: '"' } as const;
  const backslash = { quotes: true, escape: '\\' } as const;
  const plain = { quotes: false, escape: '"' } as const;
  const tabs = delimiter === '\t';
  const around = await (tabs
    ? sample(source, QUOTE_SAMPLE, ({ text }) => text.includes('"'))
    : sample(source, QUOTE_SAMPLE));
  if (around === undefined) return rfc;
  const hasBackslash = around.block.text.includes('\\"');
  if (!tabs && !hasBackslash) return rfc;
  const odd = (use: Pick<Dialect, 'quotes' | 'escape'>): number => oddRecords(around, { delimiter, ...use });

  const [oddRfc, oddBackslash] = [odd(rfc), hasBackslash ? odd(backslash) : Infinity];
  if (tabs) {
    const oddPlain = odd(plain);
    const quoted = Math.min(oddRfc, oddBackslash);
    if (oddPlain < quoted || (oddPlain === quoted && !quotesLikeAWriter(around.block))) {
      if (/(^|[\t\r\n])"/.test(around.block.text))
        source.options.onNotice?.(
          `${source.path}: quotes are read as characters, since the fields are not consistently quoted`,
        );
      return plain;
    }
  }
  if (oddBackslash >= oddRfc) return rfc;
  source.options.onNotice?.(`${source.path}: \\" is read as a quote in quoted fields`);
  return backslash;
}

/** How many records do not fit: not as wide as most, or with a quote that is out of place. */
function oddRecords(around: Sample, dialect: Dialect): number {
  const records = sampleRecords(around, dialect);
  const widths = new Map<number, number>();
  for (const { fields } of records) widths.set(fields.length, (widths.get(fields.length) ?? 0) + 1);
  const usual = [...widths].reduce((most, next) => (next[1] > most[1] ? next : most), [0, 0])[0];
  return records.filter(({ fields, flaw }) => fields.length !== usual || flaw !== undefined).length;
}

/**
 * Whether quotes in a TSV file that reads without contradiction with and without quoting are those of a program that
 * quotes: pandas, Python and R quote all texts of a column, the header's too, or only what needs it.
 */
function quotesLikeAWriter({ text }: LineBlock): boolean {
  const lines = text.split(/\r\n|[\r\n]/).filter((line) => line !== '');
  const table = lines.map((line) => line.split('\t'));
  const quoted = (field: string): boolean => field.length > 1 && field.startsWith('"') && field.endsWith('"');
  if (table[0].length > 1 && table.flat().some((field) => field.startsWith('"') && !quoted(field))) return false;
  if (table[0].every(quoted)) return true;
  const columns = table[0].map((_, column) => table.slice(1).map((fields) => fields[column] ?? ''));
  const texts = columns.map((values) => values.filter((value) => value !== '' && !NUMBER.test(value)));
  if (texts.some((values) => values.length > 1 && values.every(quoted))) return true;
  const needing = table.flat().filter((field) => field.startsWith('"'));
  return (
    needing.length > 0 && needing.every((field) => field === '""' || field.slice(1).includes('""') || !quoted(field))
  );
}

/** The header, with a name for the column that R and pandas write without one: the row names, or an empty last column. */
function completed(header: string[], rows: CsvRecord[], { path, options }: TextSource): string[] {
  if (rows.length === 0 || rows.some(({ fields }) => fields.length !== header.length + 1)) return header;
  if (rows.every(({ fields }) => fields[fields.length - 1] === '')) return [...header, ''];
  options.onNotice?.(`${path}: the first column has no name in the header; it is taken for the names of the rows`);
  return ['', ...header];
}
