import { CoresetError, requireWritable } from '@coreset/core';
import { type MethodName, methodOf, parseKeep, type SelectorInput, select } from '@coreset/selector';
import { chooseMethod } from './defaults.js';
import { readLabels } from './labels-input.js';
import type { PruneOptions } from './prune.js';
import { externalScores } from './scores-input.js';
import { openInput, type RunInput, type SelectSettings, selectSettings } from './stages.js';

/** A run whose input and options were found in order. */
export interface CheckedRun extends Brought {
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
  const method = chooseMethod(options);
  await trySettings(method, selectSettings(options), options.labels);
  if (options.out !== undefined) requireWritable(options.out);
  return method;
}

/**
 * Read all that a run is told, so that whatever is wrong is said before hours of work.
 * @throws CoresetError when the input is wrong, or an option does not go with it
 */
export async function checkRun(path: string, method: MethodName, options: PruneOptions): Promise<CheckedRun> {
  const input = await openInput(path, options);
  const budget = parseKeep(options.keep, input.vectorCount);
  return { method, input, budget, ...(await readBrought(input, options)) };
}

/** What was brought for each row of an input, from its fields or from files. */
export interface Brought {
  /** Difficulty, in place of the prototype distance. */
  scores?: Float64Array;
  /** Class. */
  labels?: Int32Array;
}

/** @throws CoresetError when there is not one score or label per row */
export async function readBrought(
  { file, rows }: RunInput,
  { scores, labels }: Pick<PruneOptions, 'scores' | 'labels'>,
): Promise<Brought> {
  return {
    scores: scores === undefined ? undefined : await externalScores(scores, file, rows),
    labels: labels === undefined ? undefined : await readLabels(labels, file, rows),
  };
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
