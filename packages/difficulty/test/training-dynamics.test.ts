// Difficulty from training dynamics beside the plainest program that trains the same and keeps every epoch.
import { join } from 'node:path';
import {
  createMatrix,
  type Diagnostics,
  type Matrix,
  matrixFrom,
  openNpyVectors,
  type Progress,
  randomOrder,
  rowOf,
  seededRandom,
  writeNpy,
} from '@coreset/core';
import {
  type DifficultyKind,
  type DifficultyOptions,
  defaultPseudoClasses,
  difficultyCost,
  difficultyScores,
  kmeans,
  prototypeDistance,
  scaleScores,
  type TrainingMeasure,
} from '@coreset/difficulty';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';

const MEASURES: TrainingMeasure[] = ['aum', 'el2n', 'forgetting', 'entropy', 'variability', 'confidence'];

/** Around the centre of its class, which is `apart` from the others, in columns of unlike widths; the classes take turns. */
function blobs(
  rows: number,
  cols: number,
  classes: number,
  apart: number,
  seed = 1,
): { matrix: Matrix; labels: number[] } {
  const random = seededRandom(seed);
  const bell = (): number => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const labels = Array.from({ length: rows }, (_, row) => row % classes);
  const matrix = matrixFrom(
    labels.map((label) =>
      Array.from({ length: cols }, (_, c) => 20 + (bell() + (c === label % cols ? apart : 0)) / (1 + 0.2 * c)),
    ),
  );
  return { matrix, labels };
}

/** Of an epoch, per row: its logits when its batch came. */
type Epoch = number[][];

/** Gradient steps with momentum in 64-bit numbers, as {@link trainEpochs} takes them. */
function plainEpochs({ data, rows, cols }: Matrix, labels: number[], classes: number, seed: number): Epoch[] {
  const [steps, leastBatch, rate, momentum, purpose] = [32, 128, 2, 0.9, 0x65706f63];
  const mean = Array.from({ length: cols }, (_, c) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += data[row * cols + c];
    return sum / rows;
  });
  const centred = Array.from({ length: rows }, (_, row) => mean.map((m, c) => data[row * cols + c] - m));
  const length = Math.sqrt(centred.flat().reduce((sum, x) => sum + x * x, 0) / rows);
  const x = centred.map((row) => [...row.map((value) => value / length), 1]);
  const zeros = (): number[][] => Array.from({ length: cols + 1 }, () => new Array<number>(classes).fill(0));
  const [weights, velocity] = [zeros(), zeros()];
  const batch = Math.min(rows, Math.max(leastBatch, Math.ceil(rows / steps)));
  const random = seededRandom(seed, purpose);
  return Array.from({ length: 20 }, () => {
    const epoch: Epoch = [];
    const order = randomOrder(rows, random);
    for (let start = 0; start < rows; start += batch) {
      const listed = order.subarray(start, start + batch);
      const gradient = zeros();
      for (const row of listed) {
        epoch[row] = Array.from({ length: classes }, (_, k) =>
          x[row].reduce((sum, v, c) => sum + v * weights[c][k], 0),
        );
        const p = softmax(epoch[row]);
        for (let c = 0; c <= cols; c++)
          for (let k = 0; k < classes; k++)
            gradient[c][k] += (x[row][c] * (p[k] - (labels[row] === k ? 1 : 0))) / listed.length;
      }
      for (let c = 0; c <= cols; c++)
        for (let k = 0; k < classes; k++) {
          velocity[c][k] = momentum * velocity[c][k] + gradient[c][k];
          weights[c][k] -= rate * velocity[c][k];
        }
    }
    return epoch;
  });
}

function softmax(logits: number[]): number[] {
  const exps = logits.map(Math.exp);
  const sum = exps.reduce((a, b) => a + b);
  return exps.map((e) => e / sum);
}

const meanOf = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
const marginOf = (logits: number[], label: number): number =>
  logits[label] - Math.max(...logits.filter((_, k) => k !== label));

