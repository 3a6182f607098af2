import { createMemory, seededRandom, squaredDistance } from '@coreset/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';
import { StoredRows } from '../dist/float32/stored-rows.js';
import { type CandidateLists, candidateLists, NO_SCORE, strideOf } from '../dist/int8/candidate-lists.js';
import { CodeScores } from '../dist/int8/code-scores.js';
import { arrangeCodes, createCodeTable } from '../dist/int8/code-table.js';
import { copyCodes } from '../dist/int8/copy-codes.js';
import { RowEncoder } from '../dist/int8/row-encoder.js';
import { createScoreScan, padded } from '../dist/int8/score-scan.js';

const MOST_ROWS = 40;
const MOST_QUERIES = padded(20);
const MOST_CANDIDATES = 7;
const scanner = createScoreScan(MOST_ROWS, MOST_QUERIES, MOST_ROWS, MOST_CANDIDATES);

/** Few different numbers, so that there are many equal scores. */
const blocks = fc.record({
  queries: fc.integer({ min: 1, max: MOST_QUERIES }),
  capacity: fc.integer({ min: 1, max: MOST_CANDIDATES }),
  // Rows that come again must not be listed twice.
  rounds: fc.array(
    fc.array(fc.record({ row: fc.nat(30), normTerm: fc.integer({ min: -3, max: 3 }) }), {
      maxLength: MOST_ROWS,
    }),
    { minLength: 1, maxLength: 3 },
  ),
  seed: fc.nat(1000),
});

function product(seed: number, row: number, query: number): number {
  return ((row * 31 + query * 17 + seed) % 11) - 5;
}

function listed(lists: CandidateLists): { rows: number[][]; scores: number[][] } {
  const { sizes, capacity } = lists;
  const count = sizes.length;
  const [rows, scores] = [new Int32Array(count * capacity), new Int32Array(count * capacity)];
  lists.write(0, count, rows, 0, scores);
  const perList = (values: Int32Array): number[][] =>
    Array.from({ length: count }, (_, l) => [...values.subarray(l * capacity, (l + 1) * capacity)].slice(0, sizes[l]));
  return { rows: perList(rows), scores: perList(scores) };
}

test('lists hold the rows of greatest score, of equal ones the lowest, none twice', () => {
  fc.assert(
    fc.property(blocks, ({ queries, capacity, rounds, seed }) => {
      const lists = candidateLists(queries, capacity);
      scanner.lists.setCapacity(capacity);
      const width = padded(queries);
      // A row's half norm is part of its identity here: the same row has the same score whenever it comes.
      const normTerms = new Map<number, number>();
      for (const round of rounds) {
        round.forEach(({ row, normTerm }, at) => {
          if (!normTerms.has(row)) normTerms.set(row, normTerm);
          scanner.base[at] = row;
          scanner.normTerms[at] = normTerms.get(row) as number;
          for (let q = 0; q < width; q++) scanner.products[at * width + q] = q < queries ? product(seed, row, q) : 1000;
        });
        scanner.lists.load(lists, 0);
        scanner.pushRows(round.length, queries, 0);
        scanner.lists.save(lists, 0);
      }
      const { rows, scores } = listed(lists);
      const offered = [...new Set(rounds.flat().map(({ row }) => row))];
      for (let q = 0; q < queries; q++) {
        const score = (row: number): number => product(seed, row, q) - (normTerms.get(row) as number);
        const wanted = offered.toSorted((a, b) => score(b) - score(a) || a - b).slice(0, capacity);
        expect(rows[q]).toEqual(wanted);
        expect(scores[q]).toEqual(wanted.map(score));
        expect(lists.thresholds[q]).toBe(wanted.length === capacity ? score(wanted[capacity - 1]) : NO_SCORE);
      }
    }),
  );
});

