import { CoresetError } from '@coreset/core';
import { type Balance, groupQuotas, wholeQuotas } from './group-quotas.js';
import type { SelectorInput } from './methods/input.js';
import { ProportionalTurns } from './proportional-turns.js';

/** Refusals between two sweeps over all rows. */
const REFUSALS_BETWEEN_SWEEPS = 1024;

/** What sums of costs in another order may differ by, as a share. */
const ROUNDING = 1e-12;

/** How the budget is shared. */
export interface RuleOptions {
  balance?: Balance;
  /** Rows, or where rows have costs their sum, that each group gets at least. */
  groupMinimum?: number;
}

/** Every option of {@link RuleOptions}. */
export const RULE_OPTIONS: Readonly<Record<keyof RuleOptions, true>> = { balance: true, groupMinimum: true };

/** Called with a row of the input that cannot be kept any more. */
export type PassRow = (row: number) => void;

/** Which rows the budget still has room for: in all, and in their group. */
export class PickRules {
  private spent = 0;
  private refusals = 0;
  private readonly budget: number;
  private readonly costs: ArrayLike<number> | undefined;
  private readonly groups: Groups | undefined;
  private readonly keepable: Int32Array;

  /**
   * @param keepable rows of the input that may be kept
   * @throws CoresetError when there is no room for the included rows, or for the minimum of each group
   */
  constructor(input: SelectorInput, options: RuleOptions, keepable: Int32Array) {
    const { budget, costs, include = [] } = input;
    this.budget = budget;
    this.costs = costs;
    this.keepable = keepable;
    let included = 0;
    for (let i = 0; i < include.length; i++) included += this.costOf(include[i]);
    if (included > budget * (1 + ROUNDING))
      throw new CoresetError(
        costs === undefined
          ? `${include.length} rows are included, more than the ${budget} to keep; keep more`
          : `the ${include.length} included rows cost ${included}, more than the budget of ${budget}; keep more`,
      );
    this.groups = options.balance && groupsOf(input, options, keepable, (row) => this.costOf(row));
  }

  hasRoom(picks: number): boolean {
    return this.costs === undefined ? picks < this.budget : this.spent < this.budget;
  }

  admits(row: number): boolean {
    const cost = this.costOf(row);
    if (this.spent + cost > this.budget * (1 + ROUNDING)) return false;
    const { groups } = this;
    if (groups === undefined) return true;
    const group = groups.of[row];
    return groups.spent[group] + cost <= groups.quotas[group] * (1 + ROUNDING);
  }

  /** A row is kept. @param pass is called with rows of its group where that is full now */
  take(row: number, pass: PassRow): void {
    const cost = this.costOf(row);
    this.spent += cost;
    const { groups } = this;
    if (groups === undefined) return;
    const group = groups.of[row];
    groups.spent[group] += cost;
    if (groups.spent[group] < groups.quotas[group]) return;
    for (let at = groups.starts[group]; at < groups.starts[group + 1]; at++) pass(groups.members[at]);
  }

  /** A row did not fit. Now and then all others that do not are looked for, so that they need not come up one by one. */
  refuse(pass: PassRow): void {
    if (++this.refusals % REFUSALS_BETWEEN_SWEEPS !== 0) return;
    for (const row of this.keepable) if (!this.admits(row)) pass(row);
  }

  /** Picks such that each beginning has the groups in proportion to what they have in all; the order within a group stays. */
  inProportion(order: Int32Array, included: number): Int32Array {
    const { groups } = this;
    if (groups === undefined) return order;
    const queues: number[][] = Array.from({ length: groups.quotas.length }, () => []);
    for (const row of order.subarray(included)) queues[groups.of[row]].push(row);
    const parts = queues.filter((queue) => queue.length > 0);
    const turns = new ProportionalTurns(parts.map((queue) => queue.length));
    const next = parts.map(() => 0);
    const result = order.slice();
    for (let at = included; at < order.length; at++) {
      const part = turns.next();
      result[at] = parts[part][next[part]++];
      turns.take(part);
      if (next[part] === parts[part].length) turns.end(part);
    }
    return result;
  }

  private costOf(row: number): number {
    return this.costs === undefined ? 1 : this.costs[row];
  }
}

/** Groups by number, their rows and what they may have. */
interface Groups {
  /** Per row of the input. */
  of: Int32Array;
  /** Rows of group g that may be kept are `members[starts[g]]` to `members[starts[g + 1] − 1]`. */
  members: Int32Array;
  starts: Int32Array;
  quotas: Float64Array;
  spent: Float64Array;
}

function groupsOf(
  { groups, budget, include = [], costs }: SelectorInput,
  { balance = 'proportional', groupMinimum = 0 }: RuleOptions,
  keepable: Int32Array,
  costOf: (row: number) => number,
): Groups {
  if (groups === undefined) throw new CoresetError('balance needs groups: the group of each row');
  const names = Array.from(new Set(groups)).sort((a, b) => a - b);
  const numbers = new Map(names.map((name, number) => [name, number]));
  const of = Int32Array.from(groups, (name) => numbers.get(name) ?? 0);
  const starts = new Int32Array(names.length + 1);
  const sizes = names.map(() => ({ size: 0, least: groupMinimum }));
  const included = new Float64Array(names.length);
  for (let i = 0; i < include.length; i++) included[of[include[i]]] += costOf(include[i]);
  for (const row of keepable) {
    starts[of[row] + 1]++;
    sizes[of[row]].size += costOf(row);
  }
  for (let g = 0; g < names.length; g++) {
    starts[g + 1] += starts[g];
    sizes[g].size = Math.max(sizes[g].size, included[g]);
    sizes[g].least = Math.max(Math.min(groupMinimum, sizes[g].size), included[g]);
  }
  const members = new Int32Array(keepable.length);
  const next = starts.slice();
  for (const row of keepable) members[next[of[row]]++] = row;
  const shared = groupQuotas(sizes, budget, balance);
  const isWhole =
    costs === undefined || (Number.isInteger(budget) && keepable.every((row) => Number.isInteger(costs[row])));
  const quotas = isWhole ? wholeQuotas(shared, budget) : shared;
  return { of, members, starts, quotas, spent: new Float64Array(names.length) };
}
