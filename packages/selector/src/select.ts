import {
  addCosts,
  CoresetError,
  type Cost,
  diagnose,
  inTurns,
  requireKnownOptions,
  requireLabels,
  requireScores,
  requireSeed,
  requireVectors,
  type Steps,
} from '@coreset/core';
import { requireGraph } from '@coreset/graph';
import { inputCost, orderCost, type SelectWorkload } from './cost.js';
import { settingsOf } from './defaults.js';
import { distinctInput, distinctRows, expandSelection } from './distinct-rows.js';
import { indistinguishableBudget, indistinguishableRows, mixIn } from './indistinguishable.js';
import { AUTO_OPTIONS, type AutoOptions, auto, autoCost } from './methods/auto.js';
import { CCS_OPTIONS, type CcsOptions, ccs } from './methods/ccs.js';
import { D2_SETTINGS, type D2Settings, d2Cost } from './methods/d2.js';
import { D2_OWN, d2, d2Cutoff, d2PerClass, d2WithinCost, uniform } from './methods/d2-variants.js';
import { facilityLocation, facilityLocationCost } from './methods/facility-location.js';
import { GRAPH_CUT_OPTIONS, type GraphCutOptions, graphCut, graphCutCost } from './methods/graph-cut.js';
import { type Need, SELECTOR_INPUT, type SelectorInput } from './methods/input.js';
import { kCenter, kCenterCost } from './methods/k-center.js';
import { moderate } from './methods/moderate.js';
import { prototypesEasy, prototypesHard } from './methods/prototypes.js';
import { random, randomCost } from './methods/random.js';
import { semdedup, semdedupCost } from './methods/semdedup.js';
import { requireBudget, type Selection } from './selection.js';

/** Options of all methods together; each takes its own. */
export interface SelectOptions extends D2Settings, CcsOptions, GraphCutOptions, AutoOptions {
  /** Keep at most one of each group of rows with the same content, where the input has a graph. Default: true. */
  dropDuplicates?: boolean;
}

/** Every option of {@link SelectOptions}. */
export const SELECT_OPTIONS: Readonly<Record<keyof SelectOptions, true>> = {
  ...D2_SETTINGS,
  ...CCS_OPTIONS,
  ...GRAPH_CUT_OPTIONS,
  ...AUTO_OPTIONS,
  dropDuplicates: true,
};

/** A selector: what it needs, which options it has, how it selects, and what that costs. */
export interface Method {
  needs: Need[];
  /** What it uses besides where it is there. */
  takes?: Need[];
  /** Besides `dropDuplicates`, which all have. */
  options: readonly (keyof SelectOptions)[];
  select(input: SelectorInput, options: SelectOptions): Steps<Selection> | Promise<Selection>;
  /** Of what it does itself, with default options; see {@link selectCost}. */
  cost(workload: SelectWorkload): Cost;
}

/** Names of the selectors. */
export type MethodName =
  | 'auto'
  | 'd2'
  | 'd2-per-class'
  | 'd2-cutoff'
  | 'uniform'
  | 'random'
  | 'facility-location'
  | 'graph-cut'
  | 'k-center'
  | 'moderate'
  | 'prototypes-hard'
  | 'prototypes-easy'
  | 'ccs'
  | 'semdedup';

/** Every selector by name. */
export const METHODS: Record<MethodName, Method> = {
  auto: { needs: ['graph'], takes: ['scores'], options: ['difficultyWeight'], select: auto, cost: autoCost },
  d2: { needs: ['graph', 'scores'], options: D2_OWN, select: d2, cost: d2Cost },
  'd2-per-class': { needs: ['graph', 'scores', 'labels'], options: D2_OWN, select: d2PerClass, cost: d2WithinCost },
  'd2-cutoff': { needs: ['graph', 'scores'], options: [...D2_OWN, 'cutoff'], select: d2Cutoff, cost: d2WithinCost },
  uniform: { needs: ['graph'], options: D2_OWN, select: uniform, cost: d2Cost },
  random: { needs: [], options: [], select: random, cost: randomCost },
  'facility-location': { needs: ['vectors'], options: [], select: facilityLocation, cost: facilityLocationCost },
  'graph-cut': { needs: ['vectors'], options: ['lambda'], select: graphCut, cost: graphCutCost },
  'k-center': { needs: ['vectors'], options: [], select: kCenter, cost: kCenterCost },
  moderate: { needs: ['scores'], takes: ['labels'], options: [], select: moderate, cost: orderCost },
  'prototypes-hard': { needs: ['scores'], options: [], select: prototypesHard, cost: orderCost },
  'prototypes-easy': { needs: ['scores'], options: [], select: prototypesEasy, cost: orderCost },
  ccs: { needs: ['scores'], options: ['strata', 'cutoff'], select: ccs, cost: orderCost },
  semdedup: { needs: ['graph'], takes: ['scores'], options: [], select: semdedup, cost: semdedupCost },
};

