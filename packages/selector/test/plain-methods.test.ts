// Each method beside the plainest program that does the same.
import { type Matrix, matrixFrom, randomOrder, seededRandom } from '@coreset/core';
import { MessageWeight, type NeighbourGraph, noDuplicates } from '@coreset/graph';
import { type Selection, type SelectorInput, select } from '@coreset/selector';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

interface Example {
  vectors: Matrix;
  graph: NeighbourGraph;
  scores: Float64Array;
  labels: Int32Array;
  rows: number;
  /** The cosine of two rows. */
  cosine(i: number, j: number): number;
  /** The listed neighbours of a row and how far they are, nearest first. */
  listOf(row: number): { row: number; distance: number }[];
}

/** Rows of no particular length; scores and distances on a coarse grid, so that ties are frequent. */
function example(rows: number, seed: number): Example {
  const random = seededRandom(seed);
  const cols = 3;
  const vectors = matrixFrom(
    Array.from({ length: rows }, () => Array.from({ length: cols }, () => 5 * (random.uniform() - 0.4))),
  );
  const vector = (row: number): number[] => Array.from(vectors.data.subarray(row * cols, (row + 1) * cols));
  const dot = (a: number[], b: number[]): number => a.reduce((sum, x, c) => sum + x * b[c], 0);
  const listed = rowsOf({ rows }).map(vector);
  const cosine = (i: number, j: number): number =>
    dot(listed[i], listed[j]) / Math.sqrt(dot(listed[i], listed[i]) * dot(listed[j], listed[j]));
  const k = Math.min(4, rows - 1);
  const lists = Array.from({ length: rows }, (_, row) => {
    const distances = Array.from({ length: k }, () => (1 + random.below(8)) / 4).sort((a, b) => a - b);
    const others = Array.from(randomOrder(rows, random)).filter((other) => other !== row);
    return distances.map((distance, e) => ({ row: others[e], distance }));
  });
  const cosines = Array.from({ length: rows }, (_, i) => Array.from({ length: rows }, (_, j) => cosine(i, j)));
  return {
    rows,
    vectors,
    scores: Float64Array.from({ length: rows }, () => (1 + random.below(7)) / 8),
    labels: Int32Array.from({ length: rows }, () => random.below(3)),
    graph: {
      rows,
      k,
      neighbours: Int32Array.from(lists.flatMap((list) => list.map((edge) => edge.row))),
      distances: Float64Array.from(lists.flatMap((list) => list.map((edge) => edge.distance))),
      representative: noDuplicates(rows),
    },
    cosine: (i, j) => cosines[i][j],
    listOf: (row) => lists[row],
  };
}

const examples = fc.tuple(fc.integer({ min: 2, max: 30 }), fc.nat());

/** Run a property over examples and budgets. */
function forExamples(
  numRuns: number,
  check: (made: Example, input: SelectorInput, seed: number) => void | Promise<void>,
): Promise<void> {
  return fc.assert(
    fc.asyncProperty(examples, async ([rows, seed]) => {
      const made = example(rows, seed);
      const { vectors, graph, scores, labels } = made;
      const budget = 1 + seededRandom(seed).below(rows);
      await check(made, { rows, budget, vectors, graph, scores, labels, seed }, seed);
    }),
    { numRuns },
  );
}

const rowsOf = ({ rows }: { rows: number }): number[] => Array.from({ length: rows }, (_, row) => row);

/** By falling value, ties by the lowest row. */
function sortedBy(rows: number[], value: (row: number) => number): number[] {
  return rows.slice().sort((a, b) => value(b) - value(a) || a - b);
}

function expectNear(actual: ArrayLike<number>, expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(actual[i] - value)).toBeLessThan(1e-4);
}

describe('moderate', () => {
  const median = (values: number[]): number => {
    const sorted = values.slice().sort((a, b) => a - b);
    return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
  };

  test.each([true, false])('takes what is nearest to the median of its class; classes: %s', async (hasLabels) => {
    await forExamples(50, async (made, input) => {
      const { scores, labels } = made;
      const classOf = (row: number): number => (hasLabels ? labels[row] : 0);
      const offMedian = (row: number): number => {
        const others = rowsOf(made).filter((other) => classOf(other) === classOf(row));
        return Math.abs(scores[row] - median(others.map((other) => scores[other])));
      };
      const selection = await select('moderate', { ...input, labels: hasLabels ? labels : undefined });
      const expected = sortedBy(rowsOf(made), (row) => -offMedian(row));
      expect(Array.from(selection.order)).toEqual(expected.slice(0, input.budget));
      expectNear(
        selection.scores,
        rowsOf(made).map((row) => -offMedian(row)),
      );
    });
  });
});

