import { CoresetError, pickOptions, type RunOptions, requireInteger, requireSeed, threadsOf } from '@coreset/core';
import {
  type Keep,
  METHODS,
  type MethodName,
  methodOf,
  type Need,
  parseKeep,
  type ReasonOptions,
  requireNearDuplicate,
  type SelectorInput,
  select,
} from '@coreset/selector';
import { chooseMethod, METHOD_CHOICE } from '../defaults.js';
import type { OnBadRow } from '../input/corpus-options.js';
import { readLabels } from '../input/labels.js';
import { openInput, type RunInput } from '../input/open-input.js';
import { externalScores } from '../input/scores.js';
import { checkOutput } from '../output/destination.js';
import type { PruneOptions } from '../run-options.js';
import { type SelectSettings, selectSettings } from '../stages/stages.js';

/** A run whose input and options were found in order. */
export interface CheckedRun extends ExternalValues {
  method: MethodName;
  input: RunInput;
  /** Rows to keep. */
  budget: number;
}

/**
 * Look at the options that mean something without an input.
 * @returns the method that they choose
 * @throws CoresetError when one is wrong
 */
export async function checkOptions(options: PruneOptions): Promise<MethodName> {
  parseKeep(options.keep, Number.MAX_SAFE_INTEGER);
  const method = chooseMethod(pickOptions(options, METHOD_CHOICE));
  requireUsed(method, options);
  requireNumbers(options);
  if (options.scores !== undefined && options.prototypes !== undefined)
    throw new CoresetError(
      '--prototypes means nothing beside --scores, which stand in place of the distance to prototypes',
    );
  await trySettings(method, selectSettings(options), options.labels);
  checkOutput(options);
  return method;
}

/**
 * Read all that a run is told, so that whatever is wrong is said before hours of work.
 * @param paths files, folders and patterns of this machine
 * @throws CoresetError when the input is wrong, or an option does not go with it
 */
export async function checkRun(paths: string[], method: MethodName, options: PruneOptions): Promise<CheckedRun> {
  const input = await openInput(paths, options);
  const budget = budgetOf(options.keep, input.rows, input.vectorCount, options.onBadRow);
  return { method, input, budget, ...(await readExternal(input, options)) };
}

/**
 * How many rows are selected. Of rows that have nothing to embed and are kept all the same, each takes a place of the budget.
 * @param rows of the input
 * @param vectors rows that have a vector
 * @throws CoresetError when nothing would be left to select
 */
export function budgetOf(keep: Keep, rows: number, vectors: number, onBadRow: OnBadRow | undefined): number {
  if (onBadRow !== 'keep') return parseKeep(keep, Math.max(1, vectors));
  const budget = parseKeep(keep, rows);
  const bad = rows - vectors;
  if (budget <= bad)
    throw new CoresetError(
      `--on-bad-row keep keeps ${bad} rows that have nothing to embed, and --keep '${keep}' asks for ${budget} in all: nothing is left to select; keep more, or choose --on-bad-row skip`,
    );
  return budget - bad;
}

/** Values of each row of an input that come from its fields or from files. */
export interface ExternalValues {
  /** Difficulty, in place of the prototype distance. */
  scores?: Float64Array;
  /** Class. */
  labels?: Int32Array;
}

/** @throws CoresetError when there is not one score or label per row */
export async function readExternal(
  { file, rows, corpus }: RunInput,
  { scores, labels, signal }: Pick<PruneOptions, 'scores' | 'labels' | 'signal'>,
): Promise<ExternalValues> {
  const bad = new Set(corpus?.badRows);
  return {
    scores: scores === undefined ? undefined : await externalScores(scores, file, rows, bad, signal),
    labels: labels === undefined ? undefined : await readLabels(labels, file, rows, bad, signal),
  };
}

/** @throws CoresetError when a number that is used after hours of work is none, or out of its range */
export function requireNumbers(
  options: RunOptions & ReasonOptions & Pick<PruneOptions, 'seed' | 'k' | 'prototypes'>,
): void {
  const { seed, k, prototypes, nearDuplicate } = options;
  if (seed !== undefined) requireSeed(seed);
  if (k !== undefined) requireInteger('k', k, 1);
  if (prototypes !== undefined) requireInteger('prototypes', prototypes, 1);
  if (nearDuplicate !== undefined) requireNearDuplicate(nearDuplicate);
  threadsOf(options);
}

/** @throws CoresetError when labels or scores are given that the method would not look at */
export function requireUsed(method: MethodName, given: Partial<Record<'labels' | 'scores', string>>): void {
  for (const part of ['labels', 'scores'] as const) {
    if (given[part] === undefined || usedBy(method, part)) continue;
    throw new CoresetError(`--${part} means nothing to ${method}; it is used by ${usersOf(part).join(', ')}`);
  }
}

/** Methods that look at a part of the input. */
export function usersOf(part: Need): MethodName[] {
  return (Object.keys(METHODS) as MethodName[]).filter((name) => usedBy(name, part));
}

/** Whether a method looks at a part of the input. */
export function usedBy(method: MethodName, part: Need): boolean {
  const { needs, takes = [] } = methodOf(method);
  return needs.includes(part) || takes.includes(part);
}

const TWO_ROWS: SelectorInput = {
  rows: 2,
  budget: 1,
  vectors: { data: Float32Array.of(1, 2), rows: 2, cols: 1 },
  graph: {
    rows: 2,
    k: 1,
    neighbours: Int32Array.of(1, 0),
    distances: Float32Array.of(1, 1),
    representative: Int32Array.of(0, 1),
  },
  scores: Float64Array.of(0, 1),
  labels: Int32Array.of(0, 0),
  onDiagnostics: () => {},
};

/**
 * A selector says what is wrong with its settings when it selects: here from two rows.
 * @throws CoresetError when a setting is wrong, or the method needs labels and there are none
 */
export async function trySettings(
  method: MethodName,
  settings: SelectSettings,
  labels: string | undefined,
): Promise<void> {
  if (labels === undefined && methodOf(method).needs.includes('labels'))
    throw new CoresetError(`method ${method} needs labels; name a field or a file with --labels`);
  await select(method, TWO_ROWS, settings);
}
