import {
  CoresetError,
  createMatrix,
  forEachBlock,
  gatherRows,
  loadVectors,
  matrixFrom,
  matrixOf,
  meanRow,
  memoryOfVectors,
  normaliseRows,
  openVectors,
  randomOrder,
  range,
  ranges,
  readColumnMajor,
  requireFinite,
  rowBuffer,
  rowMask,
  rowOf,
  rowPlaces,
  sampleRows,
  seededRandom,
  shareVectors,
  squaredDistance,
  subtractRow,
  takeRows,
} from '@coreset/core';
import { negativeSquaredNorms } from '@coreset/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/** Rows and their values, each exact in float32. */
const matrices = fc
  .record({ rows: fc.integer({ min: 1, max: 9 }), cols: fc.integer({ min: 1, max: 11 }), seed: fc.nat() })
  .map(({ rows, cols, seed }) => {
    const random = seededRandom(seed);
    return Array.from({ length: rows }, () => Array.from({ length: cols }, () => random.below(64) / 8 - 4));
  });

const dot = (a: number[], b: number[]): number => a.reduce((sum, x, c) => sum + x * b[c], 0);

test('distances, lengths, means and parts of any matrix are those of its rows', () => {
  fc.assert(
    fc.property(matrices, (values) => {
      const matrix = matrixFrom(values);
      const { data, rows, cols } = matrix;
      expect([rows, cols]).toEqual([values.length, values[0].length]);
      for (const [i, a] of values.entries()) {
        expect(Array.from(rowOf(matrix, i))).toEqual(a);
        for (const [j, b] of values.entries()) {
          const difference = a.map((x, c) => x - b[c]);
          expect(squaredDistance(data, i, data, j, cols)).toBe(dot(difference, difference));
        }
        expect(negativeSquaredNorms(data, cols)[i]).toBe(-dot(a, a));
      }
      const mean = Array.from({ length: cols }, (_, c) => values.reduce((sum, row) => sum + row[c], 0) / rows);
      for (const [c, value] of meanRow(data, cols).entries()) expect(value).toBeCloseTo(mean[c], 12);
      const order = Array.from(randomOrder(rows, seededRandom(1)));
      const taken = takeRows(matrix, order);
      expect([taken.rows, taken.cols]).toEqual([rows, cols]);
      expect(Array.from(taken.data)).toEqual(order.flatMap((row) => values[row]));
      const centred = data.slice();
      const shift = Float64Array.from({ length: cols }, (_, c) => c);
      subtractRow(centred, shift);
      expect(Array.from(centred)).toEqual(values.flatMap((row) => row.map((x, c) => x - c)));
    }),
  );
});

test('rows are scaled to length 1, and a row of zeros stays as it is', () => {
  fc.assert(
    fc.property(matrices, (values) => {
      const all = [...values, values[0].map(() => 0), values[0].map((_, c) => c + 1)];
      const { data, cols } = matrixFrom(all);
      normaliseRows(data, cols);
      for (const [i, row] of all.entries()) {
        const length = Math.sqrt(dot(row, row));
        for (const [c, x] of row.entries()) {
          expect(data[i * cols + c]).toBeCloseTo(length === 0 ? 0 : x / length, 6);
        }
      }
    }),
  );
});

test('matrices that do not fit are refused', () => {
  expect(matrixOf(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)).toEqual({
    data: Float32Array.of(1, 2, 3, 4, 5, 6),
    rows: 2,
    cols: 3,
  });
  expect(() => matrixOf(new Float32Array(5), 2, 3)).toThrow(CoresetError);
  expect(() => matrixOf(new Float32Array(5), 2, 3)).toThrow('a 2 × 3 matrix needs 6 numbers, got 5');
  expect(() => matrixFrom([[1, 2], [3]])).toThrow('row 1 has 1 numbers, row 0 has 2');
  expect(matrixFrom([])).toMatchObject({ rows: 0, cols: 0 });
});

test('a mask has 1 for each listed row', () => {
  expect(Array.from(rowMask(5, [3, 0]))).toEqual([1, 0, 0, 1, 0]);
  expect(Array.from(rowMask(2, []))).toEqual([0, 0]);
});

test('rowPlaces says where each row is in a list, and of rows that are not there −1', () => {
  expect(Array.from(rowPlaces(5, [3, 0]))).toEqual([1, -1, -1, 0, -1]);
  expect(Array.from(rowPlaces(2, [1, 1]))).toEqual([-1, 1]);
  expect(Array.from(rowPlaces(2, []))).toEqual([-1, -1]);
});

