import { range } from '@coreset/core';
import { difficultyHistogram } from '@coreset/metrics';
import type { DifficultyBins } from '@coreset/report';
import type { ViewSource } from './source.js';

const BINS = 40;

/** How many rows are of each difficulty, and how many of those kept; rows without one do not count. */
export function binsOf({ difficulty, isKept }: Pick<ViewSource, 'difficulty' | 'isKept'>): DifficultyBins {
  const rows = range(0, difficulty.length).filter((row) => !Number.isNaN(difficulty[row]));
  const scores = Float64Array.from(rows, (row) => difficulty[row]);
  const kept = range(0, rows.length).filter((place) => isKept(rows[place]));
  return difficultyHistogram(scores, kept, BINS);
}