test('prototypes: by score, ties by the lowest row', async () => {
  await forExamples(50, async (made, input) => {
    const { scores } = made;
    const hard = await select('prototypes-hard', input);
    expect(Array.from(hard.order)).toEqual(sortedBy(rowsOf(made), (row) => scores[row]).slice(0, input.budget));
    expect(hard.scores).toEqual(scores);
    const easy = await select('prototypes-easy', input);
    expect(Array.from(easy.order)).toEqual(sortedBy(rowsOf(made), (row) => -scores[row]).slice(0, input.budget));
  });
});

test('ccs: strata of equal width in turn, then what was cut off, the least hard first', async () => {
  await forExamples(100, async (made, input, seed) => {
    const { scores, rows } = made;
    const cutoff = (seed % 5) / 5;
    const strata = 1 + (seed % 6);
    const { order } = await select('ccs', { ...input, budget: rows }, { strata, cutoff });
    const cut = sortedBy(rowsOf(made), (row) => scores[row]).slice(0, Math.floor(cutoff * rows));
    const remaining = rowsOf(made).filter((row) => !cut.includes(row));
    expect(Array.from(order.slice(remaining.length))).toEqual(cut.toReversed());
    const least = Math.min(...remaining.map((row) => scores[row]));
    const greatest = Math.max(...remaining.map((row) => scores[row]));
    const stratumOf = (row: number): number => {
      if (greatest === least) return 0;
      return Math.min(strata - 1, Math.floor((scores[row] - least) / ((greatest - least) / strata)));
    };
    const sizes = Array.from({ length: strata }, (_, s) => remaining.filter((row) => stratumOf(row) === s).length);
    const expected: number[] = [];
    for (let turn = 0; turn < rows; turn++) for (let s = 0; s < strata; s++) if (turn < sizes[s]) expected.push(s);
    expect(Array.from(order.slice(0, remaining.length), stratumOf)).toEqual(expected);
    expect((await select('ccs', input, { strata, cutoff })).order).toEqual(order.slice(0, input.budget));
  });
});

test('ccs takes a random row of a stratum; 50 strata and nothing cut off where nothing is said', async () => {
  const scores = Float64Array.from({ length: 1000 }, (_, row) => row);
  const input: SelectorInput = { rows: 1000, budget: 1000, scores, seed: 1 };
  const { order } = await select('ccs', input);
  for (let turn = 0; turn < 20; turn++) {
    const strata = Array.from(order.slice(50 * turn, 50 * turn + 50), (row) => Math.min(49, Math.floor(row / 19.98)));
    expect(new Set(strata).size).toBe(50);
  }
  const other = await select('ccs', { ...input, seed: 2 });
  expect(other.order.slice(0, 50)).not.toEqual(order.slice(0, 50));
});

test.each([{ strata: 0 }, { cutoff: 1 }, { cutoff: -0.1 }, { cutoff: Number.NaN }])(
  'ccs refuses %o',
  async (options) => {
    const input = { rows: 2, budget: 1, scores: [1, 2] };
    await expect(select('ccs', input, options)).rejects.toThrow(new RegExp(Object.keys(options)[0]));
  },
);

test('semdedup: the row whose nearest preferred neighbour is farthest comes first; of a pair the harder stays', async () => {
  for (const withScores of [true, false]) {
    await forExamples(80, async (made, input) => {
      const { scores } = made;
      const isPreferred = (a: number, b: number): boolean => {
        if (!withScores || scores[a] === scores[b]) return a < b;
        return scores[a] > scores[b];
      };
      const nearestPreferred = (row: number): { row: number; distance: number } | undefined =>
        made.listOf(row).find((edge) => isPreferred(edge.row, row));
      const distance = (row: number): number => nearestPreferred(row)?.distance ?? Number.MAX_VALUE;
      const selection = await select('semdedup', { ...input, scores: withScores ? scores : undefined });
      const expected = sortedBy(rowsOf(made), distance).slice(0, input.budget);
      expect(Array.from(selection.order)).toEqual(expected);
      expect(Array.from(selection.scores)).toEqual(rowsOf(made).map(distance));
    });
  }
});

