import {
  addCosts,
  CoresetError,
  type Cost,
  diagnose,
  inTurns,
  range,
  requireKnownOptions,
  requireLabels,
  requireScores,
  requireSeed,
  requireVectors,
  rowMask,
  stoppedByCell,
} from '@coreset/core';
import { requireGraph } from '@coreset/graph';
import { type Candidates, candidatesOf } from './candidates.js';
import { inputCost, orderCost, type SelectWorkload } from './cost.js';
import { type MethodOptions, settingsOf } from './defaults.js';
import { REASON_DEFAULTS, REASON_OPTIONS, type ReasonOptions } from './explain.js';
import { AUTO_OPTIONS, auto, autoCost } from './methods/auto.js';
import { CCS_OPTIONS, ccs } from './methods/ccs.js';
import { D2_SETTINGS, d2Cost } from './methods/d2.js';
import { D2_OWN, d2, d2Cutoff, d2PerClass, d2WithinCost, uniform } from './methods/d2-variants.js';
import { density, densityCost } from './methods/density.js';
import { facilityLocation, facilityLocationCost } from './methods/facility-location.js';
import { GRAPH_CUT_OPTIONS, graphCut, graphCutCost } from './methods/graph-cut.js';
import { herding, herdingCost } from './methods/herding.js';
import { hierarchical, hierarchicalCost } from './methods/hierarchical.js';
import { type Need, SELECTOR_INPUT, type SelectorInput } from './methods/input.js';
import { kCenter, kCenterCost } from './methods/k-center.js';
import { moderate } from './methods/moderate.js';
import { prototypesEasy, prototypesHard } from './methods/prototypes.js';
import { random, randomCost } from './methods/random.js';
import { semdedup, semdedupCost } from './methods/semdedup.js';
import { subzero, subzeroCost } from './methods/subzero.js';
import { toward, towardCost } from './methods/toward.js';
import { pickRows } from './pick.js';
import { PickRules, RULE_OPTIONS, type RuleOptions } from './pick-rules.js';
import type { StartPicker } from './picker.js';
import type { Selection } from './selection.js';
import { shownSelection } from './selection.js';
import { nearRowsOf, requireSteering } from './steering.js';

/** Options of all methods together; each takes its own, and all take those that stand here. */
export interface SelectOptions extends MethodOptions, RuleOptions, ReasonOptions {
  /** Keep at most one of each group of rows with the same content, where the input has a graph. Default: true. */
  dropDuplicates?: boolean;
  /** Cosine in (0, 1] from which on one of two rows alone is kept; included rows may be nearer. Default: any. */
  maxSimilarity?: number;
}

/** Options that every method has. */
const OF_ALL = { dropDuplicates: true, maxSimilarity: true, ...REASON_OPTIONS, ...RULE_OPTIONS } as const;

/** Every option of {@link SelectOptions}. */
export const SELECT_OPTIONS: Readonly<Record<keyof SelectOptions, true>> = {
  ...D2_SETTINGS,
  ...CCS_OPTIONS,
  ...GRAPH_CUT_OPTIONS,
  ...AUTO_OPTIONS,
  ...OF_ALL,
};

