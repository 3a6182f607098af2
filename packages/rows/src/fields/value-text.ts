/** The text of a row, or a clause that says why there is none, such as "field 'text' is null". */
export type TextFinding = { text: string; problem?: undefined } | { text?: undefined; problem: string };

/** What a value is, where it is not what was expected. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (ArrayBuffer.isView(value)) return 'bytes that are not UTF-8';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'bigint') return 'a number';
  return typeof value === 'string' ? 'empty' : `a ${typeof value}`;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A text, or bytes that are UTF-8; undefined for anything else. */
export function stringOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!(value instanceof Uint8Array)) return undefined;
  try {
    return decoder.decode(value);
  } catch {
    return undefined;
  }
}

/** Whether a text has more than white space. */
export function isFilled(text: string | undefined): text is string {
  return text !== undefined && /\S/.test(text);
}

/** The text of a field that is embedded alone: texts only, several with line breaks between them. */
export function strictText(values: unknown[], field: string): TextFinding {
  const bad = (value: unknown): TextFinding => ({ problem: `field '${field}' is ${describeValue(value)}` });
  if (values.length === 0) return bad(undefined);
  const texts: string[] = [];
  for (const value of values) {
    const text = stringOf(value);
    if (text === undefined && value !== null) return bad(value);
    if (isFilled(text)) texts.push(text);
  }
  return texts.length > 0 ? { text: texts.join('\n') } : bad(values[0]);
}

/** The text of a field that is put together with others: numbers and booleans count as text, and it may be empty. */
export function looseText(values: unknown[], field: string): TextFinding {
  const texts: string[] = [];
  for (const value of values) {
    if (value === null) continue;
    const isPlain = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
    const text = isPlain ? String(value) : stringOf(value);
    if (text === undefined) return { problem: `field '${field}' is ${describeValue(value)}` };
    if (isFilled(text)) texts.push(text);
  }
  return { text: texts.join('\n') };
}