test('semdedup, told to keep duplicates, counts a row with the vector of an earlier one as at distance 0 of it', async () => {
  const { graph } = example(4, 1);
  const representative = Int32Array.of(0, 1, 0, 3);
  const input: SelectorInput = { rows: 4, budget: 3, graph: { ...graph, representative } };
  const { order, scores } = await select('semdedup', input, { dropDuplicates: false });
  expect(order).not.toContain(2);
  expect(scores[2]).toBe(0);
});

test.each([1, 0.4, 3])('graph cut with λ %d takes the greatest gain', async (lambda) => {
  await forExamples(25, async (made, input) => {
    const { cosine } = made;
    const all = rowsOf(made);
    const selection = await select('graph-cut', input, lambda === 1 ? {} : { lambda });
    const gains = all.map((row) => lambda * all.reduce((sum, other) => sum + cosine(row, other), 0) - 1);
    const left = new Set(all);
    for (const picked of selection.order) {
      for (const other of left) expect(gains[other]).toBeLessThan(gains[picked] + 1e-4);
      left.delete(picked);
      for (const other of left) gains[other] -= 2 * cosine(other, picked);
    }
    expectNear(selection.scores, gains);
  });
});

test('graph cut takes λ of at least 0', async () => {
  const { vectors } = example(5, 1);
  await expect(select('graph-cut', { rows: 5, budget: 1, vectors }, { lambda: -1 })).rejects.toThrow(/lambda/);
  expect((await select('graph-cut', { rows: 5, budget: 5, vectors }, { lambda: 0 })).order.length).toBe(5);
});

test('k-center takes the row farthest from all picked', async () => {
  await forExamples(25, async (made, input) => {
    const { cosine } = made;
    const selection = await select('k-center', input);
    const picked: number[] = [];
    const nearest = (row: number): number => Math.max(...picked.map((one) => cosine(row, one)));
    for (const row of selection.order) {
      if (picked.length > 0) {
        const others = rowsOf(made).filter((other) => !picked.includes(other));
        expect(nearest(row)).toBeLessThan(Math.min(...others.map(nearest)) + 1e-5);
      }
      picked.push(row);
    }
    const distance = (row: number, others: number[]): number =>
      others.length === 0 ? 2 : 1 - Math.max(...others.map((other) => cosine(row, other)));
    for (const row of rowsOf(made)) {
      const at = picked.indexOf(row);
      expect(Math.abs(selection.scores[row] - distance(row, at < 0 ? picked : picked.slice(0, at)))).toBeLessThan(1e-4);
    }
  });
});

test('k-center starts at a row drawn by the seed', async () => {
  const { vectors } = example(30, 1);
  const first = async (seed: number): Promise<number> =>
    (await select('k-center', { rows: 30, budget: 1, vectors, seed })).order[0];
  for (const seed of [0, 1, 2, 3]) expect(await first(seed)).toBe(seededRandom(seed).below(30));
  expect((await select('k-center', { rows: 30, budget: 1, vectors })).order[0]).toBe(seededRandom(0).below(30));
});

test('facility location takes the greatest gain, which becomes its score', async () => {
  await forExamples(25, async (made, input) => {
    const { cosine } = made;
    const all = rowsOf(made);
    const selection = await select('facility-location', input);
    const covered = all.map(() => 0);
    const gain = (row: number): number =>
      all.reduce((sum, other) => sum + Math.max(0, cosine(row, other) - covered[other]), 0);
    const left = new Set(all);
    for (const picked of selection.order) {
      const worth = gain(picked);
      for (const other of left) expect(gain(other)).toBeLessThan(worth + 1e-4);
      expect(Math.abs(selection.scores[picked] - worth)).toBeLessThan(1e-4);
      left.delete(picked);
      for (const other of all) covered[other] = Math.max(covered[other], cosine(picked, other));
    }
  });
});

