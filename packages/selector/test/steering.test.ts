import { inOneGo, type Matrix, matrixOf, normaliseRows, seededRandom } from '@coreset/core';
import { buildGraph, type NeighbourGraph } from '@coreset/graph';
import { METHODS, type MethodName, type SelectOptions, type SelectorInput, select } from '@coreset/selector';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';
import { distanceToNth, meanSquares } from '../dist/list-distances.js';
import { subgraph } from '../dist/subgraph.js';

const ROWS = 240;
const COLS = 6;
const names = Object.keys(METHODS) as MethodName[];
const vectors = clusteredMatrix(ROWS, COLS, 8);
// Rows 0 to 39 lie so close together that no list of 8 names all that are near; 200 to 209 have the vector of another row.
for (let row = 1; row < 40; row++)
  for (let c = 0; c < COLS; c++) vectors.data[row * COLS + c] = vectors.data[c] + 0.01 * Math.sin(row * (c + 1));
for (let row = 200; row < 210; row++) vectors.data.copyWithin(row * COLS, (row - 100) * COLS, (row - 99) * COLS);
normaliseRows(vectors.data, COLS);
const scores = Float64Array.from({ length: ROWS }, (_, row) => ((row * 37) % ROWS) / ROWS);
const target = clusteredMatrix(5, COLS, 3);
const labels = Int32Array.from({ length: ROWS }, (_, row) => row % 3);
const all = Array.from({ length: ROWS }, (_, row) => row);
let graph: NeighbourGraph;

beforeAll(async () => {
  graph = await buildGraph(vectors, { k: 8 });
});

function input(budget: number, more: Partial<SelectorInput> = {}): SelectorInput {
  return { rows: ROWS, budget, vectors, graph, scores, labels, target, seed: 4, ...more };
}

function cosine({ data, cols }: Matrix, i: number, j: number): number {
  let product = 0;
  for (let c = 0; c < cols; c++) product += data[i * cols + c] * data[j * cols + c];
  return product;
}

const drawn = seededRandom(7);
const preference = Float64Array.from(all, () => drawn.uniform());

describe.each(names)('%s', (name) => {
  test('included rows come first and count; excluded ones are never kept', async () => {
    const include = [77, 3, 201, 150];
    const exclude = all.filter((row) => row % 4 === 1 && !include.includes(row));
    const { order } = await select(name, input(60, { include, exclude }));
    expect(Array.from(order.slice(0, 4))).toEqual(include);
    expect([order.length, new Set(order).size]).toEqual([60, 60]);
    for (const row of exclude) expect(order).not.toContain(row);
    const every = await select(name, input(ROWS, { exclude, include }));
    // Row 201 has the vector of 101, which is excluded, as is half of 200 to 209; the other half keeps what it repeats out.
    const left = all.filter((row) => !exclude.includes(row) && !(row >= 200 && row < 210 && left101(row, exclude)));
    expect(Array.from(every.order).sort((a, b) => a - b)).toEqual(left);
  });

  test('no two kept rows are nearer than asked, and one that is near stands for each dropped one', async () => {
    for (const maxSimilarity of [0.999, 0.9, 0.5]) {
      const { order } = await select(name, input(ROWS, { include: [5] }), { maxSimilarity });
      expect(order[0]).toBe(5);
      const kept = Array.from(order);
      for (const one of kept)
        for (const other of kept)
          if (one < other) expect(cosine(vectors, one, other)).toBeLessThan(maxSimilarity + 2e-6);
      for (const row of all)
        if (!kept.includes(row))
          expect(Math.max(...kept.map((one) => cosine(vectors, row, one)))).toBeGreaterThan(maxSimilarity - 2e-6);
    }
  });

  test('of near rows the preferred one is kept, whatever the method', async () => {
    const maxSimilarity = 0.95;
    const { order } = await select(name, input(ROWS, { preference }), { maxSimilarity });
    const expected: number[] = [];
    for (const row of all.toSorted((a, b) => preference[b] - preference[a]))
      if (expected.every((one) => cosine(vectors, one, row) < maxSimilarity)) expected.push(row);
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
  });

  test('without a greatest similarity a pick is replaced by the preferred of its near-duplicates', async () => {
    const { order } = await select(name, input(1, { preference }), { nearDuplicate: 0.99 });
    const [only] = order;
    const near = all.filter((row) => row !== only && cosine(vectors, only, row) > 0.991);
    for (const row of near) expect(preference[row]).toBeLessThan(preference[only]);
  });

  test('groups get the same, and each beginning of the order has them in proportion', async () => {
    const groups = Int32Array.from(all, (row) => (row < 120 ? 7 : row < 190 ? 2 : row < 220 ? 9 : 4));
    const countsOf = (rows: Int32Array): Record<number, number> => {
      const counts: Record<number, number> = { 2: 0, 4: 0, 7: 0, 9: 0 };
      for (const row of rows) counts[groups[row]]++;
      return counts;
    };
    const { order } = await select(name, input(60, { groups }), { balance: 'equal' });
    expect(countsOf(order)).toEqual({ 2: 15, 4: 15, 7: 15, 9: 15 });
    for (const budget of [8, 20, 44])
      for (const count of Object.values(countsOf(order.slice(0, budget))))
        expect(Math.abs(count - budget / 4)).toBeLessThan(1);
    // 70 + 20 + 120 + 20 different rows.
    const proportional = await select(name, input(46, { groups }), { balance: 'proportional' });
    expect(countsOf(proportional.order)).toEqual({ 2: 14, 4: 4, 7: 24, 9: 4 });
    // 15.2, 4.3, 26.1 and 4.3 of 50: what is left over goes to the largest remainder, here the first of two.
    const uneven = await select(name, input(50, { groups }), { balance: 'proportional' });
    expect(countsOf(uneven.order)).toEqual({ 2: 15, 4: 5, 7: 26, 9: 4 });
    const withIncluded = await select(name, input(50, { groups, include: [230, 5] }), { balance: 'equal' });
    expect(Array.from(withIncluded.order.slice(0, 2))).toEqual([230, 5]);
    expect(new Set(withIncluded.order).size).toBe(50);
    const least = await select(name, input(46, { groups }), { balance: 'proportional', groupMinimum: 6 });
    expect(Math.min(...Object.values(countsOf(least.order)))).toBe(6);
  });

  test('costs are spent, not more, and nothing that would fit is left', async () => {
    const costs = Float64Array.from(all, (row) => 1 + (row % 7));
    for (const budget of [1, 50, 333]) {
      const { order } = await select(name, input(budget, { costs }));
      const spent = order.reduce((sum, row) => sum + costs[row], 0);
      expect(spent).toBeLessThanOrEqual(budget);
      const repeats = (row: number): boolean => (row >= 100 && row < 110) || (row >= 200 && row < 210);
      const left = all.filter((row) => !order.includes(row) && !repeats(row));
      for (const row of left) expect(costs[row]).toBeGreaterThan(budget - spent);
    }
  });
});