/** A selector: what it needs, which options it has, how it begins to pick, and what that costs. */
export interface Method {
  needs: Need[];
  /** What it uses besides where it is there. */
  takes?: Need[];
  /** Besides those that all have. */
  options: readonly (keyof MethodOptions)[];
  /** Whether its order is made for the budget, so that its beginnings are not the selections at smaller budgets. */
  isForBudget?: true;
  start(input: SelectorInput, options: MethodOptions): StartPicker;
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
  | 'semdedup'
  | 'herding'
  | 'hierarchical'
  | 'density'
  | 'toward'
  | 'subzero';

/** Every selector by name. */
export const METHODS: Record<MethodName, Method> = {
  auto: { needs: ['graph'], takes: ['scores'], options: ['difficultyWeight'], start: auto, cost: autoCost },
  d2: { needs: ['graph', 'scores'], options: D2_OWN, start: d2, cost: d2Cost },
  'd2-per-class': { needs: ['graph', 'scores', 'labels'], options: D2_OWN, start: d2PerClass, cost: d2WithinCost },
  'd2-cutoff': { needs: ['graph', 'scores'], options: [...D2_OWN, 'cutoff'], start: d2Cutoff, cost: d2WithinCost },
  uniform: { needs: ['graph'], options: D2_OWN, start: uniform, cost: d2Cost },
  random: { needs: [], options: [], start: random, cost: randomCost },
  'facility-location': { needs: ['vectors'], options: [], start: facilityLocation, cost: facilityLocationCost },
  'graph-cut': { needs: ['vectors'], options: ['lambda'], start: graphCut, cost: graphCutCost },
  'k-center': { needs: ['vectors'], options: [], start: kCenter, cost: kCenterCost },
  moderate: { needs: ['scores'], takes: ['labels'], options: [], start: moderate, cost: orderCost },
  'prototypes-hard': { needs: ['scores'], options: [], start: prototypesHard, cost: orderCost },
  'prototypes-easy': { needs: ['scores'], options: [], start: prototypesEasy, cost: orderCost },
  ccs: { needs: ['scores'], options: ['strata', 'cutoff'], start: ccs, cost: orderCost },
  semdedup: { needs: ['graph'], takes: ['scores'], options: [], start: semdedup, cost: semdedupCost },
  herding: { needs: ['graph'], takes: ['vectors'], options: [], start: herding, cost: herdingCost },
  hierarchical: { needs: ['vectors'], options: [], start: hierarchical, cost: hierarchicalCost },
  density: { needs: ['vectors'], options: [], isForBudget: true, start: density, cost: densityCost },
  toward: { needs: ['vectors', 'target'], options: [], isForBudget: true, start: toward, cost: towardCost },
  subzero: { needs: ['graph', 'vectors'], options: [], isForBudget: true, start: subzero, cost: subzeroCost },
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
 * @returns the picks in order, of which any beginning is the selection at that smaller budget, unless the method's order
 * {@link Method.isForBudget is made for the budget}; fewer than `budget` only where no row is left that may be kept
 * @throws CoresetError when the method is not known, the input lacks what it needs or does not fit together, a score or
 * distance is not finite, or an option is wrong
 */
export async function select(name: MethodName, given: SelectorInput, options: SelectOptions = {}): Promise<Selection> {
  requireKnownOptions('select', options, SELECT_OPTIONS);
  requireKnownOptions('select', given, SELECTOR_INPUT);
  const input = stoppedByCell(given);
  const method = methodOf(name);
  for (const part of method.needs)
    if (input[part] === undefined) throw new CoresetError(`method ${name} needs ${part}`);
  await requireConsistent(input);
  requireSteering(input, options);
  const { rows, budget, seed = 0, signal } = input;
  const {
    dropDuplicates = true,
    maxSimilarity,
    nearDuplicate = REASON_DEFAULTS.nearDuplicate,
    balance,
    groupMinimum,
  } = options;
  const settings = settingsOf(name, method.options, options);
  const steering = { maxSimilarity, balance, groupMinimum, ...(input.preference && { nearDuplicate }) };
  diagnose(input, 'select', { method: name, budget, seed, dropDuplicates, ...steering, ...settings });
  const candidates = await inTurns(candidatesOf(input, dropDuplicates), signal);
  if (candidates.rows.length === 0) throw new CoresetError('all rows are excluded: nothing is left to select');
  const part = await inTurns(candidates.inputOf(input), signal);
  const starting = method.start(part, settings);
  const picker = starting instanceof Promise ? await starting : await inTurns(starting, signal);
  const keepsOneOfNear = maxSimilarity !== undefined;
  const near =
    keepsOneOfNear || input.preference
      ? await inTurns(nearRowsOf(input, maxSimilarity ?? nearDuplicate), signal)
      : undefined;
  const rules = new PickRules(input, { balance, groupMinimum }, keepable(input, candidates, keepsOneOfNear));
  const picks = await pickRows({ picker, candidates, input, rules, near, keepsOneOfNear });
  const order = rules.inProportion(picks.order, input.include?.length ?? 0);
  diagnose(input, 'select', { rows: candidates.rows.length, picks: order.length, mixedIn: picks.drawn });
  return shownSelection({ order, rows, scores: candidates.spread(picker.scores()) });
}

/** Rows of the input that may be kept, ascending; none where no rule asks for them. */
function keepable(
  { rows, include = [], groups, costs }: SelectorInput,
  candidates: Candidates,
  keepsOneOfNear: boolean,
): Int32Array {
  if (groups === undefined && costs === undefined) return new Int32Array(0); // nobody asks
  const { kept, indistinguishable } = candidates;
  const isKeepable = rowMask(rows, kept);
  if (!keepsOneOfNear) for (const row of indistinguishable) isKeepable[row] = 1;
  for (let i = 0; i < include.length; i++) isKeepable[include[i]] = 1;
  return range(0, rows).filter((row) => isKeepable[row] === 1);
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
  for (const part of ['target', 'away'] as const) requireLike(part, input);
  if (scores !== undefined) requireScores(scores, rows);
  if (labels !== undefined) requireLabels(labels, rows);
  if (graph !== undefined) await inTurns(requireGraph(graph, rows), signal);
  if (contentRepresentative) requireRepresentatives(contentRepresentative, rows);
}

/** @throws CoresetError unless what rows are compared with has rows, and columns as they have */
function requireLike(name: 'target' | 'away', input: SelectorInput): void {
  const { vectors, [name]: others } = input;
  if (others === undefined) return;
  requireVectors(others);
  if (others.rows === 0) throw new CoresetError(`${name} has no rows`);
  if (vectors && vectors.cols !== others.cols)
    throw new CoresetError(`${name} has ${others.cols} columns, the vectors have ${vectors.cols}; they must match`);
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