/** Per measure and row, from the logits of a row in each epoch: the formulas as they are printed. */
const FORMULAS: Record<TrainingMeasure, (epochs: number[][], label: number, most: number) => number> = {
  aum: (epochs, label) => -meanOf(epochs.map((logits) => marginOf(logits, label))),
  el2n: (epochs, label) =>
    meanOf(epochs.slice(0, 5).map((z) => Math.hypot(...softmax(z).map((p, k) => p - (k === label ? 1 : 0))))),
  forgetting(epochs, label, most) {
    const right = epochs.map((logits) => marginOf(logits, label) > 0);
    if (!right.includes(true)) return most + 1;
    return right.filter((now, epoch) => epoch > 0 && right[epoch - 1] && !now).length;
  },
  entropy: (epochs) => meanOf(epochs.map((z) => -softmax(z).reduce((sum, p) => sum + p * Math.log(p), 0))),
  variability(epochs, label) {
    const confidences = epochs.map((logits) => softmax(logits)[label]);
    return Math.sqrt(meanOf(confidences.map((p) => (p - meanOf(confidences)) ** 2)));
  },
  confidence: (epochs, label) => 1 - meanOf(epochs.map((logits) => softmax(logits)[label])),
};

describe.each([
  [300, 3, 3],
  [700, 5, 2],
  [90, 2, 4],
])('%i rows × %i columns of %i classes', (rows, cols, classes) => {
  const { matrix, labels } = blobs(rows, cols, classes, 1.5, rows);
  const epochs = plainEpochs(matrix, labels, classes, 7);
  const ofRow = (row: number): number[][] => epochs.map((epoch) => epoch[row]);

  test.each(MEASURES)('%s is what its formula makes of each epoch', async (measure) => {
    const most = Math.max(
      ...labels.map((label, row) => FORMULAS.forgetting(ofRow(row), label, Number.NEGATIVE_INFINITY)),
    );
    const expected = scaleScores(labels.map((label, row) => FORMULAS[measure](ofRow(row), label, most)));
    const {
      scores,
      labels: found,
      prototypes,
    } = await difficultyScores(matrix, { difficulty: measure, labels, seed: 7 });
    expect(prototypes).toBe(classes);
    expect(Array.from(found)).toEqual(labels);
    for (let row = 0; row < rows; row++) expect(scores[row]).toBeCloseTo(expected[row], 3);
    if (measure === 'forgetting') expect(most).toBeGreaterThan(0);
  });
});

/** The probability that a marked row is harder than another, ties for a half. */
function auc(scores: Float64Array, isMarked: (row: number) => boolean): number {
  const [marked, others] = [true, false].map((wanted) => scores.filter((_, row) => isMarked(row) === wanted));
  let wins = 0;
  for (const one of marked) for (const other of others) wins += one > other ? 1 : one === other ? 0.5 : 0;
  return wins / (marked.length * others.length);
}

test('rows whose label is wrong are the hardest', async () => {
  const { matrix, labels } = blobs(1200, 6, 2, 4);
  const isFlipped = (row: number): boolean => Math.floor(row / 2) % 10 === 0;
  const wrong = labels.map((label, row) => (isFlipped(row) ? 1 - label : label));
  for (const difficulty of ['aum', 'el2n', 'confidence', 'forgetting'] as const) {
    const { scores } = await difficultyScores(matrix, { difficulty, labels: wrong });
    expect(auc(scores, isFlipped), difficulty).toBeGreaterThan(0.9);
  }
});

test('rows between two classes are the least certain, whichever their label', async () => {
  const { matrix, labels } = blobs(1200, 2, 2, 4, 5);
  const side = (row: number): number => matrix.data[2 * row] - 1.2 * matrix.data[2 * row + 1] + 4;
  const { scores } = await difficultyScores(matrix, { difficulty: 'entropy', labels });
  expect(auc(scores, (row) => Math.abs(side(row)) < 1)).toBeGreaterThan(0.9);
});

describe('the same bits', () => {
  // Batches of so many rows are trained on in two parts.
  const { matrix, labels } = blobs(12_000, 3, 3, 2);
  const scoresOf = async (options: DifficultyOptions, vectors = matrix): Promise<Float64Array> =>
    (await difficultyScores(vectors, { difficulty: 'aum', labels, threads: 1, ...options })).scores;

  test('for any number of threads, and of vectors in a file; others for another seed', async () => {
    const scores = await scoresOf({});
    for (const threads of [2, 3]) expect(await scoresOf({ threads })).toEqual(scores);
    const path = join(temporaryFolder(), 'rows.npy');
    await writeNpy(path, matrix.data, [matrix.rows, matrix.cols]);
    expect(await scoresOf({ threads: 2 }, openNpyVectors(path) as unknown as Matrix)).toEqual(scores);
    expect(await scoresOf({ seed: 0 })).toEqual(scores);
    expect(await scoresOf({ seed: 1 })).not.toEqual(scores);
  });

  test('of labels with other numbers in the same order', async () => {
    const others = labels.map((label) => 5 + 100 * label);
    const {
      scores,
      labels: classes,
      prototypes,
    } = await difficultyScores(matrix, { difficulty: 'el2n', labels: others });
    expect(scores).toEqual(await scoresOf({ difficulty: 'el2n' }));
    expect(Array.from(classes)).toEqual(labels);
    expect(prototypes).toBe(3);
  });
});

