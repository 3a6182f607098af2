import { randomOrder, seededRandom } from '@coreset/core';
import type { DropReason } from '../stages/result-files.js';
import type { ViewSource } from './source.js';

/** Dropped rows to look at, drawn at random, each row of a reason with the same chance; the reasons take turns. */
export function chooseDropped(
  source: Pick<ViewSource, 'reasons' | 'dropped'>,
  count: number,
  { reason, seed = 0 }: { reason?: DropReason; seed?: number },
): number[] {
  const asked = reason === undefined ? source.reasons.map((one) => one.reason) : [reason];
  const drawn = asked.map((one) => {
    const rows = source.dropped(one);
    return Array.from(randomOrder(rows.length, seededRandom(seed), Math.min(count, rows.length)), (i) => rows[i]);
  });
  const chosen: number[][] = asked.map(() => []);
  let left = count;
  for (let turn = 0; left > 0 && drawn.some((rows) => rows.length > turn); turn++) {
    drawn.forEach((rows, i) => {
      if (turn >= rows.length || left === 0) return;
      chosen[i].push(rows[turn]);
      left--;
    });
  }
  return chosen.flat();
}
