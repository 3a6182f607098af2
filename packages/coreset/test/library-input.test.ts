import { CoresetError, type Matrix, matrixFrom } from '@coreset/core';
import { difficultyScores, kmeans, prototypeDistance, scaleScores } from '@coreset/difficulty';
import { embedTexts } from '@coreset/embedder';
import { adjacencyOf, buildGraph } from '@coreset/graph';
import {
  clusterCoverage,
  coverage,
  coverageCurves,
  difficultyHistogram,
  labelBalance,
  nearDuplicateShare,
} from '@coreset/metrics';
import { d2Select, select } from '@coreset/selector';
import { pruneRows } from 'coreset';
import { describe, expect, test } from 'vitest';

const vectors = matrixFrom(Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(2 * i), i / 12]));
const scores = Float64Array.from({ length: 12 }, (_, i) => i);
const graph = await buildGraph(vectors, { k: 2 });
const labels = Int32Array.from({ length: 12 }, (_, i) => i % 3);
const any = (value: unknown): never => value as never;

/** One line for people, at once or later. */
async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    expect(CoresetError.isInstance(error), (error as Error).stack).toBe(true);
    expect((error as Error).message).not.toMatch(/[\r\n]/);
    return (error as Error).message;
  }
  return '';
}

const MATRICES: [string, unknown][] = [
  ['too few numbers', { data: new Float32Array(5), rows: 2, cols: 3 }],
  ['too many numbers', { data: new Float32Array(8), rows: 2, cols: 2 }],
  ['half a row', { data: new Float32Array(5), rows: 2.5, cols: 2 }],
  ['rows as a text', { data: new Float32Array(4), rows: '2', cols: 2 }],
  ['no columns', { data: new Float32Array(0), rows: 2, cols: 0 }],
  ['a list of numbers', { data: [1, 2, 3, 4], rows: 2, cols: 2 }],
  ['no data', { data: null, rows: 2, cols: 2 }],
  ['nothing', null],
  ['a number', 5],
  ['an empty object', {}],
];

describe.each(MATRICES)('vectors that are none are refused: %s', (_, matrix) => {
  test.each([
    ['buildGraph', () => buildGraph(any(matrix), { k: 1 })],
    ['kmeans', () => kmeans(any(matrix), { prototypes: 1 })],
    ['kmeans of ml-kmeans', () => kmeans(any(matrix), { prototypes: 1, backend: 'ml-kmeans' })],
    ['difficultyScores', () => difficultyScores(any(matrix), { prototypes: 1 })],
    ['prototypeDistance', () => prototypeDistance(any(matrix), vectors)],
    ['coverage', () => coverage(any(matrix), [0])],
    ['coverageCurves', () => coverageCurves(any(matrix), [Int32Array.of(0)])],
    ['select', () => select('k-center', { rows: 2, budget: 1, vectors: any(matrix) })],
  ])('%s', async (_, call) => {
    expect(await refusal(call)).not.toBe('');
  });
});

test.each([[[99]], [[-1]], [[Number.NaN]], [[1.5]], [['x']], ['x'], [{}], [null]])(
  'kept rows that are none are refused: %s',
  async (kept) => {
    for (const call of [
      () => coverage(vectors, any(kept)),
      () => coverageCurves(vectors, [any(kept)]),
      () => clusterCoverage(labels, any(kept)),
      () => labelBalance(labels, any(kept)),
      () => nearDuplicateShare(graph, any(kept)),
      () => difficultyHistogram(scores, any(kept)),
    ])
      expect(await refusal(call), String(call)).not.toBe('');
  },
);

test('coverage of no kept row, and of numbers that are not finite, is no number', async () => {
  expect(await refusal(() => coverage(vectors, []))).toMatch(/no row is kept/);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const bad: Matrix = matrixFrom([
      [value, 1],
      [1, 2],
      [3, 4],
    ]);
    expect(await refusal(() => coverage(bad, [1]))).toMatch(/row 0/);
    expect(await refusal(() => kmeans(bad, { prototypes: 2, backend: 'ml-kmeans' }))).not.toBe('');
  }
});

test('a selection of no number of rows ends', async () => {
  for (const rows of [Number.NaN, '5', 5.5, 0, -1, null, 2 ** 60])
    expect(await refusal(() => select('random', { rows: any(rows), budget: 1 })), String(rows)).toMatch(
      /rows must be a whole number/,
    );
  expect(await refusal(() => select('moderate', any({ rows: 12, budget: 2, scores, lables: labels })))).toMatch(
    /no option 'lables'; did you mean 'labels'/,
  );
  expect(await refusal(() => select('random', any(null)))).toMatch(/object/);
});

test('values of another kind are refused in one line', async () => {
  for (const wrong of [null, 5, 'x'])
    for (const call of [
      () => scaleScores(any(wrong)),
      () => d2Select(graph, any(wrong), { budget: 2 } as never),
      () => select('d2', { rows: 12, budget: 2, graph, scores: any(wrong) }),
      () => adjacencyOf(any(wrong), 'directed'),
      () => d2Select(any(wrong), scores, {} as never),
    ])
      expect(await refusal(call), `${wrong}: ${call}`).not.toBe('');
  for (const [name, call] of Object.entries({
    signal: () => embedTexts(['a'], { signal: any(5) }),
    onProgress: () => buildGraph(vectors, { k: 2, onProgress: any(5) }),
    onNotice: () => pruneRows([{ text: 'a' }, { text: 'b' }], { keep: 1, onNotice: any('x') }),
    onDiagnostics: () => select('random', { rows: 12, budget: 2, onDiagnostics: any('x') }),
  }))
    expect(await refusal(call)).toContain(name);
});