function left101(row: number, exclude: number[]): boolean {
  return !exclude.includes(row - 100) && row !== 201;
}

test('auto takes the greatest gain per cost, and what included rows cover is covered', async () => {
  const costs = Float64Array.from(all, (row) => 1 + (row % 5));
  const include = [12, 180];
  const { order, scores: gains } = await select('auto', input(70, { costs, include }));
  const { order: plain } = await select('auto', input(30));
  const { order: after } = await select('auto', input(30, { include: [plain[0]] }));
  expect(after).toEqual(plain);
  const spent = (rows: Int32Array): number => rows.reduce((sum, row) => sum + costs[row], 0);
  for (let pick = 2; pick + 1 < order.length; pick++) {
    const [one, next] = [order[pick], order[pick + 1]];
    // Gains only fall, so the ratio falls from pick to pick, unless what comes first no longer fits.
    // Behind 20 rows auto draws one at random now and then.
    if (pick < 19 && spent(order.slice(0, pick + 1)) < 60)
      expect(gains[next] / costs[next]).toBeLessThan(gains[one] / costs[one] + 1e-9);
  }
  expect(spent(order)).toBeGreaterThan(65);
});

test.each(['auto', 'facility-location', 'subzero'] as const)(
  '%s takes the greatest gain per cost where rows are left out, and spends a budget above the number of rows',
  async (name) => {
    const costs = Float64Array.from(all, (row) => 1 + ((row * 7) % 11));
    const exclude = all.filter((row) => row < 60 && row % 2 === 0);
    const { order, scores: gains } = await select(name, input(300, { costs, exclude }));
    const ratios = Array.from(order, (row) => gains[row] / costs[row]);
    // Behind 18 of these rows auto draws one at random now and then.
    const picks = name === 'auto' ? 18 : 45;
    for (let pick = 1; pick < picks; pick++) expect(ratios[pick]).toBeLessThan(ratios[pick - 1] * (1 + 1e-9));
    expect(order.reduce((sum, row) => sum + costs[row], 0)).toBeGreaterThan(295);
  },
);