test('queries are offered to the lists of rows as rows are to those of queries', () => {
  const sizes = fc.record({
    rows: fc.integer({ min: 1, max: MOST_ROWS }),
    shift: fc.nat(50),
    queries: fc.integer({ min: 1, max: MOST_QUERIES }),
    capacity: fc.integer({ min: 1, max: MOST_CANDIDATES }),
    number: fc.nat(100),
    seed: fc.nat(1000),
  });
  fc.assert(
    fc.property(sizes, ({ rows, shift, queries, capacity, number, seed }) => {
      const width = padded(queries);
      const { products, queryNormTerms, lists } = scanner;
      lists.setCapacity(capacity);
      queryNormTerms.set(Array.from({ length: queries }, (_, q) => (q % 3) - 1));
      for (let row = 0; row < rows; row++) {
        for (let q = 0; q < width; q++) products[row * width + q] = q < queries ? product(seed, row, q) : 1000;
      }
      // The lists of the rows in falling order.
      scanner.base.set(Array.from({ length: rows }, (_, row) => rows - 1 - row + shift));
      scanner.pushQueries(rows, queries, number, -shift);
      lists.flush(0, rows);
      const stride = strideOf(capacity);
      for (let row = 0; row < rows; row++) {
        const score = (q: number): number => product(seed, row, q) - queryNormTerms[q];
        const wanted = Array.from({ length: queries }, (_, q) => q)
          .sort((a, b) => score(b) - score(a) || a - b)
          .slice(0, capacity);
        const list = rows - 1 - row;
        expect(lists.sizes[list]).toBe(wanted.length);
        const entries = lists.entries.slice(list * stride, list * stride + 2 * wanted.length);
        expect([...entries]).toEqual(wanted.flatMap((q) => [~(number + q), score(q)]));
        expect(lists.thresholds[list]).toBe(wanted.length === capacity ? score(wanted[capacity - 1]) : NO_SCORE);
      }
    }),
  );
});

test('the best query of a row has the greatest score, of equal ones the lowest number', () => {
  const sizes = fc.record({
    rows: fc.integer({ min: 1, max: MOST_ROWS }),
    blocks: fc.array(fc.integer({ min: 1, max: MOST_QUERIES }), { minLength: 1, maxLength: 3 }),
    seed: fc.nat(1000),
  });
  fc.assert(
    fc.property(sizes, ({ rows, blocks, seed }) => {
      const { products, queryNormTerms, best } = scanner;
      scanner.forgetBest();
      let number = 0;
      for (const queries of blocks) {
        const width = padded(queries);
        queryNormTerms.set(Array.from({ length: queries }, (_, q) => ((number + q) % 3) - 1));
        for (let row = 0; row < rows; row++) {
          for (let q = 0; q < width; q++) {
            products[row * width + q] = q < queries ? product(seed, row, number + q) : 1000;
          }
        }
        scanner.takeBest(rows, queries, number);
        number += queries;
      }
      for (let row = 0; row < rows; row++) {
        const scores = Array.from({ length: number }, (_, q) => product(seed, row, q) - ((q % 3) - 1));
        expect(best[row]).toBe(scores.indexOf(Math.max(...scores)));
      }
    }),
  );
});

test('a list begun with known rows lists them again and lets only greater scores in', () => {
  const lists = candidateLists(1, 3);
  lists.begin(0, Int32Array.of(9, 4, 7, -1, -1), Int32Array.of(50, 30, 10, 0, 0), 0);
  scanner.base.set([4, 1, 2]);
  scanner.normTerms.fill(0);
  scanner.products.fill(0);
  [30, 10, 20].forEach((score, row) => {
    scanner.products[row * padded(1)] = score;
  });
  scanner.lists.setCapacity(3);
  scanner.lists.load(lists, 0);
  scanner.pushRows(3, 1, 0);
  scanner.lists.save(lists, 0);
  expect(listed(lists)).toEqual({ rows: [[9, 4, 2]], scores: [[50, 30, 20]] });
});

test('codes are moved by any permutation', () => {
  const COLS = 3;
  const permutations = fc
    .integer({ min: 1, max: 20 })
    .chain((rows) => fc.shuffledSubarray([...Array(rows).keys()], { minLength: rows }));
  fc.assert(
    fc.property(permutations, (from) => {
      const quantiser = { mean: new Float64Array(COLS), scale: 1, qmax: 127 };
      const table = createCodeTable(from.length + 1, quantiser);
      if (table === undefined) throw new Error('the table is small');
      const row = (i: number): number[] => [i, -i, 2 * i + 0.25 * (i % 2)];
      new RowEncoder(table).put(Float32Array.from([...from.keys(), 20].flatMap(row)), 0);
      const before = { codes: table.codes.slice(), normTerms: table.normTerms.slice(), errors: table.errors.slice() };
      arrangeCodes(table, Int32Array.from(from));
      [...from, from.length].forEach((old, slot) => {
        expect(table.codes.slice(slot * COLS, (slot + 1) * COLS)).toEqual(
          before.codes.slice(old * COLS, (old + 1) * COLS),
        );
        expect(table.normTerms[slot]).toBe(before.normTerms[old]);
        expect(table.errors[slot]).toBe(before.errors[old]);
      });
    }),
  );
});

