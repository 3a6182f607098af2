import { addCosts, type Cost, costOf, diagnose, fallingOrder, inParts, inTurns, type Steps } from '@coreset/core';
import { BestRows } from '../best-rows.js';
import { visitCosines } from '../cosines.js';
import { cosineCost, orderCost, type SelectWorkload } from '../cost.js';
import { OrderPicker, type Picker } from '../picker.js';
import { rowsToKeep } from '../rows-to-keep.js';
import { need, type SelectorInput } from './input.js';

/** The list of a target row has so many times the rows that it can take in turn. */
const LIST_SHARE = 2;

/**
 * Rows like those of a target: RDS+ (Ivison et al. 2025, "Large-scale data selection for instruction tuning"). The likeness of a
 * row to a target row is their cosine. Each of Q target rows lists the ⌈2 B / Q⌉ rows that are most like it, B the budget. Then
 * the target rows take turns, first to last and round again: each takes the first row of its list that was not taken yet, until
 * all lists are used up. The other rows follow by their greatest likeness. Ties go to the lowest row.
 *
 * With a set `away`, the likeness of a row to a target row is their cosine less the greatest cosine of the row with a row of
 * `away`: a row as like to what is to be avoided as to the target has likeness 0, and comes after all that are more like the
 * target.
 *
 * The order is that of the given budget, since another makes lists of another length. Scores: the greatest likeness of each row.
 */
export async function toward(input: SelectorInput): Promise<Picker> {
  const { rows, away, signal } = input;
  const vectors = need(input, 'vectors', 'toward');
  const target = need(input, 'target', 'toward');
  const length = Math.min(rows, Math.ceil((LIST_SHARE * rowsToKeep(input)) / target.rows));
  diagnose(input, 'select', { targetRows: target.rows, awayRows: away?.rows ?? 0, listLength: length });
  const avoided = new Float64Array(rows);
  if (away) {
    avoided.fill(Number.NEGATIVE_INFINITY);
    await visitCosines(vectors, away, 'away', signal, (row, _, cosine) => {
      if (cosine > avoided[row]) avoided[row] = cosine;
    });
  }
  const lists = Array.from({ length: target.rows }, () => new BestRows(length));
  const greatest = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
  await visitCosines(vectors, target, 'target', signal, (row, targetRow, cosine) => {
    const likeness = cosine - avoided[row];
    lists[targetRow].offer(row, likeness);
    if (likeness > greatest[row]) greatest[row] = likeness;
  });
  return new OrderPicker(await inTurns(inTurn(lists, greatest), signal), greatest);
}

/** The rows that the lists take in turn, then the others. */
function* inTurn(best: BestRows[], greatest: Float64Array): Steps<Int32Array> {
  const order = new Int32Array(greatest.length);
  const isTaken = new Uint8Array(greatest.length);
  let taken = 0;
  const take = (row: number): void => {
    if (isTaken[row]) return;
    isTaken[row] = 1;
    order[taken++] = row;
  };
  let lists: { rows: Int32Array; next: number }[] = [];
  for (const one of best) lists.push({ rows: yield* one.falling(), next: 0 });
  while (lists.length > 0) {
    yield* inParts(lists.length, (start, end) => {
      for (const list of lists.slice(start, end)) {
        while (list.next < list.rows.length && isTaken[list.rows[list.next]]) list.next++;
        if (list.next < list.rows.length) take(list.rows[list.next]);
      }
    });
    lists = lists.filter(({ rows, next }) => next < rows.length);
  }
  const rest = yield* fallingOrder(greatest);
  yield* inParts(rest.length, (start, end) => rest.subarray(start, end).forEach(take));
  return order;
}

/** Target rows that a plan counts with, since it does not know them. */
const TARGET_ROWS = 200;

/** Cosines of all rows with those of the target. */
export function towardCost(workload: SelectWorkload): Cost {
  const { memory: _, ...products } = cosineCost(workload, 0, TARGET_ROWS);
  return addCosts(costOf({ ...products, memory: workload.rows * 40 }), orderCost(workload));
}
