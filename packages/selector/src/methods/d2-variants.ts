import { pickOptions, rowMask } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';
import type { Selection } from '../selection.js';
import { cutHardest } from './ccs.js';
import { D2_SETTINGS, type D2Settings, d2Select } from './d2.js';
import { need, type SelectorInput } from './input.js';

/** Names of D2's own options. */
export const D2_OWN: readonly (keyof D2Settings)[] = (Object.keys(D2_SETTINGS) as (keyof D2Settings)[]).filter(
  (name) => name !== 'dropDuplicates',
);

/** `d2`: D2 Pruning as in the paper. */
export function d2(input: SelectorInput, settings: D2Settings): Selection {
  return d2Select(need(input, 'graph', 'd2'), need(input, 'scores', 'd2'), {
    ...pickOptions(settings, D2_SETTINGS),
    budget: input.budget,
  });
}

/** `uniform`: D2 with the same difficulty everywhere, so that density and diversity alone decide. */
export function uniform(input: SelectorInput, settings: D2Settings): Selection {
  const scores = new Float64Array(input.rows).fill(1);
  return d2Select(need(input, 'graph', 'uniform'), scores, {
    ...pickOptions(settings, D2_SETTINGS),
    budget: input.budget,
  });
}

/**
 * `d2-cutoff`: the hardest share β is cut off first, as in CCS (Zheng et al. 2023), since at high pruning
 * rates the hardest rows are often noise. The rows cut off come last, the least hard of them first.
 */
export function d2Cutoff(
  input: SelectorInput,
  { cutoff = 0.1, ...settings }: D2Settings & { cutoff?: number },
): Selection {
  const { remaining, cut } = cutHardest(need(input, 'scores', 'd2-cutoff'), cutoff);
  return withinParts(input, 'd2-cutoff', [remaining, cut], settings, (orders) => [...orders[0], ...cut]);
}

/**
 * `d2-per-class`: D2 within each class, on the edges within it, merged so that at every budget each class
 * has its share of the picks.
 */
export function d2PerClass(input: SelectorInput, settings: D2Settings): Selection {
  const labels = need(input, 'labels', 'd2-per-class');
  const members = new Map<number, number[]>();
  labels.forEach((label, row) => {
    const rows = members.get(label);
    if (rows) rows.push(row);
    else members.set(label, [row]);
  });
  const classes = Array.from(members.keys()).sort((a, b) => a - b);
  const parts = classes.map((label) => Int32Array.from(members.get(label) ?? []));
  return withinParts(input, 'd2-per-class', parts, settings, mergeInProportion);
}

/** Row after row from the part that is furthest behind its share. */
function mergeInProportion(orders: Int32Array[]): number[] {
  const total = orders.reduce((sum, order) => sum + order.length, 0);
  const taken = orders.map(() => 0);
  const merged: number[] = [];
  while (merged.length < total) {
    let next = -1;
    let furthest = Number.NEGATIVE_INFINITY;
    for (let p = 0; p < orders.length; p++) {
      if (taken[p] === orders[p].length) continue;
      const behind = ((merged.length + 1) * orders[p].length) / total - taken[p];
      if (behind > furthest) {
        furthest = behind;
        next = p;
      }
    }
    merged.push(orders[next][taken[next]++]);
  }
  return merged;
}

/** Run D2 on each part with the edges inside it, and put the orders together. */
function withinParts(
  input: SelectorInput,
  method: string,
  parts: Int32Array[],
  settings: D2Settings,
  merge: (orders: Int32Array[]) => ArrayLike<number>,
): Selection {
  const graph = need(input, 'graph', method);
  const scores = need(input, 'scores', method);
  const { rows, budget } = input;
  const by = new Int32Array(rows).fill(-1);
  const scoreBefore = new Float64Array(rows);
  const scoreAfter = new Float64Array(rows);
  const orders = parts.map((part) => {
    if (part.length === 0) return part;
    const selection = d2Select(
      inside(graph, part),
      Float64Array.from(part, (row) => scores[row]),
      { ...pickOptions(settings, D2_SETTINGS), budget: part.length },
    );
    part.forEach((row, p) => {
      if (selection.by[p] >= 0) by[row] = part[selection.by[p]];
      scoreBefore[row] = selection.scoreBefore[p];
      scoreAfter[row] = selection.scoreAfter[p];
    });
    return selection.order.map((p) => part[p]);
  });
  const order = Int32Array.from(merge(orders)).slice(0, budget);
  const kept = rowMask(rows, order);
  for (let row = 0; row < rows; row++) if (by[row] >= 0 && !kept[by[row]]) by[row] = -1;
  return { order, rows, by, scoreBefore, scoreAfter };
}

/**
 * The graph on a part of the rows. Lists differ in length then, so each is filled up with the row itself at
 * a distance at which no message arrives.
 */
function inside({ k, neighbours, distances }: NeighbourGraph, part: Int32Array): NeighbourGraph {
  const numberOf = new Map(Array.from(part, (row, p) => [row, p]));
  const own = new Int32Array(part.length * k);
  const lengths = new Float64Array(part.length * k);
  part.forEach((row, p) => {
    let filled = p * k;
    for (let e = row * k; e < (row + 1) * k; e++) {
      const number = numberOf.get(neighbours[e]);
      if (number === undefined) continue;
      own[filled] = number;
      lengths[filled++] = distances[e];
    }
    own.fill(p, filled, (p + 1) * k);
    lengths.fill(Number.MAX_VALUE, filled, (p + 1) * k);
  });
  return { rows: part.length, k, neighbours: own, distances: lengths, representative: Int32Array.from(part.keys()) };
}
