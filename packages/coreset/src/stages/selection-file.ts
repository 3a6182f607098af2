import { rowMask, type Sink, writeAtomic } from '@coreset/core';
import type { ToldSelection } from './told-selection.js';

/** Translate a row of the embeddings to a row of the input; the same when no row was left out. */
export type InputRow = (row: number) => number;

const SAME_ROW: InputRow = (row) => row;
const PER_LINE = 1000;

function writeJsonList(sink: Sink, name: string, values: ArrayLike<number>): void {
  sink.write(`  "${name}": [`);
  for (let start = 0; start < values.length; start += PER_LINE) {
    const end = Math.min(values.length, start + PER_LINE);
    let line = start === 0 ? '' : ',';
    for (let i = start; i < end; i++) line += i === start ? values[i] : `,${values[i]}`;
    sink.write(line);
  }
  sink.write(']');
}

/**
 * Write `selection.json`: `order` (kept rows in the order of picks), `kept` (the same, ascending), `gain` and `weight` (of
 * the rows of `order`; no `weight` without a graph) and `dropped`, a list of `{ row, by, similarity }` where `by` is the
 * kept row that stands for the row, or null. Without vectors there is `distance` instead of `similarity`, without a graph
 * neither.
 */
export function writeSelection(path: string, told: ToldSelection, inputRow: InputRow = SAME_ROW): Promise<void> {
  const { rows, order, gain, weight, by } = told;
  const [nearness, of] = nearnessOf(told);
  return writeAtomic(path, (sink) => {
    sink.write('{\n');
    const lists = { order: order.map(inputRow), kept: order.slice().sort().map(inputRow), gain, weight };
    for (const [name, values] of Object.entries(lists)) {
      if (values === undefined) continue;
      writeJsonList(sink, name, values);
      sink.write(',\n');
    }
    sink.write('  "dropped": [');
    const kept = rowMask(rows, order);
    let separator = '\n    ';
    for (let row = 0; row < rows; row++) {
      if (kept[row] === 1) continue;
      const standIn = by[row] < 0 ? null : inputRow(by[row]);
      const near = nearness === undefined ? '' : `,"${nearness}":${by[row] < 0 ? null : of(row)}`;
      sink.write(`${separator}{"row":${inputRow(row)},"by":${standIn}${near}}`);
      separator = ',\n    ';
    }
    sink.write('\n  ]\n}\n');
  });
}

/** Digits of a distance, which is float32. */
const DIGITS = 7;

/** What is told of how near rows are, and the number for each. */
function nearnessOf({ similarity, distance }: ToldSelection): [string | undefined, (row: number) => number] {
  if (similarity) return ['similarity', (row) => similarity[row]];
  if (distance) return ['distance', (row) => Number(distance[row].toPrecision(DIGITS))];
  return [undefined, () => 0];
}
