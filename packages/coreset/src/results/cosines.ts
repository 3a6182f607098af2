import { cosineOf, openVectors, type Steps, sumOfSquares, type Vectors } from '@coreset/core';

/** Numbers that are read at once. */
const NUMBERS_AT_ONCE = 2 ** 22;

/**
 * The cosine of each of some rows to others of its own.
 * @param rows rows of the vectors, −1 for one that has none
 * @param others rows × k, −1 where there is none
 * @returns rows × k; NaN where there is none
 */
export function* cosinesTo(
  vectors: Vectors,
  rows: ArrayLike<number>,
  others: Int32Array,
  k: number,
): Steps<Float32Array> {
  const cosines = new Float32Array(others.length).fill(Number.NaN);
  const { cols } = vectors;
  const atOnce = Math.max(1, Math.floor(NUMBERS_AT_ONCE / cols / (k + 1)));
  const reader = openVectors(vectors);
  try {
    for (let start = 0; start < rows.length; start += atOnce) {
      yield;
      const end = Math.min(rows.length, start + atOnce);
      const read = new Set<number>();
      for (let i = start; i < end; i++) if (rows[i] >= 0) read.add(rows[i]);
      for (let e = start * k; e < end * k; e++) if (others[e] >= 0) read.add(others[e]);
      const listed = Int32Array.from(read).sort();
      const places = new Map(Array.from(listed, (row, place) => [row, place]));
      const block = reader.gather(listed);
      const squares = Float64Array.from(listed, (_, place) => sumOfSquares(block, place * cols, (place + 1) * cols));
      for (let i = start; i < end; i++) {
        const one = places.get(rows[i]) as number;
        for (let e = i * k; e < (i + 1) * k; e++) {
          if (others[e] < 0) continue;
          const other = places.get(others[e]) as number;
          cosines[e] = cosineOf(squares[one], squares[other], product(block, one * cols, other * cols, cols));
        }
      }
    }
  } finally {
    reader.close();
  }
  return cosines;
}

function product(data: Float32Array, a: number, b: number, cols: number): number {
  let sum = 0;
  for (let c = 0; c < cols; c++) sum += data[a + c] * data[b + c];
  return sum;
}
