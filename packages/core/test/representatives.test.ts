import { Representatives } from '@coreset/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** Hashes of few values: many slots are taken by rows that differ. */
const hash = fc.record({ low: fc.constantFrom(0, 1, 2, 2047, 0xffffffff), high: fc.constantFrom(0, 1) });

test('a row is represented by the first of the same hash that is the same, in a table that grows', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ hash, key: fc.nat(40) }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 60 }),
      (some, times) => {
        // Every row again, and among them as many that come once.
        const rows = Array.from({ length: times }, (_, t) =>
          some.flatMap((row) => [row, { hash: row.hash, key: 100 + t }]),
        ).flat();
        const found = new Representatives((row, earlier) => rows[row].key === rows[earlier].key);
        const first = new Map<string, number>();
        const expected = rows.map((row, r) => {
          const key = JSON.stringify(row);
          if (!first.has(key)) first.set(key, r);
          return first.get(key) as number;
        });
        expect(rows.map(({ hash: { low, high } }) => found.add(low, high))).toEqual(expected);
        expect(Array.from(found.representative())).toEqual(expected);
        expect([found.rows, found.distinct]).toEqual([rows.length, first.size]);
      },
    ),
    { numRuns: 100 },
  );
});

test('where nothing tells rows apart that have the same hash, they are the same', () => {
  const found = new Representatives();
  expect([7, 8, 7, 8].map((low) => found.add(low, low - 7))).toEqual([0, 1, 0, 1]);
});
