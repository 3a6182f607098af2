import { type RunOptions, randomOrder, seededRandom, type Vectors } from '@coreset/core';
import { coverageCurves } from '@coreset/metrics';
import type { ReportCoverage } from './report-data.js';

/** Not the picks of the method random with the same seed. */
const OF_BASELINE = 0x2d91c7;

/** The coverage of picks, by rows of the vectors, and that of as many rows at random. */
export async function coverageBesideRandom(
  vectors: Vectors,
  picks: Int32Array,
  { seed = 0, signal }: { seed?: number } & Pick<RunOptions, 'signal'> = {},
): Promise<ReportCoverage> {
  const random = randomOrder(vectors.rows, seededRandom(seed, OF_BASELINE), picks.length);
  const { budgets, distances } = await coverageCurves(vectors, [picks, random], { seed, signal });
  return { budgets, kept: distances[0], random: distances[1] };
}
