import {
  addCosts,
  type Cost,
  costOf,
  inParts,
  pickOptions,
  range,
  rowMask,
  STEP_ITEMS,
  type Steps,
} from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';
import { orderCost, type SelectWorkload } from '../cost.js';
import type { Selection } from '../selection.js';
import { cutHardest } from './ccs.js';
import { D2_SETTINGS, type D2Settings, d2Cost, d2Steps } from './d2.js';
import { need, type SelectorInput } from './input.js';

/** Names of D2's own options. */
export const D2_OWN: readonly (keyof D2Settings)[] = (Object.keys(D2_SETTINGS) as (keyof D2Settings)[]).filter(
  (name) => name !== 'dropDuplicates',
);

/** `d2`: D2 Pruning as in the paper. */
export function* d2(input: SelectorInput, settings: D2Settings): Steps<Selection> {
  return yield* d2Steps(need(input, 'graph', 'd2'), need(input, 'scores', 'd2'), {
    ...pickOptions(settings, D2_SETTINGS),
    budget: input.budget,
  });
}

/** `uniform`: D2 with the same difficulty everywhere, so that density and diversity alone decide. */
export function* uniform(input: SelectorInput, settings: D2Settings): Steps<Selection> {
  const scores = new Float64Array(input.rows).fill(1);
  return yield* d2Steps(need(input, 'graph', 'uniform'), scores, {
    ...pickOptions(settings, D2_SETTINGS),
    budget: input.budget,
  });
}

/** β of `d2-cutoff` where none is given. */
export const CUTOFF = 0.1;

/**
 * `d2-cutoff`: the hardest share β is cut off first, as in CCS (Zheng et al. 2023), since at high pruning
 * rates the hardest rows are often noise. The rows cut off come last, the least hard of them first.
 */
export function* d2Cutoff(
  input: SelectorInput,
  { cutoff = CUTOFF, ...settings }: D2Settings & { cutoff?: number },
): Steps<Selection> {
  const { remaining, cut } = yield* cutHardest(need(input, 'scores', 'd2-cutoff'), cutoff);
  return yield* withinParts(input, 'd2-cutoff', [remaining, cut], settings, ([order]) => hardestLast(order, cut));
}

// biome-ignore lint/correctness/useYield: one step
function* hardestLast(remaining: Int32Array, cut: Int32Array): Steps<Int32Array> {
  const order = new Int32Array(remaining.length + cut.length);
  order.set(remaining);
  order.set(cut, remaining.length);
  return order;
}

/**
 * `d2-per-class`: D2 within each class, on the edges within it, merged so that at every budget each class
 * has its share of the picks.
 */
export function* d2PerClass(input: SelectorInput, settings: D2Settings): Steps<Selection> {
  const labels = need(input, 'labels', 'd2-per-class');
  const members = new Map<number, number[]>();
  yield* inParts(labels.length, (start, end) => {
    for (let row = start; row < end; row++) {
      const rows = members.get(labels[row]);
      if (rows) rows.push(row);
      else members.set(labels[row], [row]);
    }
  });
  const classes = Array.from(members.keys()).sort((a, b) => a - b);
  const parts = classes.map((label) => Int32Array.from(members.get(label) ?? []));
  return yield* withinParts(input, 'd2-per-class', parts, settings, mergeInProportion);
}

/** The order of picks: each time the next row of the part that is furthest behind its share; ties go to the first part. */
function* mergeInProportion(orders: Int32Array[]): Steps<Int32Array> {
  const total = orders.reduce((sum, order) => sum + order.length, 0);
  const queues = queuesByLength(orders);
  const merged = new Int32Array(total);
  const takeNext = (at: number): void => {
    let next = queues[0];
    let furthest = Number.NEGATIVE_INFINITY;
    for (const queue of queues) {
      if (queue.taken === queue.length) continue;
      const behind = ((at + 1) * queue.length) / total - queue.taken;
      if (behind < furthest || (behind === furthest && queue.parts[queue.turn] > next.parts[next.turn])) continue;
      furthest = behind;
      next = queue;
    }
    merged[at] = orders[next.parts[next.turn]][next.taken];
    if (++next.turn < next.parts.length) return;
    next.turn = 0;
    next.taken++;
  };
  const atOnce = Math.max(1, Math.floor(STEP_ITEMS / queues.length));
  yield* inParts(
    total,
    (start, end) => {
      for (let at = start; at < end; at++) takeNext(at);
    },
    atOnce,
  );
  return merged;
}