test('ranges follow each other, the last perhaps shorter', () => {
  expect(Array.from(range(3, 7))).toEqual([3, 4, 5, 6]);
  expect(Array.from(range(3, 3))).toEqual([]);
  expect(ranges(2, 9, 3).map((part) => Array.from(part))).toEqual([[2, 3, 4], [5, 6, 7], [8]]);
  expect(ranges(2, 8, 3).map((part) => Array.from(part))).toEqual([
    [2, 3, 4],
    [5, 6, 7],
  ]);
  expect(ranges(2, 2, 3)).toEqual([]);
});

describe('blocks', () => {
  const matrix = matrixFrom(Array.from({ length: 10 }, (_, i) => [i, 10 * i]));

  test('cover all rows in order', () => {
    const seen: [number, number, number[]][] = [];
    forEachBlock(matrix, 4, (block, start, end) => seen.push([start, end, Array.from(block)]));
    expect(seen.map(([start, end]) => [start, end])).toEqual([
      [0, 4],
      [4, 8],
      [8, 10],
    ]);
    expect(seen.flatMap(([, , block]) => block)).toEqual(Array.from(matrix.data));
  });

  test('come in an array that is used again as long as it is large enough', () => {
    const room = rowBuffer(3);
    const first = room(4);
    expect(first.length).toBe(12);
    expect(room(2).buffer).toBe(first.buffer);
    expect(room(2).length).toBe(6);
    expect(room(4).buffer).toBe(first.buffer);
    expect(room(5).length).toBe(15);
    expect(room(5).buffer).not.toBe(first.buffer);
  });

  test('are read into the array that is brought, or a new one in ordinary memory', () => {
    const reader = openVectors(matrix);
    expect([reader.rows, reader.cols]).toEqual([10, 2]);
    const target = new Float32Array(4);
    expect(reader.read(1, 3, target)).toBe(target);
    expect(Array.from(target)).toEqual([1, 10, 2, 20]);
    expect(reader.gather([4, 0], target)).toBe(target);
    expect(Array.from(target)).toEqual([4, 40, 0, 0]);
    expect(reader.read(1, 3).buffer).toBeInstanceOf(ArrayBuffer);
    expect(reader.gather([9]).buffer).toBeInstanceOf(ArrayBuffer);
    reader.close();
  });
});

test('columns one after the other become rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 70 }), (rows, cols) => {
      const data = Float32Array.from({ length: rows * cols }, (_, i) => i);
      const expected = Array.from({ length: rows * cols }, (_, i) => (i % cols) * rows + Math.floor(i / cols));
      expect(Array.from(readColumnMajor({ data, rows, cols }).data)).toEqual(expected);
    }),
  );
});

test('thousands of rows are gathered', () => {
  const matrix = matrixFrom(Array.from({ length: 9000 }, (_, i) => [i, -i]));
  const rows = Int32Array.from({ length: 9000 }, (_, i) => (i * 7) % 9000);
  expect(gatherRows(matrix, rows)).toEqual(takeRows(matrix, rows));
});

describe('shared memory', () => {
  test('holds what was in ordinary memory; what is there already is not copied', () => {
    const ordinary = { data: Float32Array.of(1, 2, 3, 4), rows: 2, cols: 2 };
    const shared = shareVectors(ordinary);
    expect(shared).toEqual(ordinary);
    expect((shared as typeof ordinary).data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(shareVectors(shared)).toBe(shared);
    expect(loadVectors(shared)).toBe(shared);
  });

  test('is one that WebAssembly reads from a megabyte on', () => {
    const large = createMatrix(1 << 9, 1 << 9);
    expect(large.data.length).toBe(1 << 18);
    expect(memoryOfVectors(large)?.buffer).toBe(large.data.buffer);
    expect(memoryOfVectors({ ...large, data: large.data.subarray(4) })).toBeUndefined();
    expect(memoryOfVectors(createMatrix(1 << 9, (1 << 9) - 1))).toBeUndefined();
  });
});

test.each([
  [0, 0],
  [4095, 1],
  [4096, 0],
  [5000, 1],
])('a number that is not finite is named by row %i and column %i', (row, col) => {
  for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
    const matrix = createMatrix(5001, 2);
    matrix.data[row * 2 + col] = value;
    expect(() => requireFinite(matrix, 'a.npy')).toThrow(
      `a.npy: row ${row}, column ${col} is ${value}; every number must be finite`,
    );
  }
  expect(() => requireFinite(createMatrix(5001, 2), 'a.npy')).not.toThrow();
});

test('a sample is of the size asked for, each row as likely as another', () => {
  const counts = new Int32Array(10);
  for (let seed = 0; seed < 2000; seed++) {
    const sample = sampleRows(10, 3, seededRandom(seed));
    expect(new Set(sample).size).toBe(3);
    for (const row of sample) counts[row]++;
  }
  for (const count of counts) expect(Math.abs(count - 600)).toBeLessThan(120);
  expect(Array.from(sampleRows(4, 4, seededRandom(1)))).toEqual([0, 1, 2, 3]);
});
