import { CoresetError, pickOptions, rowMask } from '@coreset/core';
import { REASON_OPTIONS } from '@coreset/selector';
import { defaultDifficultyWeight } from '../defaults.js';
import { budgetOf, type CheckedRun } from '../run/checked-run.js';
import type { PruneOptions } from '../run-options.js';
import type { EmbeddedInput } from './embedded-input.js';
import { keptBefore } from './known-vectors.js';
import { againstReasons, type EmbeddedOthers, type NearestRows, tooNear } from './other-stages.js';
import { type SelectRequest, selectSettings } from './stages.js';

/** The inputs beside the corpus, and how near its rows are to those of `against`. */
export interface SelectedBeside extends EmbeddedOthers {
  nearest?: NearestRows;
}

/**
 * What a run selects from the rows that have a vector.
 * @throws CoresetError when nothing would be left to select
 */
export async function selectRequest(
  { method, labels, base }: CheckedRun,
  input: EmbeddedInput,
  options: PruneOptions,
  { against, nearest, toward, away }: SelectedBeside = {},
): Promise<SelectRequest> {
  const { vectors, inputRows } = input;
  const exclude = nearest && tooNear(nearest, options.againstSimilarity);
  const out = exclude?.length ?? 0;
  if (out === vectors.rows)
    throw new CoresetError(
      `all ${out} rows of ${input.file.path} are too near to rows of --against ${options.against}: nothing is left to select`,
    );
  const budget = budgetWithout(out, input, options);
  return {
    method,
    budget,
    labels: labels && Int32Array.from(inputRows, (row) => labels[row]),
    seed: options.seed,
    settings: selectSettings({
      ...options,
      difficultyWeight: options.difficultyWeight ?? defaultDifficultyWeight(options),
    }),
    reasons: pickOptions(options, REASON_OPTIONS),
    exclude,
    leftOut: exclude && nearest && against && (await againstReasons(exclude, nearest, input, against)),
    include: base && includedRows(keptBefore(base, input).rows, exclude, budget, vectors.rows, options),
    target: toward,
    away,
  };
}

/** The budget of the rows that are left. @throws CoresetError when they are fewer than asked for */
function budgetWithout(
  out: number,
  { rows, vectors }: EmbeddedInput,
  { keep, onBadRow, against }: PruneOptions,
): number {
  try {
    return budgetOf(keep, rows - out, vectors.rows - out, onBadRow);
  } catch (error) {
    if (out === 0 || !CoresetError.isInstance(error)) throw error;
    throw new CoresetError(
      `without the ${out} rows that are too near to one of --against ${against}, ${error.message}`,
    );
  }
}

/** What an earlier run kept and is not too near to a row of `against`. @throws CoresetError when it is more than is asked for */
function includedRows(
  kept: Int32Array,
  exclude: Int32Array | undefined,
  budget: number,
  rows: number,
  { base, keep }: PruneOptions,
): Int32Array {
  const isOut = rowMask(rows, exclude ?? []);
  const left = kept.filter((row) => !isOut[row]);
  if (left.length > budget)
    throw new CoresetError(
      `--base ${base} kept ${left.length} rows that are still there, and --keep '${keep}' asks for ${budget} in all; keep more`,
    );
  return left;
}

/** What people should know of the rows that an earlier run kept, if anything. */
export function baseNotice({ base }: CheckedRun, input: EmbeddedInput): string | undefined {
  if (base === undefined) return undefined;
  const { gone } = keptBefore(base, input);
  if (gone === 0) return undefined;
  return `${gone} of the ${base.picks.length} rows that ${base.path} kept ${gone === 1 ? 'is' : 'are'} not in ${input.file.path} any more`;
}