/** Parts of the same length, which are behind in turn. */
interface Queue {
  length: number;
  /** Rising. */
  parts: number[];
  /** Rows taken from each part, and one more from those before the turn. */
  taken: number;
  turn: number;
}

function queuesByLength(orders: Int32Array[]): Queue[] {
  const queues = new Map<number, Queue>();
  for (const [part, { length }] of orders.entries()) {
    const queue = queues.get(length) ?? { length, parts: [], taken: 0, turn: 0 };
    queue.parts.push(part);
    queues.set(length, queue);
  }
  return Array.from(queues.values());
}

/** Run D2 on each part with the edges inside it, and put the orders together. */
function* withinParts(
  input: SelectorInput,
  method: string,
  parts: Int32Array[],
  settings: D2Settings,
  merge: (orders: Int32Array[]) => Steps<Int32Array>,
): Steps<Selection> {
  const graph = need(input, 'graph', method);
  const scores = need(input, 'scores', method);
  const { rows, budget } = input;
  const by = new Int32Array(rows).fill(-1);
  const scoreBefore = new Float64Array(rows);
  const scoreAfter = new Float64Array(rows);
  const partNumber = new Int32Array(rows);
  const orders: Int32Array[] = [];
  for (const part of parts) {
    if (part.length === 0) {
      orders.push(part);
      continue;
    }
    const selection = yield* d2Steps(
      yield* inside(graph, part, partNumber),
      Float64Array.from(part, (row) => scores[row]),
      { ...pickOptions(settings, D2_SETTINGS), budget: part.length },
    );
    yield* inParts(part.length, (start, end) => {
      for (let p = start; p < end; p++) {
        const row = part[p];
        if (selection.by[p] >= 0) by[row] = part[selection.by[p]];
        scoreBefore[row] = selection.scoreBefore[p];
        scoreAfter[row] = selection.scoreAfter[p];
      }
    });
    orders.push(selection.order.map((p) => part[p]));
  }
  const order = (yield* merge(orders)).slice(0, budget);
  const kept = rowMask(rows, order);
  for (let row = 0; row < rows; row++) if (by[row] >= 0 && !kept[by[row]]) by[row] = -1;
  return { order, rows, by, scoreBefore, scoreAfter };
}

/**
 * The graph on a part of the rows. Lists differ in length then, so each is filled up with the row itself at
 * a distance at which no message arrives.
 * @param numbers of all rows; those of the part are set to their numbers in it
 */
function* inside(
  { k, neighbours, distances }: NeighbourGraph,
  part: Int32Array,
  numbers: Int32Array,
): Steps<NeighbourGraph> {
  for (let p = 0; p < part.length; p++) numbers[part[p]] = p;
  const own = new Int32Array(part.length * k);
  const lengths = new Float64Array(part.length * k);
  yield* inParts(part.length, (start, end) => {
    for (let p = start; p < end; p++) {
      let filled = p * k;
      for (let e = part[p] * k; e < (part[p] + 1) * k; e++) {
        const number = numbers[neighbours[e]];
        if (part[number] !== neighbours[e]) continue;
        own[filled] = number;
        lengths[filled++] = distances[e];
      }
      own.fill(p, filled, (p + 1) * k);
      lengths.fill(Number.MAX_VALUE, filled, (p + 1) * k);
    }
  });
  return { rows: part.length, k, neighbours: own, distances: lengths, representative: range(0, part.length) };
}

const PER_EDGE_INSIDE = 5e-9;

/** D2 that picks all rows of each part. */
export function d2WithinCost(workload: SelectWorkload): Cost {
  const { rows, k } = workload;
  const inside = costOf({ serial: rows * k * PER_EDGE_INSIDE });
  return addCosts(orderCost(workload), inside, d2Cost({ ...workload, budget: rows }));
}
