import { createMatrix, rowOf } from '@coreset/core';
import type { Embedded } from '../embedding-tasks.js';
import type { Missing } from '../no-vector.js';
import type { VectorCache } from './vector-cache.js';
import type { ItemKey } from './vector-key.js';

/** Why an item has no vector, by the number that a cache keeps, counted from 1; what is told of a file is not kept. */
const MISSING: Missing[] = ['no tokens', 'not finite', 'zeros'];

/**
 * Items as vectors: those that a cache has from there, the others from the model, and then into the cache.
 * @param keys of the items; undefined of those that are not to be looked for
 */
export async function embedCached(
  cache: VectorCache,
  items: string[],
  keys: (ItemKey | undefined)[],
  embed: (items: string[]) => Promise<Embedded>,
): Promise<Embedded> {
  const rows = items.length;
  const numbers = (): Int32Array => new Int32Array(rows);
  const readings = { tokens: numbers(), unknown: numbers(), lost: numbers() };
  const missing = new Map<number, Missing>();
  const isFound = new Uint8Array(rows);
  let all = createMatrix(0, 0);
  cache.read(
    keys.map((one) => one?.key),
    (row, { vector, tokens, unknown, lost, missing: why }) => {
      if (all.rows === 0) all = createMatrix(rows, vector.length);
      rowOf(all, row).set(vector);
      readings.tokens[row] = tokens;
      readings.unknown[row] = unknown;
      readings.lost[row] = lost;
      if (why > 0) missing.set(row, MISSING[why - 1]);
      isFound[row] = 1;
    },
  );
  const left = Array.from(items.keys()).filter((row) => !isFound[row]);
  if (left.length === 0) return { ...all, readings, missing };
  const made = await embed(left.map((row) => items[row]));
  if (all.rows === 0) all = createMatrix(rows, made.cols);
  for (const [i, row] of left.entries()) {
    rowOf(all, row).set(rowOf(made, i));
    for (const name of ['tokens', 'unknown', 'lost'] as const) readings[name][row] = made.readings[name][i];
    const why = made.missing.get(i);
    if (why !== undefined) missing.set(row, why);
    const code = why === undefined ? 0 : MISSING.indexOf(why) + 1;
    const item = keys[row];
    const isKept = why === undefined || code > 0;
    if (item === undefined || !isKept || !(await item.isSame())) continue;
    const [tokens, unknown, lost] = [readings.tokens[row], readings.unknown[row], readings.lost[row]];
    cache.add({ key: item.key, vector: rowOf(all, row), tokens, unknown, lost, missing: code });
  }
  return { ...all, readings, missing };
}
