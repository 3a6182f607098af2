// Vectors as codes of one byte beside the plainest programs that do the same.
import { createMatrix, type Matrix, matrixFrom, range, seededRandom, squaredDistance } from '@coreset/core';
import {
  createBlockSearch,
  createCodeProducts,
  createCodeTable,
  fitQuantiser,
  leastDistance,
  leastScore,
  NO_SCORE,
  type Quantiser,
  RowEncoder,
  ZERO_POINT,
} from '@coreset/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

function randomMatrix(rows: number, cols: number, seed: number, far = 0): Matrix {
  const random = seededRandom(seed);
  return matrixFrom(Array.from({ length: rows }, () => Array.from({ length: cols }, () => far + random.uniform())));
}

function encoded(matrix: Matrix, quantiser: Quantiser): NonNullable<ReturnType<typeof createCodeTable>> {
  const table = createCodeTable(matrix.rows, quantiser);
  if (table === undefined) throw new Error('the table is small');
  new RowEncoder(table).put(matrix.data, 0);
  return table;
}

/** The codes of a row, without the zero point. */
const codesOf = ({ codes, cols }: { codes: Uint8Array; cols: number }, row: number): number[] =>
  Array.from(codes.subarray(row * cols, (row + 1) * cols), (code) => code - ZERO_POINT);
const dot = (a: number[], b: number[]): number => a.reduce((sum, x, c) => sum + x * b[c], 0);

const SIZES = fc.record({
  rows: fc.integer({ min: 1, max: 40 }),
  cols: fc.integer({ min: 1, max: 20 }),
  seed: fc.nat(),
  far: fc.constantFrom(0, 3, -50),
});

test('the number farthest from the mean becomes the largest code', () => {
  fc.assert(
    fc.property(SIZES, fc.constantFrom(79, 127), ({ rows, cols, seed, far }, qmax) => {
      const matrix = randomMatrix(rows, cols, seed, far);
      const quantiser = fitQuantiser(matrix, qmax);
      expect(quantiser.qmax).toBe(qmax);
      let farthest = 0;
      for (let c = 0; c < cols; c++) {
        let sum = 0;
        for (let i = 0; i < rows; i++) sum += matrix.data[i * cols + c];
        expect(quantiser.mean[c]).toBeCloseTo(sum / rows, 10);
        for (let i = 0; i < rows; i++) {
          farthest = Math.max(farthest, Math.abs(matrix.data[i * cols + c] - quantiser.mean[c]));
        }
      }
      expect(quantiser.scale).toBeCloseTo(farthest > 0 ? qmax / farthest : 1, 6);
    }),
  );
});

test('the mean is that of rows at equal steps where there are many; the farthest number is sought among all', () => {
  const matrix = createMatrix(2000, 1);
  for (let i = 0; i < 2000; i++) matrix.data[i] = i % 4 === 0 ? 1 : 5;
  matrix.data[1999] = 11;
  const { mean, scale } = fitQuantiser(matrix, 127);
  expect(mean[0]).toBe(1); // each fourth row
  expect(scale).toBe(12.7);
  expect(fitQuantiser(createMatrix(5, 3), 127).scale).toBe(1);
});

test('no two rows are nearer than their codes say, and not much farther', () => {
  fc.assert(
    fc.property(SIZES, ({ rows, cols, seed, far }) => {
      const matrix = randomMatrix(rows, cols, seed, far);
      const quantiser = fitQuantiser(matrix, 127);
      const table = encoded(matrix, quantiser);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < rows; j++) {
          const score = dot(codesOf(table, i), codesOf(table, j)) - table.normTerms[j];
          const errors = table.errors[i] + table.errors[j];
          const least = leastDistance(quantiser, table.normTerms[i], score, errors);
          const exact = Math.sqrt(squaredDistance(matrix.data, i, matrix.data, j, cols));
          expect(least).toBeLessThanOrEqual(exact);
          const byCodes = codesOf(table, i).reduce((sum, x, c) => sum + (x - codesOf(table, j)[c]) ** 2, 0);
          expect(Math.abs((least + errors) * quantiser.scale - Math.sqrt(byCodes))).toBeLessThan(1.5);
          // A row at this distance or nearer has at least this score.
          const needed = leastScore(quantiser, table.normTerms[i], exact, errors);
          expect(score).toBeGreaterThanOrEqual(needed);
          const distance = exact + 0.1;
          const bound = leastScore(quantiser, table.normTerms[i], distance, errors);
          expect(leastDistance(quantiser, table.normTerms[i], bound, errors)).toBeGreaterThanOrEqual(distance - 1e-9);
          expect(leastDistance(quantiser, table.normTerms[i], bound + 3, errors)).toBeLessThan(distance);
        }
      }
      expect(leastScore(quantiser, 3, Number.POSITIVE_INFINITY, 0)).toBe(NO_SCORE);
    }),
    { numRuns: 30 },
  );
});

