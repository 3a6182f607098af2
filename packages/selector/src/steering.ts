import { CoresetError, openVectors, requireNumber, requireScores, type Steps, type Vectors } from '@coreset/core';
import { requireGraph } from '@coreset/graph';
import { BALANCES } from './group-quotas.js';
import type { SelectorInput } from './methods/input.js';
import { NearRows } from './near-rows.js';
import type { RuleOptions } from './pick-rules.js';
import { requireBudget } from './selection.js';

/** What may be asked for besides a method. */
interface SteeringOptions extends RuleOptions {
  maxSimilarity?: number;
  nearDuplicate?: number;
  dropDuplicates?: boolean;
}

/**
 * Check what is asked for besides a method.
 * @throws CoresetError when a row does not exist, a value is out of its range, or an option lacks what it needs
 */
export function requireSteering(input: SelectorInput, options: SteeringOptions): void {
  const { rows, budget, include, exclude, preference, groups, costs, graph } = input;
  const { balance, groupMinimum, maxSimilarity, nearDuplicate, dropDuplicates = true } = options;
  if (costs === undefined) requireBudget(budget, rows);
  else requireCosts(costs, rows, budget);
  if (include !== undefined) requireRows('include', include, rows);
  if (exclude !== undefined) requireRows('exclude', exclude, rows);
  if (include !== undefined && exclude !== undefined) {
    const excluded = new Set(Array.from(exclude));
    const both = Array.from(include).find((row) => excluded.has(row));
    if (both !== undefined) throw new CoresetError(`row ${both} is both included and excluded`);
  }
  if (preference !== undefined) requireScores(preference, rows);
  if (groups !== undefined && groups.length !== rows)
    throw new CoresetError(`there are ${groups.length} groups for ${rows} rows; one per row is needed`);
  if (balance !== undefined && !BALANCES.includes(balance))
    throw new CoresetError(`balance '${balance}' is not known; use one of ${BALANCES.join(', ')}`);
  if (balance !== undefined && groups === undefined)
    throw new CoresetError('balance needs groups: the group of each row');
  if (groupMinimum !== undefined) {
    requireNumber('groupMinimum', groupMinimum, 0);
    if (balance === undefined) throw new CoresetError('groupMinimum means nothing without balance');
  }
  for (const [name, value] of Object.entries({ maxSimilarity, nearDuplicate }))
    if (value !== undefined && !(value > 0 && value <= 1))
      throw new CoresetError(`${name} must be a cosine above 0 and at most 1, got ${value}`);
  if (maxSimilarity === undefined && preference === undefined) return;
  const wanted = maxSimilarity === undefined ? 'preference' : 'maxSimilarity';
  if (graph === undefined && input.cosineGraph === undefined)
    throw new CoresetError(`${wanted} needs a graph, which tells the rows that are near to one another`);
  if (!dropDuplicates) throw new CoresetError(`${wanted} means nothing where duplicates are kept`);
}

/**
 * Rows that are near to one another by cosine.
 * @throws CoresetError when the vectors have other lengths than 1 and there is no graph of them by cosine
 */
export function* nearRowsOf(input: SelectorInput, similarity: number): Steps<NearRows> {
  const { graph, cosineGraph = graph, vectors, rows } = input;
  if (cosineGraph === undefined) throw new CoresetError('there is no graph');
  if (input.cosineGraph === undefined && vectors !== undefined) yield* requireUnitLength(vectors);
  if (cosineGraph !== graph) yield* requireGraph(cosineGraph, rows);
  return yield* NearRows.among(cosineGraph, similarity, vectors);
}

const LENGTH_ROUNDING = 1e-3;
const ROWS_AT_ONCE = 1024;

/** Whether all vectors have length 1, as far as float32 tells. */
export function* haveUnitLength(vectors: Vectors): Steps<boolean> {
  const { rows, cols } = vectors;
  const reader = openVectors(vectors);
  const block = new Float32Array(ROWS_AT_ONCE * cols);
  try {
    for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
      yield;
      const end = Math.min(rows, start + ROWS_AT_ONCE);
      reader.read(start, end, block.subarray(0, (end - start) * cols));
      for (let r = 0; r < end - start; r++) {
        let squares = 0;
        for (let c = r * cols; c < (r + 1) * cols; c++) squares += block[c] * block[c];
        if (Math.abs(squares - 1) > LENGTH_ROUNDING) return false;
      }
    }
    return true;
  } finally {
    reader.close();
  }
}

function* requireUnitLength(vectors: Vectors): Steps<void> {
  if (yield* haveUnitLength(vectors)) return;
  throw new CoresetError(
    'similarities are cosines, and the graph is one of vectors that have other lengths than 1: give cosineGraph, the graph of the vectors scaled to length 1',
  );
}

function requireRows(name: string, listed: ArrayLike<number>, rows: number): void {
  const seen = new Set<number>();
  for (let i = 0; i < listed.length; i++) {
    const row = listed[i];
    if (!Number.isInteger(row) || row < 0 || row >= rows)
      throw new CoresetError(`${name}: ${row} is no row; rows go from 0 to ${rows - 1}`);
    if (seen.has(row)) throw new CoresetError(`${name}: row ${row} is listed twice`);
    seen.add(row);
  }
}

function requireCosts(costs: ArrayLike<number>, rows: number, budget: number): void {
  requireScores(costs, rows);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    if (!(costs[row] > 0)) throw new CoresetError(`row ${row}: its cost is ${costs[row]}; costs are above 0`);
    total += costs[row];
  }
  if (!(budget > 0 && budget <= total))
    throw new CoresetError(`the budget must be above 0 and at most ${total}, what all rows cost, got ${budget}`);
}
