import { seededRandom } from '@coreset/core';
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
            if (choice % 3 === 1) heap.update(item, value);
            else heap.lower(item, plain[item] - value);
            plain[item] = value;
            const taken = plain.findIndex((_, other) => !left.has(other));
            if (taken >= 0) heap.lower(taken, value);
          }
          expect(heap.size).toBe(left.size);
          expect(heap.peek()).toBe(naiveTop(plain, left));
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('it agrees on thousands of items, of which a part is in its front', () => {
  const ITEMS = 3000;
  const random = seededRandom(5);
  for (const greatest of [3, 1e9]) {
    const key = (): number => random.below(greatest);
    const plain = Float64Array.from({ length: ITEMS }, key);
    const heap = new MaxHeap(plain.slice());
    const left = new Set(plain.keys());
    while (left.size > 0) {
      const top = naiveTop(plain, left);
      expect(heap.pop()).toBe(top);
      left.delete(top);
      for (let n = 0; n < 4; n++) {
        const item = random.below(ITEMS);
        if (!left.has(item)) continue;
        plain[item] = random.uniform() < 0.7 ? plain[item] / 2 : key();
        heap.update(item, plain[item]);
      }
    }
    expect(heap.peek()).toBe(-1);
    expect(heap.lastKeys()).toEqual(plain);
  }
});

test('a key may rise any number of times', () => {
  const heap = new MaxHeap(Float64Array.of(5, 4, 3, 2, 1));
  expect(heap.peek()).toBe(0);
  for (let n = 1; n <= 100; n++) {
    heap.update(4, n);
    heap.update(3, n - 0.5);
    expect(heap.peek()).toBe(n > 5 ? 4 : 0);
  }
  expect([heap.pop(), heap.pop(), heap.pop(), heap.pop(), heap.pop(), heap.pop()]).toEqual([4, 3, 0, 1, 2, -1]);
});
