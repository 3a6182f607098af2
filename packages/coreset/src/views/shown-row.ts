import type { ShownRow } from '@coreset/report';

/** Longer lists in a row are vectors. */
const LONGEST_LIST = 8;

/** What is shown of a row in memory. @param text what was embedded of it; default: its field `text`, else the row as JSON without long lists */
export function shownRow(row: unknown, index: number, text?: string): ShownRow {
  if (typeof row !== 'object' || row === null) return { row: index, text: text ?? String(row) };
  const { id, text: field } = row as Record<string, unknown>;
  const isId = typeof id === 'string' || typeof id === 'number';
  return { row: index, id: isId ? id : undefined, text: text ?? (typeof field === 'string' ? field : shortJson(row)) };
}

function shortJson(row: object): string | undefined {
  const short = (value: unknown): unknown => {
    if (typeof value === 'bigint') return String(value);
    const isList = Array.isArray(value) || ArrayBuffer.isView(value);
    return isList && (value as ArrayLike<unknown>).length > LONGEST_LIST ? undefined : value;
  };
  if (short(row) === undefined) return undefined;
  try {
    const text = JSON.stringify(row, (_, value) => short(value));
    return text === '{}' ? undefined : text;
  } catch {
    return undefined; // it holds itself
  }
}