test('rows read from vectors get the codes of rows that are brought', () => {
  const matrix = randomMatrix(1100, 300, 3);
  const quantiser = fitQuantiser(matrix, 127);
  const table = encoded(matrix, quantiser);
  const other = createCodeTable(matrix.rows, quantiser);
  if (other === undefined) throw new Error('the table is small');
  const encoder = new RowEncoder(other);
  const reader = {
    rows: matrix.rows,
    cols: matrix.cols,
    read: (start: number, end: number, target = new Float32Array()) => {
      target.set(matrix.data.subarray(start * matrix.cols, end * matrix.cols));
      return target;
    },
    gather: () => new Float32Array(),
    close: () => {},
  };
  encoder.putFrom(reader, 700, 1100);
  encoder.putFrom(reader, 0, 700);
  expect(Buffer.compare(other.codes, table.codes)).toBe(0);
  expect(other.normTerms).toEqual(table.normTerms);
  expect(other.errors).toEqual(table.errors);
});

test('a table of codes is made where it fits', () => {
  const quantiser = (cols: number): Quantiser => ({ mean: new Float64Array(cols), scale: 1, qmax: 127 });
  const table = createCodeTable(3, quantiser(5));
  expect(table).toMatchObject({ rows: 3, cols: 5 });
  expect([table?.codes.length, table?.normTerms.length, table?.errors.length]).toEqual([15, 3, 3]);
  expect(createCodeTable(1, quantiser(60_000))).toBeDefined();
  expect(createCodeTable(1, quantiser(60_001))).toBeUndefined();
  expect(createCodeTable(2 ** 31, quantiser(2))).toBeUndefined();
});

describe('products of codes', () => {
  test.each([
    [1, 1],
    [16, 7],
    [17, 40],
    [50, 33],
  ])('of %i queries with %i columns', async (queries, cols) => {
    const matrix = randomMatrix(400, cols, queries, -0.4);
    const quantiser = fitQuantiser(matrix, 79);
    const table = encoded(matrix, quantiser);
    const products = await createCodeProducts(table, { queries, lists: 0, candidates: 1 });
    const slots = Int32Array.from({ length: queries }, (_, q) => (q * 13) % 400);
    const base = Int32Array.from({ length: 90 }, (_, i) => 3 * i + 1);
    products.setBase(base);
    await products.multiply(70, products.columnsOf(slots));
    const width = Math.ceil(queries / 16) * 16;
    const { scan, baseRows } = products;
    expect(baseRows).toBe(Math.floor(262_144 / width));
    expect(Array.from(scan.base.subarray(0, 90))).toEqual(Array.from(base));
    expect(Array.from(scan.normTerms.subarray(0, 90))).toEqual(Array.from(base, (slot) => table.normTerms[slot]));
    for (let i = 0; i < 70; i++) {
      const row = Array.from({ length: width }, (_, q) =>
        q < queries ? dot(codesOf(table, base[i]), codesOf(table, slots[q])) : 0,
      );
      expect(Array.from(scan.products.subarray(i * width, (i + 1) * width))).toEqual(row);
    }
  });
});

test('a search by codes lists the places of greatest score', async () => {
  const matrix = randomMatrix(2100, 12, 9);
  const table = encoded(matrix, fitQuantiser(matrix, 79));
  const capacity = 7;
  const kernel = await createBlockSearch(table, capacity);
  const slots = [range(0, 40), Int32Array.of(2000, 3, 700)];
  const blocks = slots.map((block) => kernel.queries(block, capacity));
  await kernel.scan(blocks, range(0, 2100));
  for (const [b, block] of blocks.entries()) {
    const count = slots[b].length;
    const [rows, scores] = [new Int32Array(count * capacity), new Int32Array(count * capacity)];
    block.lists.write(0, count, rows, 0, scores);
    for (let q = 0; q < count; q += 13) {
      const query = codesOf(table, slots[b][q]);
      const score = Array.from({ length: 2100 }, (_, row) => dot(query, codesOf(table, row)) - table.normTerms[row]);
      const wanted = Array.from(score.keys())
        .sort((a, c) => score[c] - score[a] || a - c)
        .slice(0, capacity);
      expect(Array.from(rows.subarray(q * capacity, (q + 1) * capacity))).toEqual(wanted);
      expect(Array.from(scores.subarray(q * capacity, (q + 1) * capacity))).toEqual(wanted.map((row) => score[row]));
    }
  }
});