test('vectors of other lengths than 1 need the graph by cosine', async () => {
  const long = matrixOf(
    vectors.data.map((value, at) => value * (1 + (Math.floor(at / COLS) % 5))),
    ROWS,
    COLS,
  );
  const ofLong = { vectors: long, graph: await buildGraph(long, { k: 8 }) };
  await expect(select('auto', input(ROWS, ofLong), { maxSimilarity: 0.9 })).rejects.toThrow('give cosineGraph');
  const { order } = await select('auto', input(ROWS, { ...ofLong, cosineGraph: graph }), { maxSimilarity: 0.9 });
  for (const one of order)
    for (const other of order) if (one < other) expect(cosine(vectors, one, other)).toBeLessThan(0.9 + 2e-6);
});

test('a pick gives way to the near row of greatest preference, of equals to the lowest', async () => {
  const [best] = (await select('auto', input(1))).order;
  const preference = Float64Array.from(all, (row) => (row === best ? 0 : 1));
  for (const nearDuplicate of [0.9, 0.7, 0.4]) {
    const near = all.filter((row) => row !== best && cosine(vectors, best, row) >= nearDuplicate);
    const { order } = await select('auto', input(1, { preference }), { nearDuplicate });
    expect(near.length).toBeGreaterThan(1);
    expect(order[0]).toBe(near[0]);
  }
});

test('a group spends no more than its share of costs', async () => {
  const costs = Float64Array.from(all, (row) => 1 + ((row * 7) % 11));
  const groups = Int32Array.from(all, (row) => row % 4);
  for (const name of ['auto', 'random'] as const) {
    const { order } = await select(name, input(400, { costs, groups }), { balance: 'equal' });
    const spent = [0, 0, 0, 0];
    for (const row of order) spent[groups[row]] += costs[row];
    for (const one of spent) expect(one).toBeLessThanOrEqual(100);
    expect(Math.min(...spent)).toBeGreaterThan(90);
  }
});

describe('few vectors at angles of a circle', () => {
  const at = async (
    angles: number[],
    lengths: number[] = [],
  ): Promise<{ rows: number; vectors: Matrix; graph: NeighbourGraph }> => {
    const data = angles.flatMap((angle, row) =>
      [Math.cos, Math.sin].map((f) => (lengths[row] ?? 1) * f((angle * Math.PI) / 180)),
    );
    const made = matrixOf(Float32Array.from(data), angles.length, 2);
    return { rows: angles.length, vectors: made, graph: await buildGraph(made, { k: angles.length - 1 }) };
  };

  test('an included row keeps out what is near to it, also where it is near to another included one', async () => {
    const few = await at([0, 10, 20, 90]);
    const { order } = await select('random', { ...few, budget: 4, include: [0, 1] }, { maxSimilarity: 0.98 });
    expect(Array.from(order)).toEqual([0, 1, 3]);
  });

  test('an included row that is all of the share of its group is told to the method, and keeps out what is near', async () => {
    const few = await at([0, 10, 90]);
    const request = { ...few, budget: 2, include: [0], groups: Int32Array.of(0, 1, 1) };
    for (const options of [{ balance: 'equal' }, { balance: 'equal', maxSimilarity: 0.98 }] as const)
      expect(Array.from((await select('k-center', request, options)).order)).toEqual([0, 2]);
  });

  test('rows of one direction and other lengths are near to one another', async () => {
    const long = await at([0, 0, 0, 90, 180], [1, 2, 3, 1, 1]);
    const unit = await at([0, 0, 0, 90, 180]);
    const request = { ...long, budget: 5, scores: [3, 1, 2, 4, 5], cosineGraph: unit.graph };
    const kept = (await select('prototypes-easy', request, { maxSimilarity: 0.9 })).order;
    expect(Array.from(kept)).toEqual([1, 3, 4]);
    const preference = Float64Array.of(1, 2, 3, 0, 0);
    const preferred = (await select('prototypes-easy', { ...request, preference }, { maxSimilarity: 0.9 })).order;
    expect(Array.from(preferred)).toEqual([2, 3, 4]);
  });
});

test('whole costs are shared in whole numbers, so that nothing is left over', async () => {
  const costs = new Float64Array(ROWS).fill(1);
  const groups = Int32Array.from(all, (row) => row % 7);
  for (const balance of ['equal', 'sqrt', 'proportional'] as const)
    expect((await select('random', input(20, { costs, groups }), { balance })).order.length).toBe(20);
});

test('all is kept where all may be spent, however costs are rounded', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const costs = Float64Array.from(all, (row) => 0.1 + ((row * 7 + seed) % 11) / 10);
    const total = costs.reduce((sum, cost) => sum + cost, 0);
    const { order } = await select('random', input(total, { costs, seed }), { dropDuplicates: false });
    expect(order.length).toBe(ROWS);
  }
});