/** The method of that name. @throws CoresetError when there is none */
export function methodOf(name: string): Method {
  const method = (METHODS as Record<string, Method>)[name];
  if (method === undefined || !Object.hasOwn(METHODS, name)) {
    throw new CoresetError(`method '${name}' is not known; use one of ${Object.keys(METHODS).join(', ')}`);
  }
  return method;
}

/**
 * Select a coreset by any method.
 *
 * Rows with the same content are kept once. Rows of other content with the same vector cannot be told apart: the method
 * selects among one of each such group, and the others are kept at random in the share that is kept of all.
 *
 * @returns the picks in order, of which any beginning is the selection at that smaller budget; fewer than
 * `budget` only where duplicates are dropped and no distinct row is left
 * @throws CoresetError when the method is not known, the input lacks what it needs or does not fit together, a score or
 * distance is not finite, or an option is wrong
 */
export async function select(name: MethodName, input: SelectorInput, options: SelectOptions = {}): Promise<Selection> {
  requireKnownOptions('select', options, SELECT_OPTIONS);
  requireKnownOptions('select', input, SELECTOR_INPUT);
  const method = methodOf(name);
  requireBudget(input.budget, input.rows);
  for (const part of method.needs)
    if (input[part] === undefined) throw new CoresetError(`method ${name} needs ${part}`);
  await requireConsistent(input);
  const { graph, contentRepresentative, budget, seed = 0, signal } = input;
  const { dropDuplicates = true } = options;
  const settings = settingsOf(name, method.options, options);
  diagnose(input, 'select', { method: name, budget, seed, dropDuplicates, ...settings });
  const told = (selection: Selection, rows: number, mixedIn: number): Selection => {
    diagnose(input, 'select', { rows, picks: selection.order.length, mixedIn });
    return selection;
  };
  const run = async (part: SelectorInput): Promise<Selection> => {
    const selection = method.select(part, { ...settings, dropDuplicates: false });
    return selection instanceof Promise ? selection : inTurns(selection, signal);
  };
  const distinct = graph && dropDuplicates ? await inTurns(distinctRows(graph), signal) : undefined;
  if (graph === undefined || distinct === undefined) return told(await run(input), input.rows, 0);
  const { representative } = graph;
  const indistinguishable = indistinguishableRows(representative, contentRepresentative ?? representative);
  const mixedIn = indistinguishableBudget(indistinguishable, budget);
  const picked = await run(await inTurns(distinctInput({ ...input, budget: budget - mixedIn }, distinct), signal));
  const selection = await inTurns(expandSelection(picked, distinct.rows, representative), signal);
  const mixed =
    contentRepresentative === undefined
      ? selection
      : mixIn(selection, budget, indistinguishable, representative, contentRepresentative, seed);
  return told(mixed, distinct.rows.length, mixedIn);
}

/** What {@link select} costs with that method and its default options. @throws CoresetError when there is no such method */
export function selectCost(name: MethodName, workload: SelectWorkload): Cost {
  return addCosts(inputCost(workload), methodOf(name).cost(workload));
}

/** Check all that is given, needed or not. @throws CoresetError that says what is wrong */
async function requireConsistent(input: SelectorInput): Promise<void> {
  const { rows, vectors, graph, contentRepresentative, scores, labels, seed, signal } = input;
  if (seed !== undefined) requireSeed(seed);
  if (vectors !== undefined) requireVectors(vectors);
  if (vectors && vectors.rows !== rows) throw new CoresetError(`there are ${vectors.rows} vectors for ${rows} rows`);
  if (scores !== undefined) requireScores(scores, rows);
  if (labels !== undefined) requireLabels(labels, rows);
  if (graph !== undefined) await inTurns(requireGraph(graph, rows), signal);
  if (contentRepresentative) requireRepresentatives(contentRepresentative, rows);
}

function requireRepresentatives(representative: Int32Array, rows: number): void {
  if (representative.length !== rows)
    throw new CoresetError(`contentRepresentative has ${representative.length} rows, not ${rows}`);
  for (let row = 0; row < rows; row++) {
    const first = representative[row];
    if (!(first >= 0 && first <= row && representative[first] === first))
      throw new CoresetError(
        `contentRepresentative: row ${row} has the content of ${first}, which is no earlier first row`,
      );
  }
}
