// k-means and prototype distance beside the plainest programs that check them.
import { createMatrix, type Matrix, matrixFrom, type Progress, type Random, seededRandom } from '@coreset/core';
import { defaultPrototypes, difficultyScores, kmeans, prototypeDistance, scaleScores } from '@coreset/difficulty';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seedPrototypes } from '../dist/seeding.js';

const rowsOf = ({ data, rows, cols }: Matrix): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)));
const dot = (a: number[], b: number[]): number => a.reduce((sum, x, c) => sum + x * b[c], 0);
const unit = (a: number[]): number[] => a.map((x) => x / (Math.sqrt(dot(a, a)) || 1));
const squared = (a: number[], b: number[]): number => a.reduce((sum, x, c) => sum + (x - b[c]) ** 2, 0);

/** Rows of lengths from 0.2 to 20 around a few directions. */
function ofManyLengths(rows: number, cols: number, seed: number): number[][] {
  const random = seededRandom(seed);
  const centres = Array.from({ length: 5 }, () => Array.from({ length: cols }, () => random.uniform() - 0.5));
  return Array.from({ length: rows }, () => {
    const length = 0.2 * 100 ** random.uniform();
    const centre = centres[random.below(5)];
    return unit(centre.map((x) => x + 0.3 * (random.uniform() - 0.5))).map((x) => length * x);
  });
}

describe.each(['euclidean', 'cosine'] as const)('%s k-means', (metric) => {
  const prepare = (row: number[]): number[] => (metric === 'cosine' ? unit(row) : row);

  test.each(['kernel', 'ml-kmeans'] as const)(
    '%s ends where each prototype is the mean of its rows',
    async (backend) => {
      for (const [rows, cols, seed] of [
        [200, 3, 1],
        [5000, 2, 2],
        [300, 40, 3],
      ]) {
        if (backend === 'ml-kmeans' && rows > 1000) continue;
        const values = ofManyLengths(rows, cols, seed);
        const options = { prototypes: 7, metric, backend, iterations: 300, tolerance: 0, sampleSize: rows };
        const { prototypes, inertia } = await kmeans(matrixFrom(values), options);
        expect([prototypes.rows, prototypes.cols]).toEqual([7, cols]);
        const found = rowsOf(prototypes);
        const used = values.map(prepare);
        const nearest = used.map((row) => {
          const distances = found.map((prototype) => squared(row, prototype));
          return distances.indexOf(Math.min(...distances));
        });
        let sum = 0;
        for (const [p, prototype] of found.entries()) {
          const members = used.filter((_, row) => nearest[row] === p);
          expect(members.length).toBeGreaterThan(0);
          const mean = prototype.map((_, c) => members.reduce((total, row) => total + row[c], 0) / members.length);
          for (const [c, x] of prepare(mean).entries()) expect(prototype[c]).toBeCloseTo(x, 3);
          for (const row of members) sum += squared(row, prototype);
        }
        if (metric === 'euclidean') expect(Math.abs(inertia / sum - 1)).toBeLessThan(1e-3);
        expect(Math.abs(inertia / sum - 1)).toBeLessThan(0.02);
      }
    },
  );

  test('distance to the nearest prototype, of rows and prototypes of any length', async () => {
    const values = ofManyLengths(3000, 6, 4);
    const prototypes = ofManyLengths(9, 6, 5);
    const { distances, labels } = await prototypeDistance(matrixFrom(values), matrixFrom(prototypes), { metric });
    for (let i = 0; i < 3000; i += 11) {
      const all = prototypes.map((prototype) =>
        metric === 'cosine' ? 1 - dot(unit(values[i]), unit(prototype)) : Math.sqrt(squared(values[i], prototype)),
      );
      expect(distances[i]).toBeCloseTo(Math.min(...all), 4);
      expect(all[labels[i]]).toBeCloseTo(Math.min(...all), 4);
    }
  });

  test('difficulty is that distance to the prototypes of k-means, scaled', async () => {
    const values = matrixFrom(ofManyLengths(500, 4, 6));
    const options = { metric, prototypes: 6, seed: 3 };
    const { scores, labels, prototypes } = await difficultyScores(values, options);
    const found = await kmeans(values, options);
    const expected = await prototypeDistance(values, found.prototypes, { metric });
    expect(prototypes).toBe(6);
    expect(labels).toEqual(expected.labels);
    expect(scores).toEqual(scaleScores(expected.distances));
    expect([Math.min(...scores), Math.max(...scores)]).toEqual([0, 1]);
  });
});

