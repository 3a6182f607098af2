import { seededRandom } from '@coreset/core';
import { expect } from 'vitest';
import type { Picker } from '../dist/picker.js';

/** A selector told as a plain program: what each row is worth to it now, and what follows when a row is kept. */
export interface PlainPicker {
  worth(row: number): number;
  take(row: number): void;
}

/**
 * Pick all rows: the best one as a rule, now and then another, and some are passed over. Each time a picker has to name a row that
 * is worth most to the plain one, and in the end what each row that is kept was worth, and each that is left is.
 */
export async function expectSamePicks(picker: Picker, plain: PlainPicker, rows: number, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const left = Array.from({ length: rows }, (_, row) => row);
  const scores = new Array<number>(rows);
  const stop = random.below(rows + 1);
  while (left.length > stop) {
    const best = await picker.best();
    expect(left).toContain(best);
    expect(await picker.best()).toBe(best);
    expect(plain.worth(best)).toBeGreaterThan(Math.max(...left.map((row) => plain.worth(row))) - 1e-5);
    const choice = random.uniform();
    const row = choice < 0.7 ? best : left[random.below(left.length)];
    left.splice(left.indexOf(row), 1);
    if (choice < 0.9) {
      scores[row] = plain.worth(row);
      await picker.take(row);
      plain.take(row);
    } else picker.pass(row);
  }
  if (left.length === 0) expect(await picker.best()).toBe(-1);
  for (const row of left) scores[row] = plain.worth(row);
  picker.scores().forEach((score, row) => {
    if (scores[row] !== undefined) expect(Math.abs(score - scores[row])).toBeLessThan(1e-4);
  });
}

/** All rows in the order in which a picker would keep them. */
export async function orderOf(picker: Picker): Promise<number[]> {
  const order: number[] = [];
  for (let row = await picker.best(); row >= 0; row = await picker.best()) {
    order.push(row);
    await picker.take(row);
  }
  return order;
}
