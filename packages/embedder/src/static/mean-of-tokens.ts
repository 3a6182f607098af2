import type { TokenTable } from './token-table.js';

/** A sum of so many rows is written at once: what is in between stays in the processor's registers. */
const AT_ONCE = 8;

/**
 * The mean of the vectors of tokens, each times its weight, added in float64.
 * @param ids tokens of the table
 * @param count how many of them count, at least one
 * @param sums of `cols` numbers, which are overwritten
 * @param target where the mean goes, `cols` numbers
 */
export function meanOfTokens(
  { values, cols, mapping, weights }: TokenTable,
  ids: ArrayLike<number>,
  count: number,
  sums: Float64Array,
  target: Float32Array,
): void {
  const startOf = (token: number): number => (mapping ? mapping[ids[token]] : ids[token]) * cols;
  sums.fill(0);
  let t = 0;
  if (!weights)
    for (; t + AT_ONCE <= count; t += AT_ONCE) {
      const [r0, r1, r2, r3] = [startOf(t), startOf(t + 1), startOf(t + 2), startOf(t + 3)];
      const [r4, r5, r6, r7] = [startOf(t + 4), startOf(t + 5), startOf(t + 6), startOf(t + 7)];
      for (let c = 0; c < cols; c++)
        sums[c] +=
          values[r0 + c] +
          values[r1 + c] +
          (values[r2 + c] + values[r3 + c]) +
          (values[r4 + c] + values[r5 + c] + (values[r6 + c] + values[r7 + c]));
    }
  for (; t < count; t++) {
    const row = startOf(t);
    const weight = weights ? weights[ids[t]] : 1;
    for (let c = 0; c < cols; c++) sums[c] += weight * values[row + c];
  }
  for (let c = 0; c < cols; c++) target[c] = sums[c] / count;
}