test('prototypes without rows move to the rows farthest from theirs', async () => {
  const values: number[][] = Array.from({ length: 3000 }, (_, i) => [i % 2, 0]);
  // Prototypes start from a sample of 1,024 of the rows, in which these two are not.
  values[5] = [9, 9];
  values[1501] = [0, -30];
  const options = { prototypes: 4, sampleSize: 3000, iterations: 1 };
  const { prototypes } = await kmeans(matrixFrom(values), { ...options, seed: 1 });
  const sorted = rowsOf(prototypes).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  expect(sorted.filter(([x, y]) => x === 9 && y === 9).length).toBe(1);
  expect(sorted.filter(([x, y]) => x === 0 && y === -30).length).toBe(1);
});

describe('k-means stops', () => {
  const values = matrixFrom(ofManyLengths(400, 3, 7));
  const iterations = async (tolerance: number, most: number): Promise<number> =>
    (await kmeans(values, { prototypes: 20, tolerance, iterations: most })).iterations;

  test('when an iteration lowers the inertia by less than the tolerance, at the number of iterations else', async () => {
    expect(await iterations(0, 4)).toBe(4);
    expect(await iterations(1, 20)).toBe(2);
    const inertias = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        return (await kmeans(values, { prototypes: 20, tolerance: 0, iterations: i + 1 })).inertia;
      }),
    );
    for (const tolerance of [0.2, 0.05, 0.01]) {
      const first = inertias.findIndex((inertia, i) => i > 0 && 1 - inertia / inertias[i - 1] < tolerance);
      expect(first).toBeGreaterThan(0);
      expect(await iterations(tolerance, 12)).toBe(first + 1);
    }
  });

  test('after 20 iterations, at a tolerance of 0.001, where nothing is said', async () => {
    const many = matrixFrom(ofManyLengths(3000, 2, 8));
    const plain = await kmeans(many, { prototypes: 300, tolerance: 0 });
    expect(plain.iterations).toBe(20);
    const said = await kmeans(many, { prototypes: 300, tolerance: 0.001, iterations: 20 });
    expect(await kmeans(many, { prototypes: 300 })).toEqual(said);
  });
});

test('progress goes up to the iterations, or straight to them where k-means stops', async () => {
  const values = matrixFrom(ofManyLengths(100, 3, 9));
  for (const tolerance of [0, 1]) {
    const progress: Progress[] = [];
    const { iterations } = await kmeans(values, {
      prototypes: 5,
      tolerance,
      iterations: 6,
      onProgress: (at) => progress.push(at),
    });
    expect(progress.length).toBe(iterations);
    expect(progress[0]).toEqual({ stage: 'prototypes', done: 1, total: 6 });
    expect(progress.at(-1)).toEqual({ stage: 'prototypes', done: 6, total: 6 });
  }
});

test('training takes a sample of the rows, drawn by the seed; 256 a prototype where nothing is said', async () => {
  const values = matrixFrom(ofManyLengths(2000, 3, 10));
  const inertia = async (options: object): Promise<number> =>
    (await kmeans(values, { prototypes: 4, ...options })).inertia;
  expect(await inertia({})).toBe(await inertia({ sampleSize: 256 }));
  expect(await inertia({})).not.toBe(await inertia({ sampleSize: 255 }));
  expect(await inertia({ sampleSize: 500 })).toBe(await inertia({ sampleSize: 501 })); // all rows
  expect(await inertia({ sampleSize: 50 })).toBeLessThan(0.2 * (await inertia({ sampleSize: 500 })));
  expect(await inertia({ sampleSize: 50, seed: 0 })).not.toBe(await inertia({ sampleSize: 50, seed: 1 }));
  expect(await inertia({ seed: 0 })).toBe(await inertia({}));
});

test('so many prototypes as the square root of the rows, at most a thousand', () => {
  expect([1, 2, 3, 100, 1_000_000, 2_000_000].map(defaultPrototypes)).toEqual([1, 1, 2, 10, 1000, 1000]);
  expect(defaultPrototypes(0)).toBe(1);
});

