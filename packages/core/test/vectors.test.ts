import { join } from 'node:path';
import { loadVectors, type Matrix, openNpyVectors, openVectors, subsetOf, writeNpy } from '@coreset/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';

const ROWS = 40;
const COLS = 3;
const path = join(temporaryFolder(), 'a.npy');
const matrix: Matrix = {
  rows: ROWS,
  cols: COLS,
  data: Float32Array.from({ length: ROWS * COLS }, (_, i) => i / 7),
};
await writeNpy(path, matrix.data, [ROWS, COLS]);

test('rows of a file, of part of a file and of part of that read like those in memory', () => {
  const part = fc.subarray([...Array(ROWS).keys()], { minLength: 1 });
  const cases = part.chain((outer) =>
    fc.subarray([...outer.keys()], { minLength: 1 }).chain((inner) =>
      fc.record({
        outer: fc.constant(outer),
        inner: fc.constant(inner),
        asked: fc.array(fc.nat(inner.length - 1), { maxLength: 9 }),
        range: fc.tuple(fc.nat(inner.length), fc.nat(inner.length)),
      }),
    ),
  );
  fc.assert(
    fc.property(cases, ({ outer, inner, asked, range }) => {
      const [start, end] = range.sort((a, b) => a - b);
      const [inMemory, inFile] = [matrix, openNpyVectors(path)].map((all) =>
        subsetOf(subsetOf(all, Int32Array.from(outer)), Int32Array.from(inner)),
      );
      expect(inFile).not.toHaveProperty('data');
      expect(loadVectors(inFile)).toEqual(loadVectors(inMemory));
      const expected = openVectors(inMemory);
      const reader = openVectors(inFile);
      expect(reader.read(start, end)).toEqual(expected.read(start, end));
      expect(reader.gather(asked)).toEqual(expected.gather(asked));
      reader.close();
    }),
  );
});
