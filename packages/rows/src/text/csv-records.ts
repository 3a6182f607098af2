import { blockFrom, joinBlocks, type LineBlock, lineBlocks, type TextSource } from './line-blocks.js';

/** How the records of a CSV file are written. */
export interface Dialect {
  delimiter: string;
  /** Whether a field that begins with `"` is quoted, or `"` is a character as any other. */
  quotes: boolean;
  /** What stands before a quote in a quoted field: another quote, or a backslash, which then escapes all characters. */
  escape: '"' | '\\';
}

/** One record: a line, or more where line breaks are quoted. */
export interface CsvRecord {
  fields: string[];
  /** Its first line, counted from 0 in its block. */
  line: number;
  /** How many lines it takes. */
  lines: number;
  /** `unclosed`: a quote is opened and never closed; the record is that line alone. `stray`: text follows a closing quote. */
  flaw?: 'unclosed' | 'stray';
}

/** Records and the lines that they stand in. */
export interface RecordBlock {
  block: LineBlock;
  records: CsvRecord[];
}

/** A quoted field that is longer is taken for one whose closing quote is missing. */
const MAX_QUOTED = 1 << 24;

/** The records of a file, the header among them; empty lines are none. */
export async function* recordBlocks(
  source: TextSource,
  dialect: Dialect,
): AsyncGenerator<RecordBlock, void, undefined> {
  let open: LineBlock[] = [];
  let length = 0;
  let wanted = 0;
  for await (const next of lineBlocks(source)) {
    open.push(next);
    length += next.text.length;
    if (length < wanted) continue;
    const block = joinBlocks(open);
    const { records, end } = parseBlock(block, dialect, false);
    yield { block, records };
    // A record that is longer than its block is tried again when twice as much is there: the time stays linear.
    open = end < block.ends.length ? [blockFrom(block, end)] : [];
    length = open.length === 0 ? 0 : open[0].text.length;
    wanted = 2 * length;
  }
  if (open.length === 0) return;
  const block = joinBlocks(open);
  yield { block, records: parseBlock(block, dialect, true).records };
}

/**
 * The records in these lines.
 * @param atEnd whether no lines follow; else a record that is not complete is left over
 * @returns also the first line that is left over
 */
export function parseBlock(
  { text, ends }: LineBlock,
  dialect: Dialect,
  atEnd: boolean,
): { records: CsvRecord[]; end: number } {
  const records: CsvRecord[] = [];
  let line = 0;
  while (line < ends.length) {
    const record = parseRecord(text, ends, line, dialect);
    const start = ends[line - 1] ?? 0;
    if (record.flaw === 'unclosed' && !atEnd && text.length - start <= MAX_QUOTED) break;
    if (contentEnd(text, start, ends[line]) > start) records.push(record);
    line += record.lines;
  }
  return { records, end: line };
}

/** Where a line ends without its line break. */
function contentEnd(text: string, start: number, end: number): number {
  if (end > start && text.charCodeAt(end - 1) === 10) end--;
  if (end > start && text.charCodeAt(end - 1) === 13) end--;
  return end;
}

/** Reads a record as Python's csv module and pandas do, which refuse nothing: what follows a closing quote belongs to the field. */
function parseRecord(text: string, ends: number[], line: number, dialect: Dialect): CsvRecord {
  const { delimiter, quotes } = dialect;
  const start = ends[line - 1] ?? 0;
  let stop = contentEnd(text, start, ends[line]);
  const content = text.slice(start, stop);
  if (!quotes || !content.includes('"')) return { fields: content.split(delimiter), line, lines: 1 };
  const fields: string[] = [];
  let flaw: CsvRecord['flaw'];
  let last = line;
  for (let at = start; ; ) {
    let value = '';
    let end = at;
    if (at < stop && text.charCodeAt(at) === 34) {
      const quoted = parseQuoted(text, at + 1, dialect);
      if (quoted === undefined) return { fields: content.split(delimiter), line, lines: 1, flaw: 'unclosed' };
      value = quoted.value;
      end = quoted.end;
      while (end > ends[last]) last++;
      stop = contentEnd(text, ends[last - 1] ?? 0, ends[last]);
      if (end < stop && !text.startsWith(delimiter, end)) flaw = 'stray';
    }
    let next = text.indexOf(delimiter, end);
    if (next === -1 || next > stop) next = stop;
    fields.push(value + text.slice(end, next));
    if (next === stop) return { fields, line, lines: last - line + 1, flaw };
    at = next + delimiter.length;
  }
}

/** The value of a quoted field and where its closing quote ends; nothing when there is none. */
function parseQuoted(text: string, start: number, dialect: Dialect): { value: string; end: number } | undefined {
  let value = '';
  for (let at = start; ; ) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return undefined;
    if (dialect.escape === '\\') {
      const backslash = text.indexOf('\\', at);
      if (backslash !== -1 && backslash < quote) {
        value += text.slice(at, backslash) + text.slice(backslash + 1, backslash + 2);
        at = backslash + 2;
        continue;
      }
    } else if (text.charCodeAt(quote + 1) === 34) {
      value += text.slice(at, quote + 1);
      at = quote + 2;
      continue;
    }
    return { value: value + text.slice(at, quote), end: quote + 1 };
  }
}
