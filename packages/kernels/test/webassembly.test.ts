// Each module of WebAssembly beside the plain program that is its specification: the same bits.
import { createMemory, squaredDistance } from '@coreset/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EncodedRow, encodeRow } from '../assembly/int8/encode-rows.plain.ts';
import {
  type Candidate,
  type CandidateList,
  pushQueries,
  pushRows,
  takeBest,
} from '../assembly/int8/scan-scores.plain.ts';
import { StoredRows } from '../dist/float32/stored-rows.js';
import { candidateLists, NO_SCORE, strideOf } from '../dist/int8/candidate-lists.js';
import { CodeScores, codeProduct } from '../dist/int8/code-scores.js';
import { createCodeTable } from '../dist/int8/code-table.js';
import { createScoreScan, padded, type ScoreScan } from '../dist/int8/score-scan.js';
import { instantiate } from '../dist/wasm.js';

const MOST = { rows: 20, queries: 40, lists: 60, capacity: 35 };
const scan = createScoreScan(MOST.rows, padded(MOST.queries), MOST.lists, MOST.capacity);
/** In the columns that no query has: a score that would be pushed everywhere. */
const OUT_OF_QUERIES = 2 ** 30;

/** Scores that are often equal, and scores of all sizes and signs. */
const scores = fc.constantFrom(3, 2 ** 20, 2 ** 29).map((most) => fc.integer({ min: -most, max: most }));

interface Block {
  products: number[][];
  rowNormTerms: number[];
  queryNormTerms: number[];
  base: number[];
}

/** Products with the norm terms and numbers of rows and queries. */
function blocks(rows: number, queries: number, numbers: fc.Arbitrary<number[]>): fc.Arbitrary<Block> {
  const list = (length: number, value: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
    fc.array(value, { minLength: length, maxLength: length });
  return scores.chain((score) =>
    fc.record({
      products: fc.array(list(queries, score), { minLength: rows, maxLength: rows }),
      rowNormTerms: list(rows, score),
      queryNormTerms: list(queries, score),
      base: numbers,
    }),
  );
}

function fill({ products, normTerms, queryNormTerms, base }: ScoreScan, block: Block): void {
  const width = padded(block.queryNormTerms.length);
  products.fill(OUT_OF_QUERIES, 0, block.products.length * width);
  block.products.forEach((row, at) => {
    products.set(row, at * width);
  });
  normTerms.set(block.rowNormTerms);
  queryNormTerms.set(block.queryNormTerms);
  base.set(block.base);
}

/** Lists as they may be before a scan: full, begun or empty, with a threshold that was estimated. */
function begun(count: number, capacity: number): fc.Arbitrary<CandidateList[]> {
  const list = fc
    .record({
      candidates: fc.uniqueArray(fc.record({ number: fc.nat(30), score: fc.integer({ min: -4, max: 4 }) }), {
        maxLength: capacity,
        selector: ({ number }) => number,
      }),
      below: fc.option(fc.nat(2)),
    })
    .map(({ candidates, below }) => {
      candidates.sort((a, b) => b.score - a.score || a.number - b.number);
      const least = candidates.at(-1)?.score;
      if (least !== undefined && candidates.length === capacity) return { candidates, threshold: least };
      return { candidates, threshold: below === null ? NO_SCORE : (least ?? 0) - below };
    });
  return fc.array(list, { minLength: count, maxLength: count });
}

function load(lists: CandidateList[], capacity: number): void {
  const arrays = candidateLists(lists.length, capacity);
  lists.forEach(({ candidates, threshold }, l) => {
    const numbers = candidates.map(({ number }) => number);
    arrays.begin(
      l,
      Int32Array.from([...numbers, -1]),
      Int32Array.from(candidates, ({ score }) => score),
      0,
    );
    arrays.thresholds[l] = threshold;
  });
  scan.lists.setCapacity(capacity);
  scan.lists.load(arrays, 0);
}

function loaded(count: number, capacity: number): CandidateList[] {
  const { entries, sizes, thresholds } = scan.lists;
  return Array.from({ length: count }, (_, l) => ({
    candidates: Array.from({ length: sizes[l] }, (_, e) => {
      const at = l * strideOf(capacity) + 2 * e;
      return { number: ~entries[at], score: entries[at + 1] };
    }),
    threshold: thresholds[l],
  }));
}

const copied = (lists: CandidateList[]): CandidateList[] =>
  lists.map((list) => ({ ...list, candidates: [...list.candidates] }));

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: MOST.rows }),
  queries: fc.integer({ min: 1, max: MOST.queries }),
  capacity: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: MOST.capacity })),
});