test('facility location over more rows than one block of gains', async () => {
  const made = example(150, 7);
  const { order, scores } = await select('facility-location', { rows: 150, budget: 1, vectors: made.vectors });
  const all = rowsOf(made);
  const gains = all.map((row) => all.reduce((sum, other) => sum + Math.max(0, made.cosine(row, other)), 0));
  expect(Math.abs(scores[order[0]] - Math.max(...gains))).toBeLessThan(1e-4);
  for (const row of all) expect(scores[row]).toBeLessThan(gains[row] + 1e-4);
});

/** D2 on some rows, with the edges between them alone, by plain search. */
function plainD2(
  made: Example,
  part: number[],
  picks: number = part.length,
): { order: number[]; after: Map<number, number> } {
  const weight = new MessageWeight('exponential', 1);
  const neighbours = new Map(part.map((row) => [row, made.listOf(row).filter((edge) => part.includes(edge.row))]));
  const connected = new Map(Array.from(neighbours, ([row, list]) => [row, list.slice()]));
  for (const [row, list] of neighbours) {
    for (const edge of list) {
      const isListed = neighbours.get(edge.row)?.some((back) => back.row === row);
      if (!isListed) connected.get(edge.row)?.push({ row, distance: edge.distance });
    }
  }
  const score = new Map(
    Array.from(connected, ([row, list]) => [
      row,
      list.reduce((sum, edge) => sum + weight.of(edge.distance) * made.scores[edge.row], made.scores[row]),
    ]),
  );
  const left = new Set(part);
  const order: number[] = [];
  while (order.length < picks) {
    const [best] = sortedBy(Array.from(left), (row) => Math.round(1e9 * (score.get(row) as number)));
    left.delete(best);
    order.push(best);
    for (const edge of connected.get(best) ?? []) {
      if (!left.has(edge.row)) continue;
      const message = weight.of(edge.distance) * (score.get(best) as number);
      score.set(edge.row, (score.get(edge.row) as number) - message);
    }
  }
  return { order, after: score };
}

/** What D2 in parts has to give, the orders put together. */
function expectParts(selection: Selection, made: Example, parts: number[][], order: number[]): void {
  expect(Array.from(selection.order)).toEqual(order);
  for (const part of parts) {
    const { after } = plainD2(made, part, part.filter((row) => order.includes(row)).length);
    for (const row of part) {
      expect(selection.scores[row]).toBeCloseTo(after.get(row) as number, 6);
    }
  }
}

/** Scores of a grid tie by rounding alone; these do not. */
function withoutTies(made: Example, seed: number): Example {
  const random = seededRandom(seed + 1);
  return { ...made, scores: made.scores.map((score) => score + 0.1 * random.uniform()) };
}

test('d2-cutoff: D2 on what remains, then what was cut off, the least hard first', async () => {
  await forExamples(80, async (tied, input, seed) => {
    const made = withoutTies(tied, seed);
    const { scores } = made;
    const cutoff = (seed % 5) / 5;
    const options = cutoff === 0.4 ? {} : { cutoff };
    const count = Math.floor((cutoff === 0.4 ? 0.1 : cutoff) * made.rows);
    const cut = sortedBy(rowsOf(made), (row) => scores[row]).slice(0, count);
    const remaining = rowsOf(made).filter((row) => !cut.includes(row));
    const order = [...plainD2(made, remaining).order, ...cut.toReversed()].slice(0, input.budget);
    expectParts(await select('d2-cutoff', { ...input, scores }, options), made, [remaining], order);
  });
});

test('d2-per-class: D2 in each class, merged row after row from the class furthest behind its share', async () => {
  await forExamples(80, async (tied, input, seed) => {
    const made = withoutTies(tied, seed);
    const { scores, labels, rows } = made;
    const classes = [...new Set(labels)].sort((a, b) => a - b);
    const parts = classes.map((label) => rowsOf(made).filter((row) => labels[row] === label));
    const orders = parts.map((part) => plainD2(made, part).order);
    const taken = parts.map(() => 0);
    const merged: number[] = [];
    while (merged.length < rows) {
      const behind = parts.map((part, p) =>
        taken[p] === part.length ? Number.NEGATIVE_INFINITY : ((merged.length + 1) * part.length) / rows - taken[p],
      );
      const next = behind.indexOf(Math.max(...behind));
      merged.push(orders[next][taken[next]++]);
    }
    const order = merged.slice(0, input.budget);
    expectParts(await select('d2-per-class', { ...input, scores }), made, parts, order);
  });
});