test('without labels the nearest prototype of each row is its class; of √rows, at most 100', async () => {
  expect([1, 4, 9, 400, 10_000, 1_000_000].map(defaultPseudoClasses)).toEqual([2, 2, 3, 20, 100, 100]);
  const { matrix } = blobs(400, 3, 3, 3);
  const notices: string[] = [];
  for (const [prototypes, count] of [
    [undefined, 20],
    [5, 5],
  ] as const) {
    const options = { prototypes, seed: 4, metric: 'cosine' as const };
    const onNotice = (line: string): number => notices.push(line);
    const found = await difficultyScores(matrix, { ...options, difficulty: 'aum', onNotice });
    const { prototypes: centroids } = await kmeans(matrix, { ...options, prototypes: count });
    const { labels } = await prototypeDistance(matrix, centroids, { metric: 'cosine' });
    const given = await difficultyScores(matrix, { difficulty: 'aum', labels, seed: 4 });
    expect(found).toEqual({ scores: given.scores, labels, prototypes: count });
    expect(notices.splice(0)).toEqual([
      `without labels difficulty aum is that of pseudo-classes: which of ${count} k-means prototypes is nearest to a row`,
    ]);
  }
  const told = (line: string): number => notices.push(line);
  await difficultyScores(matrix, {
    difficulty: 'aum',
    labels: Array.from({ length: 400 }, (_, i) => i % 2),
    onNotice: told,
  });
  await difficultyScores(matrix, { difficulty: 'prototype', onNotice: told });
  expect(notices).toEqual([]);
  expect(await difficultyScores(matrix, { difficulty: 'prototype' })).toEqual(await difficultyScores(matrix));
});

test('diagnostics say what was trained on, and progress counts rows', async () => {
  const { matrix, labels } = blobs(200, 3, 3, 3);
  for (const given of [labels, undefined]) {
    let told: Diagnostics = {};
    const progress: Progress[] = [];
    await difficultyScores(matrix, {
      difficulty: 'el2n',
      labels: given,
      seed: 3,
      onDiagnostics: (stage, facts) => {
        expect(stage).toBe('difficulty');
        told = { ...told, ...facts };
      },
      onProgress: (at) => progress.push(at),
    });
    expect(told).toMatchObject({
      source: 'training dynamics',
      measure: 'el2n',
      classesFrom: given ? 'labels' : 'pseudo-labels',
      classes: given ? 3 : 14,
      epochs: 5,
      batchRows: 128,
      seed: 3,
    });
    const training = progress.filter(({ total }) => total === 1000);
    expect(training.map(({ done }) => done)).toEqual([0, 128, 200, 328, 400, 528, 600, 728, 800, 928, 1000]);
    expect(training.every(({ stage }) => stage === 'difficulty')).toBe(true);
  }
});

test('an abort is heard before the next batch', async () => {
  const { matrix, labels } = blobs(1000, 3, 3, 3);
  const controller = new AbortController();
  const done: number[] = [];
  const work = difficultyScores(matrix, {
    difficulty: 'aum',
    labels,
    signal: controller.signal,
    onProgress(at) {
      done.push(at.done);
      if (at.done === 256) controller.abort(new Error('enough'));
    },
  });
  await expect(work).rejects.toThrow('enough');
  expect(done).toEqual([0, 128, 256]);
});

test('scores are finite, whatever the vectors are', async () => {
  const { matrix, labels } = blobs(200, 3, 2, 3);
  const enormous = { ...matrix, data: matrix.data.map((x, i) => (i < 3 ? 3e38 : x * (i % 2 === 0 ? 1e36 : -1e36))) };
  const same = matrixFrom(Array.from({ length: 200 }, () => [3, 4]));
  const outlier = { ...matrix, data: matrix.data.map((x, i) => (i < 3 ? 1e30 : x)) };
  for (const difficulty of MEASURES) {
    for (const vectors of [enormous, same, outlier]) {
      const { scores } = await difficultyScores(vectors, { difficulty, labels });
      expect(
        scores.every((score) => score >= 0 && score <= 1),
        difficulty,
      ).toBe(true);
    }
    const most = labels.map((_, row) => (row === 0 ? 1 : 0));
    const { scores } = await difficultyScores(same, { difficulty, labels: most });
    if (difficulty === 'aum' || difficulty === 'confidence') expect(scores.indexOf(1)).toBe(0);
  }
});

