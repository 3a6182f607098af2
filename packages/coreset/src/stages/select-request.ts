import { pickOptions } from '@coreset/core';
import { REASON_OPTIONS } from '@coreset/selector';
import { defaultDifficultyWeight } from '../defaults.js';
import { budgetOf, type CheckedRun } from '../run/checked-run.js';
import type { PruneOptions } from '../run-options.js';
import type { EmbeddedInput } from './embedded-input.js';
import { type SelectRequest, selectSettings } from './stages.js';

/**
 * What a run selects from the rows that have a vector.
 * @throws CoresetError when nothing would be left to select
 */
export function selectRequest(
  { method, labels }: CheckedRun,
  { rows, vectors, inputRows }: EmbeddedInput,
  options: PruneOptions,
): SelectRequest {
  return {
    method,
    budget: budgetOf(options.keep, rows, vectors.rows, options.onBadRow),
    labels: labels && Int32Array.from(inputRows, (row) => labels[row]),
    seed: options.seed,
    settings: selectSettings({
      ...options,
      difficultyWeight: options.difficultyWeight ?? defaultDifficultyWeight(options),
    }),
    reasons: pickOptions(options, REASON_OPTIONS),
  };
}