test('bad options of k-means are named', async () => {
  const values = createMatrix(3, 2);
  for (const [options, message] of [
    [{ prototypes: 1.5 }, 'prototypes must be a whole number of at least 1'],
    [{ iterations: 0 }, 'iterations must be a whole number of at least 1'],
    [{ sampleSize: 0 }, 'sampleSize must be a whole number of at least 1'],
    [{ tolerance: -1 }, 'tolerance must be a number of at least 0'],
    [{ steps: 1 } as object, "kmeans has no option 'steps'"],
  ] as const) {
    await expect(kmeans(values, options)).rejects.toThrow(message);
  }
  await expect(kmeans(createMatrix(0, 2))).rejects.toThrow('k-means needs at least one row');
  await expect(prototypeDistance(values, values, { steps: 1 } as object)).rejects.toThrow(/no option 'steps'/);
  await expect(difficultyScores(values, { steps: 1 } as object)).rejects.toThrow(/no option 'steps'/);
  expect((await kmeans(values, { prototypes: 1, iterations: 1, sampleSize: 1, tolerance: 0 })).iterations).toBe(1);
});

test('scores are scaled linearly, and the first that is no number is named', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 20 }), (scores) => {
      const least = Math.min(...scores);
      const spread = Math.max(...scores) - least;
      const expected = scores.map((score) => (spread === 0 ? 0.5 : (score - least) / spread));
      expect(Array.from(scaleScores(scores))).toEqual(expected);
    }),
  );
  expect(() => scaleScores([0, Number.POSITIVE_INFINITY, Number.NaN])).toThrow('row 1: score Infinity is not a finite');
});

describe('the start of k-means', () => {
  /** Tight clusters far from each other, the rows of each side by side. */
  function clusters(count: number, size: number, seed: number): Matrix {
    const random = seededRandom(seed);
    return matrixFrom(
      Array.from({ length: count * size }, (_, i) => {
        const cluster = Math.floor(i / size);
        return [10 * (cluster % 16), 10 * Math.floor(cluster / 16), random.uniform()];
      }),
    );
  }
  const clustersOf = (prototypes: Matrix): Set<string> => new Set(rowsOf(prototypes).map(([x, y]) => `${x} ${y}`));

  test('finds each of some clusters, one at a time or several', async () => {
    for (const [count, seed] of [
      [1, 1],
      [2, 2],
      [20, 3],
      [63, 4],
    ]) {
      const sample = clusters(count, 12, seed);
      expect(clustersOf(await seedPrototypes(sample, count, seededRandom(seed))).size).toBe(count);
    }
    const sample = clusters(200, 12, 5);
    const several = await seedPrototypes(sample, 200, seededRandom(5));
    expect(several.rows).toBe(200);
    expect(clustersOf(several).size).toBeGreaterThan(175);
  });

  test('is rows of the sample, different ones as long as there are any', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(),
        async (rows, count, seed) => {
          const random = seededRandom(seed);
          const values = Array.from({ length: rows }, () => [random.below(4), random.below(3)]);
          const found = rowsOf(await seedPrototypes(matrixFrom(values), count, seededRandom(seed))).map(String);
          const distinct = new Set(values.map(String));
          for (const prototype of found) expect(distinct).toContain(prototype);
          expect(new Set(found).size).toBe(Math.min(count, distinct.size));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('draws a row in proportion to its squared distance, of a few the one that lowers their sum most', async () => {
    // The first row drawn is row 0; of the two others one has nine times the squared distance of the other.
    const sample = matrixFrom([[0], [1], [-3]]);
    const seen: number[] = [0, 0];
    for (let seed = 0; seed < 300; seed++) {
      const random = seededRandom(seed);
      let isFirst = true;
      const startsAtRowZero: Random = {
        uniform: () => random.uniform(),
        below: (n) => {
          const row = isFirst ? 0 : random.below(n);
          isFirst = false;
          return row;
        },
      };
      const [, second] = rowsOf(await seedPrototypes(sample, 2, startsAtRowZero));
      seen[second[0] === 1 ? 0 : 1]++;
    }
    // Two draws: [1] alone is drawn in 1 % of the cases, and taken in those alone.
    expect(seen[0]).toBeLessThan(15);
    expect(seen[0] + seen[1]).toBe(300);
  });
});