test('what cannot be trained on is refused in a line', async () => {
  const { matrix, labels } = blobs(12, 2, 2, 3);
  const need =
    'training dynamics need from 2 to 10000 classes, fewer than rows; give other labels, or take difficulty prototype';
  const same = matrixFrom(Array.from({ length: 6 }, () => [3, 4]));
  const many = createMatrix(20_003, 1);
  const broken = { ...matrix, data: matrix.data.slice() };
  rowOf(broken, 5)[1] = Number.NaN;
  const aum = { difficulty: 'aum' } as const;
  const refusals: [Matrix, DifficultyOptions, string][] = [
    [matrix, { ...aum, labels: labels.map(() => 3) }, `the labels have one class only: ${need}`],
    [
      matrix,
      { ...aum, labels: labels.map((_, i) => i) },
      `the labels have a class of its own for each of 12 rows: ${need}`,
    ],
    [
      many,
      { ...aum, labels: Array.from({ length: 20_003 }, (_, i) => i >> 1) },
      `the labels have 10002 classes: ${need}`,
    ],
    [same, aum, `the pseudo-labels have one class only: ${need}`],
    [matrix, { ...aum, labels: labels.slice(1) }, 'there are 11 labels for 12 rows; one label per row is needed'],
    [
      matrix,
      { ...aum, labels: labels.map((label) => label - 1) },
      'row 0: label -1 is not a whole number from 0 to 2147483647',
    ],
    [broken, { ...aum, labels }, 'the vectors: row 5, column 1 is NaN; every number must be finite'],
    [matrix, { ...aum, labels, seed: -1 }, 'seed must be a whole number from 0 to 9007199254740991, got -1'],
    [
      matrix,
      { labels },
      'labels mean nothing to difficulty prototype; they are used by aum, el2n, forgetting, entropy, variability, confidence',
    ],
    [
      matrix,
      { ...aum, prototypes: 1 },
      'prototypes, the classes of difficulty aum, must be a whole number from 2 to 10000, got 1',
    ],
    [
      matrix,
      { ...aum, prototypes: 10_001 },
      'prototypes, the classes of difficulty aum, must be a whole number from 2 to 10000, got 10001',
    ],
    [
      matrix,
      { difficulty: 'elm' as DifficultyKind },
      "difficulty 'elm' is not known; use one of prototype, aum, el2n, forgetting, entropy, variability, confidence",
    ],
    ...(['prototypes', 'metric', 'iterations', 'tolerance', 'sampleSize', 'backend'] as const).map(
      (option): [Matrix, DifficultyOptions, string] => [
        matrix,
        { ...aum, labels, [option]: 3 },
        `${option} means nothing beside labels, which stand in place of prototypes`,
      ],
    ),
  ];
  for (const [vectors, options, message] of refusals)
    await expect(difficultyScores(vectors, options)).rejects.toThrow(
      new RegExp(`^${message.replace(/[().]/g, '\\$&')}$`),
    );
});

test('the cost grows with rows, columns and classes; pseudo-labels cost k-means besides', () => {
  const seconds = (workload: object): number => {
    const cost = difficultyCost({ rows: 100_000, cols: 384, difficulty: 'aum', classes: 100, ...workload });
    return cost.codes + cost.parallel + cost.serial;
  };
  expect(seconds({ rows: 200_000 }) / seconds({})).toBeCloseTo(2, 0);
  expect(seconds({ cols: 768 }) / seconds({})).toBeCloseTo(2, 0);
  expect(seconds({ classes: 1000 }) / seconds({})).toBeGreaterThan(4);
  expect(seconds({}) / seconds({ difficulty: 'el2n' })).toBeGreaterThan(3);
  expect(seconds({ classes: undefined })).toBeGreaterThan(seconds({}));
  expect(seconds({ classes: undefined, prototypes: 300 })).toBeGreaterThan(seconds({ classes: 300 }));
  expect(difficultyCost({ rows: 10, cols: 2, difficulty: 'aum' }).disk).toBe(80);
});
