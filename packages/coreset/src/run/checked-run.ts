import {
  CoresetError,
  pickOptions,
  type RunOptions,
  requireInteger,
  requireSeed,
  rowMask,
  threadsOf,
} from '@coreset/core';
import {
  type DifficultyKind,
  needsClasses,
  requireDifficultyOptions,
  requireLearnable,
  TRAINING_MEASURES,
} from '@coreset/difficulty';
import { checkCache } from '@coreset/embedder';
import { mapMethod } from '@coreset/report';
import {
  type Keep,
  METHODS,
  type MethodName,
  methodOf,
  type Need,
  parseCostBudget,
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
import { checkOthers, type OtherInputs, type OtherPaths, openOthers } from '../input/other-inputs.js';
import { externalScores } from '../input/scores.js';
import { readSteering, requireSteering, type Steering } from '../input/steering.js';
import { checkOutput } from '../output/destination.js';
import type { PruneOptions } from '../run-options.js';
import { type SelectSettings, selectSettings } from '../select-settings.js';
import type { DifficultySettings } from '../stages/stages.js';
import { type BaseRun, checkBase, isModelHere, openBase, requireSameModel } from './base-run.js';

/** A run whose input and options were found in order. */
export interface CheckedRun extends ExternalValues {
  method: MethodName;
  input: RunInput;
  /** What is asked of the selection besides the method. */
  steering: Steering;
  /** Rows to keep, as far as can be told before rows are embedded. */
  budget: number;
  /** Inputs beside the corpus. */
  others: OtherInputs;
  /** The earlier run on which this one builds. */
  base?: BaseRun;
}

/**
 * Look at the options that mean something without an input.
 * @returns the method that they choose
 * @throws CoresetError when one is wrong
 */
export async function checkOptions(options: PruneOptions): Promise<MethodName> {
  requireKeep(options);
  requireSteering(options);
  const method = chooseMethod(pickOptions(options, METHOD_CHOICE), impliedMethod(options));
  const { labels, scores, difficulty, prototypes, toward } = options;
  requireUsed(method, { labels, scores, toward, difficulty: difficulty ?? 'prototype' });
  requireNumbers(options);
  mapMethod(0, options.map);
  requireDifficulty({ labels, scores, difficulty, prototypes });
  checkOthers(options);
  checkBase(options);
  checkCache(options);
  await trySettings(method, selectSettings(options), options);
  checkOutput(options);
  return method;
}

/** @throws CoresetError when it is not said how much is kept */
export function requireKeep({
  keep,
  maxSimilarity,
  cost,
  onBadRow,
}: Pick<PruneOptions, 'keep' | 'maxSimilarity' | 'cost' | 'onBadRow'>): void {
  if (keep === undefined && maxSimilarity === undefined)
    throw new CoresetError(
      'say how much to keep: --keep (a share such as 0.3, or a number of rows), or --max-similarity, of near-duplicates one',
    );
  if (cost !== undefined && onBadRow === 'keep')
    throw new CoresetError('--on-bad-row keep means nothing beside --cost: rows that are not read cost nothing known');
  if (keep === undefined) return;
  if (cost === undefined) parseKeep(keep, Number.MAX_SAFE_INTEGER);
  else parseCostBudget(keep, Number.MAX_VALUE, cost);
}

/** Rows that a run keeps, for its plan. */
function plannedBudget({ rows, vectorCount, corpus }: RunInput, steering: Steering, options: PruneOptions): number {
  const { keep, onBadRow, cost = 'cost' } = options;
  const { exclude = new Int32Array(0), costs } = steering;
  const bad = new Set(corpus?.badRows);
  const out = exclude.reduce((count, row) => (bad.has(row) ? count : count + 1), 0);
  if (out === vectorCount) throw new CoresetError('--exclude names all rows: nothing is left to select');
  if (costs === undefined) return budgetOf(keep, rows - exclude.length, vectorCount - out, onBadRow);
  if (keep === undefined || costs === 'tokens') return vectorCount - out;
  const left = [...exclude, ...bad];
  const share = budgetOfCosts(keep, costs, left, cost) / costOf(costs, left);
  return Math.max(1, Math.round((vectorCount - out) * share));
}

/** What all rows cost that are not left out. */
function costOf(costs: Float64Array, leftOut: ArrayLike<number>): number {
  const isOut = rowMask(costs.length, leftOut);
  return costs.reduce((sum, one, row) => (isOut[row] ? sum : sum + one), 0);
}

/**
 * The sum of costs that is kept, of the rows that are not left out; all of it where nothing is said.
 * @param unit of the costs, for an error
 * @throws CoresetError when it is more than there is, or no budget
 */
export function budgetOfCosts(
  keep: Keep = '100%',
  costs: Float64Array,
  leftOut: ArrayLike<number> = [],
  unit: string,
): number {
  return parseCostBudget(keep, costOf(costs, leftOut), unit);
}

/** The method that is implied by rows to select for. */
function impliedMethod({ toward }: PruneOptions): MethodName | undefined {
  return toward === undefined ? undefined : 'toward';
}

/**
 * Read all that a run is told, so that whatever is wrong is said before hours of work.
 * @param paths files, folders and patterns of this machine
 * @param beside those of inputs beside the corpus
 * @throws CoresetError when the input is wrong, or an option does not go with it
 */
export async function checkRun(
  paths: string[],
  beside: OtherPaths,
  method: MethodName,
  options: PruneOptions,
): Promise<CheckedRun> {
  const input = await openInput(paths, options);
  const external = await readExternal(input, options);
  if (external.labels && needsClasses(options.difficulty)) {
    const bad = new Set(input.corpus?.badRows);
    const learnt = external.labels.filter((_, row) => !bad.has(row));
    requireLearnable(new Set(learnt).size, learnt.length, 'labels');
  }
  const base = options.base === undefined ? undefined : openBase(options.base, input);
  if (base !== undefined && isModelHere(input, options)) await requireSameModel(base, input, options);
  const steering = await readSteering(input, options);
  const budget = plannedBudget(input, steering, options);
  return { method, input, budget, ...external, steering, others: await openOthers(input, beside, options), base };
}

/** Look whether all inputs are still what they were. @throws CoresetError naming the file that changed */
export function requireSameInputs({ input, others }: CheckedRun): void {
  for (const { watch } of [input, ...Object.values(others)]) watch.verify();
}

/**
 * How many rows are selected. Of rows that have nothing to embed and are kept all the same, each takes a place of the budget.
 * @param rows of the input
 * @param vectors rows that have a vector
 * @throws CoresetError when nothing would be left to select
 */
export function budgetOf(keep: Keep = '100%', rows: number, vectors: number, onBadRow: OnBadRow | undefined): number {
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
  /** Difficulty, in place of one that is computed. */
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

/**
 * @param given the difficulty only where one is computed
 * @throws CoresetError when labels, scores, rows to select for or a difficulty of training dynamics are given that nothing
 * would look at
 */
export function requireUsed(
  method: MethodName,
  { difficulty, ...given }: Partial<Record<PartOption, string>> & { difficulty?: DifficultyKind },
): void {
  const refuse = (option: string, users: string[]): void => {
    throw new CoresetError(`--${option} means nothing to ${method}; it is used by ${users.join(', ')}`);
  };
  for (const [option, part] of Object.entries(PARTS)) {
    if (given[option as PartOption] === undefined || usedBy(method, part)) continue;
    if (option === 'labels' && needsClasses(difficulty)) continue;
    const training = option === 'labels' && difficulty !== undefined;
    refuse(option, [...usersOf(part), ...(training ? [`--difficulty ${TRAINING_MEASURES.join('|')}`] : [])]);
  }
  if (needsClasses(difficulty) && !usedBy(method, 'scores')) refuse(`difficulty ${difficulty}`, usersOf('scores'));
}

/** @throws CoresetError when there is no such difficulty, or an option means nothing beside the others */
export function requireDifficulty(given: Partial<Record<'labels' | 'scores', string>> & DifficultySettings): void {
  const { labels, scores, difficulty, prototypes } = given;
  for (const option of ['prototypes', 'difficulty'] as const)
    if (scores !== undefined && given[option] !== undefined)
      throw new CoresetError(
        `--${option} means nothing beside --scores, which stand in place of ${option === 'prototypes' ? 'the distance to prototypes' : 'any other difficulty'}`,
      );
  requireDifficultyOptions({ difficulty, prototypes, labels: needsClasses(difficulty) ? labels : undefined });
}

type PartOption = 'labels' | 'scores' | 'toward';

/** Options that give a part of what a selector looks at. */
const PARTS: Record<PartOption, Need> = { labels: 'labels', scores: 'scores', toward: 'target' };

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
  vectors: { data: Float32Array.of(1, 0, 0, 1), rows: 2, cols: 2 },
  graph: {
    rows: 2,
    k: 1,
    neighbours: Int32Array.of(1, 0),
    distances: Float32Array.of(1, 1),
    representative: Int32Array.of(0, 1),
  },
  scores: Float64Array.of(0, 1),
  labels: Int32Array.of(0, 0),
  target: { data: Float32Array.of(1, 1), rows: 1, cols: 2 },
  away: { data: Float32Array.of(-1, 0), rows: 1, cols: 2 },
  onDiagnostics: () => {},
};

/**
 * A selector says what is wrong with its settings when it selects: here from two rows.
 * @throws CoresetError when a setting is wrong, or the method needs labels or rows to select for and there are none
 */
export async function trySettings(
  method: MethodName,
  settings: SelectSettings,
  { labels, toward }: { labels?: string; toward?: string },
): Promise<void> {
  if (toward === undefined && methodOf(method).needs.includes('target'))
    throw new CoresetError(`method ${method} needs rows to select for, a file that coreset prune takes as --toward`);
  if (labels === undefined && methodOf(method).needs.includes('labels'))
    throw new CoresetError(`method ${method} needs labels; name a field or a file with --labels`);
  await select(method, TWO_ROWS, settings);
}