test('rows of codes are copied whatever their length, one behind the other', () => {
  const copies = fc
    .record({ cols: fc.constantFrom(1, 7, 8, 64, 100), rows: fc.integer({ min: 1, max: 80 }) })
    .chain(({ cols, rows }) => fc.tuple(fc.constant(cols), fc.subarray([...Array(rows).keys()], { minLength: 1 })));
  fc.assert(
    fc.property(copies, ([cols, rows]) => {
      const codes = new Uint8Array(new SharedArrayBuffer(80 * cols)).map((_, i) => (i * 7919) % 251);
      const copied = new Uint8Array(80 * cols);
      copyCodes(codes, cols, Int32Array.from(rows), copied);
      const wanted = rows.flatMap((row) => [...codes.subarray(row * cols, (row + 1) * cols)]);
      expect([...copied.subarray(0, wanted.length)]).toEqual(wanted);
    }),
  );
});

test.each([1, 15, 16, 17, 240])(
  'the score of two rows of %i codes is that of their product, from WebAssembly too',
  (cols) => {
    const table = createCodeTable(20, { mean: new Float64Array(cols), scale: 1, qmax: 127 });
    if (table === undefined) throw new Error('the table is small');
    const memory = createMemory(table.codes.length, true);
    const codes = new Uint8Array(memory.buffer, 0, table.codes.length);
    const random = seededRandom(cols);
    codes.forEach((_, i) => {
      // The outermost codes, of which sums are the greatest, and others.
      codes[i] = [1, 255, Math.floor(1 + 255 * random.uniform())][i % 3];
    });
    table.normTerms.forEach((_, i) => {
      table.normTerms[i] = i;
    });
    const inWebAssembly = new CodeScores({ ...table, codes, memory });
    const inJavaScript = new CodeScores({ ...table, codes, memory: undefined });
    for (let query = 0; query < 20; query++) {
      for (let slot = 0; slot < 20; slot++) {
        let product = 0;
        for (let c = 0; c < cols; c++) product += (codes[query * cols + c] - 128) * (codes[slot * cols + c] - 128);
        expect(inWebAssembly.score(query, slot)).toBe(product - slot);
        expect(inJavaScript.score(query, slot)).toBe(product - slot);
      }
    }
  },
);

test('rows are rounded to codes, cut off beyond the largest, with their error', () => {
  const rows = fc
    .record({ rows: fc.integer({ min: 1, max: 5 }), cols: fc.integer({ min: 1, max: 11 }), seed: fc.nat(1000) })
    .map(({ rows, cols, seed }) => {
      const random = seededRandom(seed);
      const values = Float32Array.from({ length: rows * cols }, () => 6 * random.uniform() - 3);
      return { rows, cols, values, mean: Float64Array.from({ length: cols }, () => random.uniform()) };
    });
  fc.assert(
    fc.property(rows, fc.constantFrom(79, 127), ({ rows, cols, values, mean }, qmax) => {
      const scale = 50;
      const table = createCodeTable(rows + 1, { mean, scale, qmax });
      if (table === undefined) throw new Error('the table is small');
      new RowEncoder(table).put(values, 1);
      for (let i = 0; i < rows; i++) {
        let norm = 0;
        let error = 0;
        for (let c = 0; c < cols; c++) {
          const value = (values[i * cols + c] - mean[c]) * scale;
          const code = Math.max(-qmax, Math.min(qmax, Math.floor(value + 0.5)));
          expect(table.codes[(i + 1) * cols + c]).toBe(128 + code);
          norm += code * code;
          error += (value - code) ** 2;
        }
        expect(table.normTerms[i + 1]).toBe(norm >> 1);
        expect(table.errors[i + 1]).toBeGreaterThanOrEqual(Math.sqrt(error) / scale);
        expect(table.errors[i + 1]).toBeCloseTo(Math.sqrt(error) / scale, 4);
      }
    }),
  );
});

test('distances in a row store have the bits of those in JavaScript', () => {
  for (const cols of [1, 3, 4, 7, 384]) {
    const store = new StoredRows(cols);
    const { data } = clusteredMatrix(50, cols, cols);
    store.room(50).set(data);
    for (let i = 0; i < 50; i++) {
      expect(store.squaredDistance(i, 49 - i)).toBe(squaredDistance(data, i, data, 49 - i, cols));
    }
  }
});
