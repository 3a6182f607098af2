import { CoresetError, inParts, type Steps, Turns } from '@coreset/core';
import type { Candidates } from './candidates.js';
import { RandomShare } from './indistinguishable.js';
import type { SelectorInput } from './methods/input.js';
import type { NearRows } from './near-rows.js';
import type { PickRules } from './pick-rules.js';
import type { Picker } from './picker.js';

const PICKS_AT_ONCE = 64;

/** So many picks, each the best. Fewer where none is left. */
export function* pickInSteps(picker: Picker, budget: number): Steps<Int32Array> {
  const order = new Int32Array(budget);
  let count = 0;
  yield* inParts(
    budget,
    (start, end) => {
      for (let pick = start; pick < end; pick++) {
        const row = picker.best();
        if (typeof row !== 'number') throw new Error('a picker that waits for other threads cannot pick in steps');
        if (row < 0) return;
        picker.take(row);
        order[count++] = row;
      }
    },
    PICKS_AT_ONCE,
  );
  return order.subarray(0, count);
}

/** What decides on picks besides the method. */
export interface PickRequest {
  /** Names candidates. */
  picker: Picker;
  candidates: Candidates;
  input: SelectorInput;
  rules: PickRules;
  /** Candidates that are near to one another; undefined where that is of no matter. */
  near?: NearRows;
  /** Whether of near candidates one alone is kept. */
  keepsOneOfNear: boolean;
}

/** Rows of the input in the order of picks, and how many of them were drawn among those that the method cannot tell apart. */
export interface Picks {
  order: Int32Array;
  drawn: number;
}

/**
 * Let a method pick among its candidates, as far as the rules admit: included rows first, then each time its best row, or
 * the preferred one of those near to it.
 */
export async function pickRows(request: PickRequest): Promise<Picks> {
  const { picker, candidates, input, rules, near, keepsOneOfNear } = request;
  const { kept } = candidates;
  const { preference, seed = 0, signal } = input;
  const isGone = new Uint8Array(kept.length);
  const order: number[] = [];
  const share = new RandomShare(keepsOneOfNear ? new Int32Array(0) : candidates.indistinguishable, candidates, seed);
  const pass = (candidate: number): void => {
    if (candidate < 0 || isGone[candidate]) return;
    isGone[candidate] = 1;
    picker.pass(candidate);
  };
  const passRow = (row: number): void => {
    const candidate = candidates.of(row);
    if (candidate >= 0 && kept[candidate] === row) pass(candidate);
  };
  const isLeft = (row: number): boolean => candidates.of(row) >= 0 && !isGone[candidates.of(row)];
  const visitNear = (candidate: number, visit: (other: number) => void): void =>
    near?.visit(candidates.rows[candidate], (row) => visit(candidates.of(row)), isLeft);
  const take = (candidate: number): void | Promise<void> => {
    isGone[candidate] = 1;
    return picker.take(candidate);
  };
  const passNear = (candidate: number): void => {
    if (keepsOneOfNear) visitNear(candidate, pass);
  };
  /** Of the rows near to the best one that are left, a row such that no other near to it is preferred. */
  const preferred = (best: number): number => {
    if (preference === undefined) return best;
    let chosen = best;
    let climbs = true;
    const compare = (other: number): void => {
      if (other < 0 || isGone[other] || !rules.admits(kept[other])) return;
      const difference = preference[kept[other]] - preference[kept[next]];
      if (difference > 0 || (difference === 0 && other < next && next !== chosen)) next = other;
    };
    let next = chosen;
    while (climbs) {
      next = chosen;
      visitNear(chosen, compare);
      climbs = next !== chosen;
      chosen = next;
    }
    return chosen;
  };

  const included = Array.from(input.include ?? []);
  for (const row of included) {
    order.push(row);
    share.note(row);
    if (!isGone[candidates.of(row)]) await take(candidates.of(row));
  }
  // Only now, since included rows may be near to one another, and more than the share of their group.
  for (const row of included) {
    passNear(candidates.of(row));
    rules.take(row, passRow);
  }
  const turns = new Turns(signal);
  let drawn = 0;
  while (rules.hasRoom(order.length)) {
    if (order.length % PICKS_AT_ONCE === 0 && turns.isDue()) await turns.turn();
    const due = share.due(order.length);
    if (due >= 0) {
      if (!rules.admits(due)) continue;
      drawn++;
      order.push(due);
      rules.take(due, passRow);
      continue;
    }
    const found = picker.best();
    const best = typeof found === 'number' ? found : await found;
    if (best < 0) {
      if (!share.drawEarly()) break;
      continue;
    }
    if (!rules.admits(kept[best])) {
      pass(best);
      rules.refuse(passRow);
      continue;
    }
    const chosen = preferred(best);
    const taking = take(chosen);
    passNear(chosen);
    if (taking !== undefined) {
      await taking;
      if (turns.isDue()) await turns.turn();
    }
    order.push(kept[chosen]);
    rules.take(kept[chosen], passRow);
  }
  if (order.length === 0)
    throw new CoresetError('no row can be kept: each costs more than the budget, or than the share of its group');
  return { order: Int32Array.from(order), drawn };
}