test('rows are pushed to the lists of queries', () => {
  const cases = shapes.chain(({ rows, queries, capacity }) =>
    fc.record({
      capacity: fc.constant(capacity),
      lists: begun(MOST.lists, capacity),
      rounds: fc.array(
        // The same numbers come again.
        blocks(rows, queries, fc.array(fc.nat(30), { minLength: rows, maxLength: rows })),
        { minLength: 1, maxLength: 3 },
      ),
      firstList: fc.nat(MOST.lists - queries),
    }),
  );
  fc.assert(
    fc.property(cases, ({ capacity, lists, rounds, firstList }) => {
      load(lists, capacity);
      const wanted = copied(lists);
      for (const block of rounds) {
        const { products, rowNormTerms, queryNormTerms, base } = block;
        pushRows(wanted, capacity, products, rowNormTerms, base, firstList);
        fill(scan, block);
        scan.pushRows(products.length, queryNormTerms.length, firstList);
      }
      scan.lists.flush(0, MOST.lists);
      expect(loaded(MOST.lists, capacity)).toEqual(wanted);
    }),
  );
});

test('queries are pushed to the lists of rows', () => {
  const cases = shapes.chain(({ rows, queries, capacity }) =>
    fc.integer({ min: -50, max: 50 }).chain((shift) =>
      fc.record({
        capacity: fc.constant(capacity),
        lists: begun(MOST.lists, capacity),
        rounds: fc.array(
          blocks(
            rows,
            queries,
            fc
              .array(fc.nat(MOST.lists - 1), { minLength: rows, maxLength: rows })
              .map((ofRows) => ofRows.map((list) => list - shift)),
          ),
          { minLength: 1, maxLength: 3 },
        ),
        firstNumber: fc.nat(40),
        shift: fc.constant(shift),
      }),
    ),
  );
  fc.assert(
    fc.property(cases, ({ capacity, lists, rounds, firstNumber, shift }) => {
      load(lists, capacity);
      const wanted = copied(lists);
      for (const block of rounds) {
        const { products, queryNormTerms, base } = block;
        pushQueries(wanted, capacity, products, queryNormTerms, base, firstNumber, shift);
        fill(scan, block);
        scan.pushQueries(products.length, queryNormTerms.length, firstNumber, shift);
      }
      scan.lists.flush(0, MOST.lists);
      expect(loaded(MOST.lists, capacity)).toEqual(wanted);
    }),
  );
});

test('the best query of each row is taken', () => {
  const cases = shapes.chain(({ rows, queries }) =>
    fc.record({
      rounds: fc.array(blocks(rows, queries, fc.constant([])), { minLength: 1, maxLength: 3 }),
      firstNumber: fc.nat(40),
    }),
  );
  fc.assert(
    fc.property(cases, ({ rounds, firstNumber }) => {
      scan.forgetBest();
      const best: Candidate[] = rounds[0].products.map((_, row) => ({ number: scan.best[row], score: NO_SCORE }));
      let number = firstNumber;
      for (const block of rounds) {
        takeBest(best, block.products, block.queryNormTerms, number);
        // Columns without a query have the product of codes that are all zero.
        fill(scan, block);
        const width = padded(block.queryNormTerms.length);
        block.products.forEach((row, at) => {
          scan.products.fill(0, at * width + row.length, (at + 1) * width);
        });
        scan.takeBest(block.products.length, block.queryNormTerms.length, number);
        number += block.queryNormTerms.length;
      }
      expect(Array.from(scan.best.subarray(0, best.length))).toEqual(best.map(({ number }) => number));
    }),
  );
});

/** Columns about the multiples of 4 and of 16. */
const columns = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(384, 769));

