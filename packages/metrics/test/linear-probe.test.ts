import { type Matrix, matrixFrom, type Random, seededRandom } from '@coreset/core';
import { linearProbe } from '@coreset/metrics';
import { expect, test } from 'vitest';

/** Values of a bell shape, near enough. */
function bell(random: Random): number {
  return random.uniform() + random.uniform() + random.uniform() - 1.5;
}

/** Rows of classes that overlap, in columns of unlike widths, far from the origin, `moved` along one of them; a class of each row. */
function overlapping(rows: number, seed: number, moved = 0): { matrix: Matrix; labels: number[] } {
  const random = seededRandom(seed);
  const labels = Array.from({ length: rows }, () => [0, 0, 0, 1, 1, 2][random.below(6)]);
  const matrix = matrixFrom(
    labels.map((label) => [
      50 + 6 * bell(random) + label,
      -20 + moved + 0.5 * bell(random) + (label === 1 ? 0.3 : 0),
      7 + 0.2 * bell(random) + (label === 2 ? 0.1 : 0),
    ]),
  );
  return { matrix, labels };
}

/**
 * The minimum of the ridge-penalised logistic loss by plain gradient steps in 64-bit numbers, many of them, on rows
 * centred on the training rows and scaled to a mean squared length of 1 there; the bias carries no penalty.
 */
function accuracyAtTheMinimum(
  train: Matrix,
  trainLabels: number[],
  test: Matrix,
  testLabels: number[],
  penalty: number,
  steps = 3000,
): number {
  const classes = Math.max(...trainLabels, ...testLabels) + 1;
  const rowsOf = ({ data, rows, cols }: Matrix): number[][] =>
    Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)));
  const mean = Array.from({ length: train.cols }, (_, c) => {
    return rowsOf(train).reduce((sum, row) => sum + row[c], 0) / train.rows;
  });
  const centred = (matrix: Matrix): number[][] => rowsOf(matrix).map((row) => row.map((x, c) => x - mean[c]));
  const squares = centred(train).flat();
  const length = Math.sqrt(squares.reduce((sum, x) => sum + x * x, 0) / train.rows);
  const prepared = (matrix: Matrix): number[][] => centred(matrix).map((row) => [...row.map((x) => x / length), 1]);
  const x = prepared(train);
  const cols = train.cols + 1;
  const weights = Array.from({ length: cols }, () => new Array<number>(classes).fill(0));
  const scoresOf = (row: number[]): number[] =>
    Array.from({ length: classes }, (_, k) => row.reduce((sum, value, c) => sum + value * weights[c][k], 0));
  const ridge = penalty / train.rows;
  for (let step = 0; step < steps; step++) {
    const gradient = weights.map((row, c) => row.map((w) => (c < cols - 1 ? ridge * w : 0)));
    for (const [i, row] of x.entries()) {
      const exps = scoresOf(row).map(Math.exp);
      const sum = exps.reduce((a, b) => a + b);
      for (let k = 0; k < classes; k++) {
        const residual = (exps[k] / sum - (trainLabels[i] === k ? 1 : 0)) / train.rows;
        for (let c = 0; c < cols; c++) gradient[c][k] += residual * row[c];
      }
    }
    for (let c = 0; c < cols; c++) {
      for (let k = 0; k < classes; k++) weights[c][k] -= gradient[c][k] / (1 + ridge);
    }
  }
  const right = prepared(test).filter((row, i) => {
    const scores = scoresOf(row);
    return scores.indexOf(Math.max(...scores)) === testLabels[i];
  });
  return right.length / test.rows;
}

const train = overlapping(40, 1);
// Moved, so that rows that are centred on themselves are told from those centred on the training rows.
const held = overlapping(2000, 2, 0.1);

for (const penalty of [0.1, 3]) {
  test(`the probe reaches the minimum of its loss, penalty ${penalty}`, async () => {
    const expected = accuracyAtTheMinimum(train.matrix, train.labels, held.matrix, held.labels, penalty);
    const accuracy = await linearProbe(train.matrix, train.labels, held.matrix, held.labels, { penalty });
    expect(Math.abs(accuracy - expected)).toBeLessThanOrEqual(0.001);
  });
}

/** The share of held-out rows of a class. */
function shareOf(label: number): number {
  return held.labels.filter((other) => other === label).length / held.labels.length;
}

test('one iteration is one gradient step from zero', async () => {
  const [penalty, iterations] = [0.1, 1];
  const expected = accuracyAtTheMinimum(train.matrix, train.labels, held.matrix, held.labels, penalty, iterations);
  const options = { penalty, iterations };
  expect(await linearProbe(train.matrix, train.labels, held.matrix, held.labels, options)).toBeCloseTo(expected, 3);
});

test('a high penalty leaves the most frequent class of the training rows', async () => {
  const labels = train.labels.map((_, row) => (row % 3 === 0 ? 0 : 2));
  const accuracy = await linearProbe(train.matrix, labels, held.matrix, held.labels, { penalty: 2000 });
  expect(accuracy).toBe(shareOf(2));
});

test('training rows that are all the same say nothing but their most frequent class', async () => {
  const same = matrixFrom(Array.from({ length: 5 }, () => [3, 4, 5]));
  expect(await linearProbe(same, [0, 1, 1, 1, 2], held.matrix, held.labels)).toBe(shareOf(1));
});

test('a class that no training row has is never right', async () => {
  const labels = held.labels.map((label) => (label === 0 ? 5 : label));
  const most = await linearProbe(train.matrix, train.labels, held.matrix, labels);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(1 - shareOf(0));
});

test('labels that are not one per row, and rows of another width, are refused', async () => {
  const { matrix, labels } = train;
  await expect(linearProbe(matrix, labels, matrix, labels.slice(1))).rejects.toThrow('one label per row');
  await expect(linearProbe(matrix, labels.slice(1), matrix, labels)).rejects.toThrow('one label per row');
  await expect(linearProbe(matrix, labels, matrixFrom([[1, 2]]), [0])).rejects.toThrow(
    'train rows have 3 columns, test rows 2',
  );
});

test('options are those of the table', async () => {
  const options = { iterations: 1, penalty: 1 };
  await expect(linearProbe(train.matrix, train.labels, held.matrix, held.labels, options)).resolves.toBeGreaterThan(0);
  await expect(
    linearProbe(train.matrix, train.labels, held.matrix, held.labels, { ...options, steps: 1 } as never),
  ).rejects.toThrow('steps');
});
