import { MaxHeap } from '@coreset/selector';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** The greatest key among the items left, the lowest item on ties. */
function naiveTop(keys: Float64Array, left: Set<number>): number {
  let best = -1;
  for (const item of [...left].sort((a, b) => a - b)) if (best < 0 || keys[item] > keys[best]) best = item;
  return best;
}

test('the heap agrees with a plain search through any series of updates and pops', () => {
  const key = fc.integer({ min: -3, max: 3 });
  fc.assert(
    fc.property(
      fc.array(key, { minLength: 1, maxLength: 40 }),
      fc.array(fc.tuple(fc.nat(), key), { maxLength: 80 }),
      (keys, steps) => {
        const heap = new MaxHeap(Float64Array.from(keys));
        const plain = Float64Array.from(keys);
        const left = new Set(keys.keys());
        for (const [choice, value] of steps) {
          if (left.size === 0) break;
          if (choice % 3 === 0) {
            const top = naiveTop(plain, left);
            expect(heap.pop()).toBe(top);
            left.delete(top);
          } else {
            const item = [...left][choice % left.size];
            heap.update(item, value);
            plain[item] = value;
          }
          expect(heap.size).toBe(left.size);
          expect(heap.peek()).toBe(naiveTop(plain, left));
        }
      },
    ),
    { numRuns: 1000 },
  );
});
