import { DistinctTexts } from '@coreset/embedder';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('finds the first row of each text', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.string({ maxLength: 2 }), fc.nat({ max: 4000 }).map(String)), {
        maxLength: 6000,
        size: 'max',
      }),
      async (texts) => {
        const rows = await DistinctTexts.create();
        const seen = new Map<string, number>();
        const firsts = texts.map((text, row) => {
          if (!seen.has(text)) seen.set(text, row);
          return seen.get(text) as number;
        });
        texts.forEach((text, row) => {
          expect(rows.add(text)).toBe(firsts[row] === row);
        });
        const count = texts.length - seen.size;
        expect(rows.repeated).toBe(count);
        expect(rows.repeats()).toEqual(count === 0 ? undefined : { representative: Int32Array.from(firsts), count });
      },
    ),
    { numRuns: 10 },
  );
});
