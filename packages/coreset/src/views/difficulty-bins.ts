import type { DifficultyBins } from '@coreset/report';

const BINS = 40;

/** How many rows are of each difficulty, and how many of those kept. @param difficulty per row from 0 to 1, NaN where it has none */
export function binsOf(difficulty: ArrayLike<number>, isKept: (row: number) => boolean): DifficultyBins {
  const all = new Uint32Array(BINS);
  const kept = new Uint32Array(BINS);
  for (let row = 0; row < difficulty.length; row++) {
    if (Number.isNaN(difficulty[row])) continue;
    const bin = Math.min(BINS - 1, Math.floor(difficulty[row] * BINS));
    all[bin]++;
    if (isKept(row)) kept[bin]++;
  }
  return { all, kept };
}