test('rows are encoded', () => {
  const cases = fc.record({ rows: fc.integer({ min: 1, max: 4 }), cols: columns }).chain(({ rows, cols }) => {
    // Numbers that are rounded, numbers halfway between two codes, and numbers that are cut off.
    const value = fc.oneof(
      fc.float({ min: -3, max: 3, noNaN: true }),
      fc.integer({ min: -300, max: 300 }).map((x) => x / 100 + 0.5),
    );
    const far = fc.constantFrom(Math.fround(1e30), Math.fround(-1e30));
    const row = fc.array(fc.oneof({ weight: 30, arbitrary: value.map(Math.fround) }, far), {
      minLength: cols,
      maxLength: cols,
    });
    return fc.record({
      values: fc.array(row, { minLength: rows, maxLength: rows }),
      mean: fc.array(fc.oneof(fc.constant(0), fc.double({ min: -1, max: 1, noNaN: true })), {
        minLength: cols,
        maxLength: cols,
      }),
      scale: fc.constantFrom(1, 50, 61.7, 100),
      qmax: fc.constantFrom(79, 127),
    });
  });
  const memory = createMemory(100_000);
  const { encode } = instantiate<Record<'encode', (...numbers: number[]) => void>>('int8/encode-rows', memory);
  fc.assert(
    fc.property(cases, ({ values, mean, scale, qmax }) => {
      const [rows, cols] = [values.length, mean.length];
      let filled = 0;
      function room<T extends Float32Array | Float64Array | Int32Array | Uint8Array>(
        Numbers: { BYTES_PER_ELEMENT: number; new (buffer: ArrayBufferLike, offset: number, length: number): T },
        length: number,
      ): T {
        const array = new Numbers(memory.buffer, filled, length);
        filled += array.byteLength;
        return array;
      }
      const means = room(Float64Array, cols);
      const errors = room(Float64Array, rows);
      const normTerms = room(Int32Array, rows);
      const stored = room(Float32Array, rows * cols);
      const codes = room(Uint8Array, rows * cols + 1);
      means.set(mean);
      stored.set(values.flat());
      codes[rows * cols] = 7;
      encode(...[stored, means, codes, normTerms, errors].map(({ byteOffset }) => byteOffset), rows, cols, scale, qmax);
      const encoded = values.map(
        (_, row): EncodedRow => ({
          codes: Array.from(codes.subarray(row * cols, (row + 1) * cols)),
          normTerm: normTerms[row],
          error: errors[row],
        }),
      );
      expect(encoded).toEqual(values.map((row) => encodeRow(row, mean, scale, qmax)));
      expect(codes[rows * cols]).toBe(7);
    }),
  );
});

test('codes of two rows are multiplied', () => {
  const code = fc.oneof(fc.constantFrom(1, 255), fc.integer({ min: 1, max: 255 }));
  const cases = columns.chain((cols) =>
    fc.record({ cols: fc.constant(cols), codes: fc.array(code, { minLength: 3 * cols, maxLength: 3 * cols }) }),
  );
  fc.assert(
    fc.property(cases, ({ cols, codes }) => {
      const table = createCodeTable(3, { mean: new Float64Array(cols), scale: 1, qmax: 127 });
      if (table === undefined) throw new Error('the table is small');
      const memory = createMemory(codes.length, true);
      const stored = new Uint8Array(memory.buffer, 0, codes.length);
      stored.set(codes);
      const products = new CodeScores({ ...table, codes: stored, memory });
      for (const [a, b] of [
        [0, 1],
        [2, 0],
        [1, 1],
      ]) {
        expect(products.score(a, b)).toBe(codeProduct(stored, a * cols, b * cols, cols));
      }
    }),
  );
});

test('squared distances are taken', () => {
  const cases = columns.chain((cols) => {
    const row = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: cols, maxLength: cols });
    return fc.record({ cols: fc.constant(cols), rows: fc.array(row, { minLength: 3, maxLength: 3 }) });
  });
  fc.assert(
    fc.property(cases, ({ cols, rows }) => {
      const store = new StoredRows(cols);
      const data = store.room(3);
      data.set(rows.flat());
      for (const [i, j] of [
        [0, 1],
        [2, 0],
        [1, 1],
      ]) {
        expect(store.squaredDistance(i, j)).toBe(squaredDistance(data, i, data, j, cols));
      }
    }),
  );
});
