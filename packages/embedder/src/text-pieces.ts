import type { Long, WorkerSettings } from './options.js';
import type { TextReadings } from './readings.js';
import type { TextTokenizer } from './text-tokenizer.js';

/** A text, or a part of a long one. */
export interface Piece {
  row: number;
  /** Its tokens, with those that the tokenizer adds. */
  ids: number[];
  /** Its own tokens. */
  tokens: number;
  /** Tokens at its beginning that are not in the vector, since they are of a prompt. */
  skipped: number;
}

/** What is set before each text. */
export interface Prompt {
  text: string;
  /** Tokens of it, those that the tokenizer sets before a text included, that are not in the vector. */
  skipped: number;
}

/**
 * Texts in tokens, long ones cut or in parts.
 * @param room tokens of a text that run at once, beside those that the tokenizer adds
 * @returns `empty`: the texts that have no token, and so no piece
 */
export function readTexts(
  texts: string[],
  tokenizer: TextTokenizer,
  room: number,
  long: Long,
  prompt: Prompt,
): { pieces: Piece[]; readings: TextReadings; empty: number[] } {
  const numbers = (): Int32Array => new Int32Array(texts.length);
  const readings = { tokens: numbers(), unknown: numbers(), lost: numbers() };
  const pieces: Piece[] = [];
  const empty: number[] = [];
  for (const [row, own] of texts.entries()) {
    const text = prompt.text + own;
    const { ids, lost } = long === 'mean' ? { ids: tokenizer.whole(text), lost: 0 } : tokenizer.head(text, room);
    readings.tokens[row] = ids.length;
    readings.unknown[row] = ids.reduce((sum, id) => sum + (id === tokenizer.unknownId ? 1 : 0), 0);
    readings.lost[row] = lost;
    if (ids.length + tokenizer.added === 0) {
      empty.push(row);
      continue;
    }
    for (let at = 0; at === 0 || at < ids.length; at += room) {
      const part = ids.slice(at, at + room);
      const enclosed = tokenizer.enclose(part);
      const skipped = at === 0 && prompt.skipped < enclosed.length ? prompt.skipped : 0;
      pieces.push({ row, ids: enclosed, tokens: part.length, skipped });
    }
  }
  return { pieces, readings, empty };
}

/** More tokens in one inference are slower, since what the layers pass on leaves the cache. */
const MOST_TOKENS = 1024;

/** Which pieces run together: neighbours by length, at most `batchSize`, of one length and not too long if so asked. */
export function batches(pieces: Piece[], { batchSize, sameLength }: WorkerSettings): Piece[][] {
  const byLength = pieces.map((_, i) => i).sort((a, b) => pieces[a].ids.length - pieces[b].ids.length || a - b);
  const isRoom = (batch: Piece[], { ids }: Piece): boolean =>
    batch.length < batchSize &&
    (!sameLength || (batch[0].ids.length === ids.length && (batch.length + 1) * ids.length <= MOST_TOKENS));
  const result: Piece[][] = [];
  for (const i of byLength) {
    const last = result.at(-1);
    if (last && isRoom(last, pieces[i])) last.push(pieces[i]);
    else result.push([pieces[i]]);
  }
  return result;
}
