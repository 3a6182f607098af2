import { join } from 'node:path';
import { type Matrix, matrixOf, range, writeNpy } from '@coreset/core';
import { difficultyScores, kmeans } from '@coreset/difficulty';
import { buildGraph, estimateRecall, type GraphBackend } from '@coreset/graph';
import { coverage, coverageCurves } from '@coreset/metrics';
import { select } from '@coreset/selector';
import { describe, expect, test } from 'vitest';
import { clusteredMatrix, coreset, temporaryFolder } from '../../../test/support.ts';

const ROWS = 1200;
const plain = clusteredMatrix(ROWS, 12, 5, 30);
/** Rows that codes tell apart badly, so that some are searched in float32. */
const withFarRow = matrixOf(plain.data.slice(), ROWS, 12);
withFarRow.data.set(plain.data.subarray(0, 12).map((value) => 3000 * value));

function times({ data, rows, cols }: Matrix, factor: number): Matrix {
  return matrixOf(
    data.map((value) => value * factor),
    rows,
    cols,
  );
}

describe.each([2 ** 100, 2 ** -100])('vectors times %d', (factor) => {
  const scaled = times(plain, factor);

  test.each(['exact', 'ivf', 'hnsw'] satisfies GraphBackend[])('have the same neighbours by %s', async (backend) => {
    for (const vectors of [plain, withFarRow]) {
      const graph = await buildGraph(vectors, { backend, k: 6 });
      const far = await buildGraph(times(vectors, factor), { backend, k: 6 });
      expect(far.neighbours).toEqual(graph.neighbours);
      expect(far.distances).toEqual(graph.distances.map((distance) => distance * factor));
      expect(await estimateRecall(times(vectors, factor), far, 6, {})).toBe(
        await estimateRecall(vectors, graph, 6, {}),
      );
    }
  });

  test('have the same prototypes, difficulty and coverage', async () => {
    for (const metric of ['euclidean', 'cosine'] as const) {
      const [near, far] = await Promise.all([
        difficultyScores(plain, { metric, prototypes: 20, seed: 1 }),
        difficultyScores(scaled, { metric, prototypes: 20, seed: 1 }),
      ]);
      expect(far).toEqual(near);
    }
    const { prototypes, inertia } = await kmeans(plain, { prototypes: 20, seed: 1 });
    const far = await kmeans(scaled, { prototypes: 20, seed: 1 });
    expect(far.prototypes.data).toEqual(prototypes.data.map((value) => value * factor));
    expect(far.inertia).toBeCloseTo(inertia * factor ** 2, 5);
    const order = range(0, 100);
    const { distances } = await coverageCurves(plain, [order]);
    const farCurves = await coverageCurves(scaled, [order]);
    expect(farCurves.distances[0]).toEqual(distances[0].map((distance) => distance * factor));
    const { aucpr } = await coverage(plain, order);
    expect((await coverage(scaled, order)).aucpr / factor).toBeCloseTo(aucpr, 6);
  });

  test('have the same picks', async () => {
    const graph = await buildGraph(plain, { k: 6 });
    const farGraph = await buildGraph(scaled, { k: 6 });
    const { scores } = await difficultyScores(plain);
    const { scores: farScores } = await difficultyScores(scaled);
    const input = { rows: ROWS, budget: 200, vectors: plain, graph, scores };
    const far = { ...input, vectors: scaled, graph: farGraph, scores: farScores };
    for (const method of [
      'auto',
      'semdedup',
      'facility-location',
      'graph-cut',
      'k-center',
      'herding',
      'subzero',
    ] as const)
      expect((await select(method, far)).order).toEqual((await select(method, input)).order);
    for (const method of ['hierarchical', 'density', 'toward'] as const)
      expect((await select(method, { ...far, target: scaled })).order).toEqual(
        (await select(method, { ...input, target: plain })).order,
      );
    // γ is in units of one over a distance.
    const gamma = { gammaForward: 1, gammaReverse: 1 };
    const farGamma = { gammaForward: 1 / factor, gammaReverse: 1 / factor };
    expect((await select('d2', far, farGamma)).order).toEqual((await select('d2', input, gamma)).order);
  });
});

test.each([1e30, 1e-30])('vectors times %d, which rounds them, have the same picks', async (factor) => {
  const picks = async (vectors: Matrix): Promise<Int32Array> => {
    const graph = await buildGraph(vectors, { k: 6 });
    const { scores } = await difficultyScores(vectors);
    return (await select('auto', { rows: ROWS, budget: 200, graph, scores }, { difficultyWeight: 0.5 })).order;
  };
  expect(await picks(times(plain, factor))).toEqual(await picks(plain));
});

test('numbers whose distances would be beyond float32 are refused', async () => {
  const wrong = plain.data.slice();
  for (const [value, message] of [
    [Number.NaN, 'the vectors: row 3, column 2 is NaN; numbers must be finite'],
    [3.4e38, 'the vectors: row 3, column 2 is 3.3999999521443642e+38; numbers must be finite, and at most 3.3e+35'],
  ] as const) {
    wrong[3 * 12 + 2] = value;
    await expect(buildGraph(matrixOf(wrong, ROWS, 12))).rejects.toThrow(message);
  }
  wrong[3 * 12 + 2] = Number.NaN;
  await expect(kmeans(matrixOf(wrong, ROWS, 12))).rejects.toThrow('hold a number that is not finite');
  await expect(buildGraph(times(plain, 1e-38))).rejects.toThrow('distances would be below what float32 holds');
});

describe('float64 vectors', () => {
  const folder = temporaryFolder();

  async function score(data: Float64Array, cols: number): Promise<ReturnType<typeof coreset>> {
    await writeNpy(join(folder, 'a.npy'), data, [data.length / cols, cols]);
    return coreset(['score', 'a.npy', '--prototypes', '2', '--out', 'd.npy', '--quiet'], { cwd: folder });
  }
  const rowsOf = (valueAt: (row: number, col: number) => number): Float64Array =>
    Float64Array.from({ length: 60 }, (_, i) => valueAt(Math.floor(i / 3), i % 3));

  test('far from zero beside their spread are refused, and what to do is said', async () => {
    const { status, stderr } = await score(
      rowsOf((row, col) => (col === 1 ? 1e9 + row * 1e-3 : row * 1e-3)),
      3,
    );
    expect(stderr).toMatch(
      /^coreset: a\.npy: column 1 has numbers up to 1000000000\.019, far from zero beside the 0\.0\d+ that rows differ by: .*subtract each column's mean first \(array - array\.mean\(axis=0\)\)\n$/,
    );
    expect(status).toBe(2);
  });

  test('are read where another column tells rows apart, or the spread is as large', async () => {
    for (const valueAt of [
      (row: number, col: number) => (col === 1 ? 1e9 : 1e8 * (row + col)),
      (row: number, col: number) => 1000 + row * 0.5 + col,
      () => 1e9,
    ])
      expect(await score(rowsOf(valueAt), 3)).toMatchObject({ status: 0, stderr: '' });
  });

  test('that float32 cannot hold are named', async () => {
    const { status, stderr } = await score(
      rowsOf((row, col) => (row === 7 && col === 2 ? -1e300 : 1 + row)),
      3,
    );
    expect(stderr).toBe(
      'coreset: a.npy: row 7, column 2 is -1e+300, more than float32 holds, which vectors are read as; divide all numbers by a constant\n',
    );
    expect(status).toBe(2);
  });
});
