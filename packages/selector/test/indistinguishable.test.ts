import { createMatrix, rowOf } from '@coreset/core';
import { buildGraph } from '@coreset/graph';
import { METHODS, type MethodName, type SelectorInput, select } from '@coreset/selector';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';

const ROWS = 200;
const base = clusteredMatrix(ROWS, 6, 5);
/** Rows 100 to 179 have the vector of one of four rows, and 180 to 199 the content of one of those as well. */
const vectorOf = (row: number): number => (row < 100 ? row : row % 4);
const contentRepresentative = Int32Array.from({ length: ROWS }, (_, row) => (row < 180 ? row : row - 60));
const vectors = createMatrix(ROWS, 6);
for (let row = 0; row < ROWS; row++) rowOf(vectors, row).set(rowOf(base, vectorOf(row)));
const scores = Float64Array.from({ length: ROWS }, (_, row) => ((row * 37) % ROWS) / ROWS);
const target = clusteredMatrix(3, 6, 2);
const labels = new Int32Array(ROWS);
let input: SelectorInput;

beforeAll(async () => {
  input = { rows: ROWS, budget: ROWS, vectors, graph: await buildGraph(vectors, { k: 8 }), scores, labels, target };
});

describe.each(Object.keys(METHODS) as MethodName[])('%s', (name) => {
  test('keeps every row of its own content when all are asked for, whatever the vectors say', async () => {
    const { order } = await select(name, { ...input, contentRepresentative });
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: 180 }, (_, row) => row));
    const vectorsAlone = await select(name, input);
    expect(vectorsAlone.order.length).toBe(100);
  });

  test('keeps the share of indistinguishable rows that is kept of all, in every beginning of the order', async () => {
    const all = (await select(name, { ...input, contentRepresentative })).order;
    for (const budget of [1, 9, 45, 90]) {
      const { order } = await select(name, { ...input, budget, contentRepresentative });
      if (!METHODS[name].isForBudget) expect(order).toEqual(all.slice(0, budget));
      for (const beginning of [order, all.slice(0, budget)])
        expect(beginning.filter((row) => row >= 100).length).toBe(Math.floor((budget * 80) / 180));
    }
  });
});

test('which of them are kept follows the seed', async () => {
  const kept = async (seed: number): Promise<number[]> => {
    const { order } = await select('auto', { ...input, budget: 60, contentRepresentative, seed });
    return Array.from(order.filter((row) => row >= 100));
  };
  expect(await kept(1)).toEqual(await kept(1));
  expect(await kept(1)).not.toEqual(await kept(2));
});