test('herding judges a part of the rows by the neighbours in it', async () => {
  // Most lists that lose a row keep the others, so that most picks are the same.
  const before = (await select('herding', input(60, { vectors: undefined }))).order;
  const after = (await select('herding', input(60, { vectors: undefined, exclude: [7, 60, 140] }))).order;
  expect(Array.from(after).filter((row) => before.includes(row)).length).toBeGreaterThan(45);
});

test('distances over lists are those to the neighbours that are in the part', () => {
  const part = Int32Array.from(all.filter((row) => row < 200 && row % 3 !== 0));
  const own = inOneGo(subgraph(graph, part));
  const { ofRows, ofAll } = inOneGo(meanSquares(own));
  const lists = Array.from(part, (row) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((n) => row * 8 + n).filter((e) => part.includes(graph.neighbours[e])),
  ).map((edges) => edges.map((e) => graph.distances[e]));
  const meanOf = (list: number[]): number => list.reduce((sum, one) => sum + one ** 2, 0) / list.length;
  expect(ofAll).toBeCloseTo(meanOf(lists.flat()), 9);
  lists.forEach((list, p) => {
    expect(ofRows[p]).toBeCloseTo(list.length === 0 ? ofAll : meanOf(list), 9);
    for (const nth of [1, 3, 8]) expect(distanceToNth(own, p, nth)).toBe(list[Math.min(nth, list.length) - 1] ?? 0);
  });
});

test('a preferred row for which there is no room does not take the place of a pick', async () => {
  const costs = Float64Array.from(all, (row) => 1 + 30 * preference[row]);
  for (const budget of [5, 20, 60]) {
    const { order } = await select('auto', input(budget, { costs, preference }), { nearDuplicate: 0.8 });
    expect(order.reduce((sum, row) => sum + costs[row], 0)).toBeLessThanOrEqual(budget);
  }
});

test('an included row that no method can tell from another is kept once', async () => {
  const contentRepresentative = Int32Array.from(all); // rows 200 to 209 have the vector of another, and contents of their own
  for (const include of [[203], [203, 103], [103, 204]]) {
    const { order } = await select('auto', input(ROWS, { contentRepresentative, include }));
    expect(Array.from(order.slice(0, include.length))).toEqual(include);
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(all);
  }
});

const WRONG: [string, Partial<SelectorInput>, SelectOptions][] = [
  ['include: 240 is no row; rows go from 0 to 239', { include: [240] }, {}],
  ['include: row 3 is listed twice', { include: [3, 3] }, {}],
  ['row 9 is both included and excluded', { include: [9], exclude: [8, 9] }, {}],
  ['6 rows are included, more than the 5 to keep', { include: [1, 2, 3, 4, 5, 6] }, {}],
  ['all rows are excluded', { exclude: all }, {}],
  ['there are 1 groups for 240 rows', { groups: Int32Array.of(1) }, { balance: 'equal' }],
  ['balance needs groups', {}, { balance: 'sqrt' }],
  ["balance 'even' is not known", { groups: labels }, { balance: 'even' as 'equal' }],
  ['groupMinimum means nothing without balance', { groups: labels }, { groupMinimum: 1 }],
  [
    'the least of 3 groups come to 6, more than the budget of 5',
    { groups: labels },
    { balance: 'equal', groupMinimum: 2 },
  ],
  ['row 0: its cost is 0; costs are above 0', { costs: new Float64Array(ROWS) }, {}],
  [
    'the budget must be above 0 and at most 3.75, what all rows cost',
    { costs: new Float64Array(ROWS).fill(1 / 64) },
    {},
  ],
  ['no row can be kept: each costs more than the budget', { costs: new Float64Array(ROWS).fill(6) }, {}],
  ['maxSimilarity must be a cosine above 0 and at most 1, got 1.5', {}, { maxSimilarity: 1.5 }],
  ['maxSimilarity means nothing where duplicates are kept', {}, { maxSimilarity: 0.9, dropDuplicates: false }],
  ['maxSimilarity needs a graph', { graph: undefined }, { maxSimilarity: 0.9 }],
  [
    'have all of their 8 listed neighbours so near that there may be more',
    { vectors: undefined },
    { maxSimilarity: 0.9 },
  ],
];

test.each(WRONG)('%s', async (message, more, options) => {
  await expect(select('random', input(5, more), options)).rejects.toThrow(message);
});

test('shares by roots of sizes, by water filling', async () => {
  const groups = Int32Array.from(all, (row) => (row < 100 ? 0 : row < 104 ? 1 : 2));
  const { order } = await select('random', input(59, { groups }), { balance: 'sqrt' });
  const counts = [0, 0, 0];
  for (const row of order) counts[groups[row]]++;
  // Roots 10, 2, √126 (126 different rows): 59 / 23.22 = 2.54 for each unit, of which group 1 takes its 4 rows alone.
  expect(counts).toEqual([26, 4, 29]);
});
