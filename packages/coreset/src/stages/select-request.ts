import { CoresetError, pickOptions, rowMask } from '@coreset/core';
import { REASON_OPTIONS } from '@coreset/selector';
import { defaultDifficultyWeight } from '../defaults.js';
import { budgetOf, budgetOfCosts, type CheckedRun } from '../run/checked-run.js';
import type { PruneOptions } from '../run-options.js';
import { selectSettings } from '../select-settings.js';
import { type EmbeddedInput, embeddingRows } from './embedded-input.js';
import { keptBefore } from './known-vectors.js';
import { againstReasons, type EmbeddedOthers, type NearestRows, tooNear } from './other-stages.js';
import { READING_NUMBERS, rowsWithTokens } from './readings.js';
import type { LeftOut } from './result-files.js';
import type { SelectRequest } from './stages.js';

/** The inputs beside the corpus, and how near its rows are to those of `against`. */
export interface SelectedBeside extends EmbeddedOthers {
  nearest?: NearestRows;
}

/**
 * What a run selects from the rows that have a vector.
 * @throws CoresetError when nothing would be left to select, or rows are to be kept and left out
 */
export async function selectRequest(
  checked: CheckedRun,
  input: EmbeddedInput,
  options: PruneOptions,
  beside: SelectedBeside = {},
): Promise<SelectRequest> {
  const { method, labels, steering } = checked;
  const { vectors, inputRows } = input;
  const leftOut = await rowsLeftOut(checked, input, options, beside);
  const exclude = leftOut && Int32Array.from(inputRows.keys()).filter((row) => leftOut.has(inputRows[row]));
  if (leftOut && exclude?.length === vectors.rows)
    throw new CoresetError(`${input.file.path}: nothing is left to select: ${whyLeftOut(leftOut, options)}`);
  const costs = costsOf(checked, input);
  const budget = budgetWithout(leftOut, exclude, costs, input, options);
  const { preference, groups, balance, groupMinimum } = steering;
  return {
    method,
    budget,
    labels: labels && Int32Array.from(inputRows, (row) => labels[row]),
    seed: options.seed,
    settings: {
      ...selectSettings({
        ...options,
        difficultyWeight: options.difficultyWeight ?? defaultDifficultyWeight(options),
      }),
      balance,
      groupMinimum,
    },
    reasons: pickOptions(options, REASON_OPTIONS),
    exclude,
    leftOut,
    include: includedRows(checked, input, exclude, costs === undefined ? budget : undefined, options),
    preference: preference && Float64Array.from(inputRows, (row) => preference[row]),
    groups: groups && Int32Array.from(inputRows, (row) => groups[row]),
    costs,
    target: beside.toward,
    away: beside.away,
  };
}

/** Rows of the input that take no part in the selection, and what is to be said of each. */
async function rowsLeftOut(
  { steering }: CheckedRun,
  input: EmbeddedInput,
  { againstSimilarity }: PruneOptions,
  { against, nearest }: SelectedBeside,
): Promise<Map<number, LeftOut> | undefined> {
  const { exclude, include } = steering;
  if (exclude === undefined && nearest === undefined) return undefined;
  const leftOut = new Map<number, LeftOut>();
  if (nearest && against)
    for (const [row, why] of await againstReasons(tooNear(nearest, againstSimilarity), nearest, input, against))
      leftOut.set(row, why);
  const kept = include?.find((row) => leftOut.has(row));
  if (kept !== undefined)
    throw new CoresetError(
      `${input.file.place(kept)} is named by --include and too near to a row of --against; leave it out of one of them`,
    );
  for (const row of exclude ?? []) leftOut.set(row, { reason: 'excluded' });
  return leftOut;
}

/** How many rows are left out, for each reason. */
function whyLeftOut(leftOut: ReadonlyMap<number, LeftOut>, { against }: PruneOptions): string {
  const named = [...leftOut.values()].filter(({ reason }) => reason === 'excluded').length;
  const near = leftOut.size - named;
  return [
    ...(named > 0 ? [`${named} named by --exclude`] : []),
    ...(near > 0 ? [`${near} too near to one of --against ${against}`] : []),
  ].join(', ');
}

/** What each row of the embeddings costs; undefined where rows are counted. */
function costsOf(
  { steering: { costs } }: CheckedRun,
  { inputRows, readings }: EmbeddedInput,
): Float64Array | undefined {
  if (costs !== 'tokens') return costs && Float64Array.from(inputRows, (row) => costs[row]);
  if (readings === undefined) throw new CoresetError('--cost tokens needs texts that a model reads');
  return Float64Array.from(rowsWithTokens(readings), (row) =>
    Math.max(1, readings[row * READING_NUMBERS] + readings[row * READING_NUMBERS + 2]),
  );
}

/** The budget of the rows that are left. @throws CoresetError when they are fewer than asked for */
function budgetWithout(
  leftOut: ReadonlyMap<number, LeftOut> | undefined,
  exclude: Int32Array | undefined,
  costs: Float64Array | undefined,
  { rows, vectors }: EmbeddedInput,
  options: PruneOptions,
): number {
  const { keep, onBadRow, cost = 'cost' } = options;
  try {
    if (costs === undefined)
      return budgetOf(keep, rows - (leftOut?.size ?? 0), vectors.rows - (exclude?.length ?? 0), onBadRow);
    return budgetOfCosts(keep, costs, exclude, cost);
  } catch (error) {
    if (leftOut === undefined || !CoresetError.isInstance(error)) throw error;
    throw new CoresetError(`without the rows that are left out (${whyLeftOut(leftOut, options)}), ${error.message}`);
  }
}

/**
 * What is to be kept in any case, and what an earlier run kept and is not left out.
 * @param budget of rows
 * @throws CoresetError when it is more than is asked for
 */
function includedRows(
  { base, steering }: CheckedRun,
  input: EmbeddedInput,
  exclude: Int32Array | undefined,
  budget: number | undefined,
  { base: basePath, keep }: PruneOptions,
): Int32Array | undefined {
  if (base === undefined && steering.include === undefined) return undefined;
  const isOut = rowMask(input.vectors.rows, exclude ?? []);
  const before = base ? Array.from(keptBefore(base, input).rows).filter((row) => !isOut[row]) : [];
  const rowOf = embeddingRows(input);
  const named = Array.from(steering.include ?? [], (row) => {
    const number = rowOf[row];
    if (number < 0) throw new CoresetError(`--include: ${input.file.place(row)} has nothing that the model can read`);
    return number;
  });
  const all = Int32Array.from(new Set([...before, ...named]));
  if (budget !== undefined && all.length > budget) {
    const whose = [
      ...(before.length > 0 ? [`--base ${basePath} kept ${before.length} rows that are still there`] : []),
      ...(named.length > 0 ? [`--include names ${named.length} rows`] : []),
    ];
    throw new CoresetError(`${whose.join(' and ')}, and --keep '${keep}' asks for ${budget} in all; keep more`);
  }
  return all;
}

/** What people should know of the rows that an earlier run kept, if anything. */
export function baseNotice({ base }: CheckedRun, input: EmbeddedInput): string | undefined {
  if (base === undefined) return undefined;
  const { gone } = keptBefore(base, input);
  if (gone === 0) return undefined;
  return `${gone} of the ${base.picks.length} rows that ${base.path} kept ${gone === 1 ? 'is' : 'are'} not in ${input.file.path} any more`;
}
