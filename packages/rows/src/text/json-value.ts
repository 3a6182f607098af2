import { randomUUID } from 'node:crypto';

/** Stands before what JSON.parse would not read as it is. */
const MARK = randomUUID();
const NUMBER_OR_WORD = /-?\d[\d.eE+-]*|-?[A-Za-z]+/y;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;
/** Fewer digits always fit into a JavaScript number. */
const SAFE_DIGITS = 15;
const WORDS: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/**
 * Parse JSON without a loss: integers that JavaScript's numbers cannot hold come as bigint. `NaN`, `Infinity` and
 * `-Infinity`, which Python's json module writes, are these numbers.
 * @throws SyntaxError when it is broken
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (text.charCodeAt(0) === 0xfeff) return parseJson(text.slice(1));
    if (!text.includes('NaN') && !text.includes('Infinity')) throw error;
    return parseMarked(text);
  }
  return mayHaveLostDigits(value, text) ? parseMarked(text) : value;
}

/** Whether a value parsed from this text may hold an integer that was rounded. */
export function mayHaveLostDigits(value: unknown, text: string): boolean {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) && !Number.isSafeInteger(value);
    case 'object':
      return value !== null && /\d{16}/.test(text);
    default:
      return false;
  }
}

function parseMarked(text: string): unknown {
  return JSON.parse(markLiterals(text), (_, value) =>
    typeof value === 'string' && value.startsWith(MARK) ? literal(value.slice(MARK.length)) : value,
  );
}

function literal(token: string): number | bigint {
  const number = WORDS[token] ?? Number(token);
  return INTEGER.test(token) && !Number.isSafeInteger(number) ? BigInt(token) : number;
}

/** The text with each literal that JSON.parse would not read as it is in a string behind {@link MARK}. */
function markLiterals(text: string): string {
  let marked = '';
  let copied = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      at = stringEnd(text, at);
      continue;
    }
    NUMBER_OR_WORD.lastIndex = at;
    const token = NUMBER_OR_WORD.exec(text)?.[0];
    if (token === undefined) {
      at++;
      continue;
    }
    const end = at + token.length;
    const marks = Object.hasOwn(WORDS, token) || (token.length > SAFE_DIGITS && INTEGER.test(token));
    // As a name it stays, and is refused.
    if (marks && !/^\s*:/.test(text.slice(end, end + 64))) {
      marked += `${text.slice(copied, at)}"${MARK}${token}"`;
      copied = end;
    }
    at = end;
  }
  return marked + text.slice(copied);
}

/** Where a string ends whose opening quote is here, the closing quote included. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 92) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}
