// What encode-rows.ts does, on plain arrays: its specification, and what its tests compare it with.

const ZERO_POINT = 128;

/** A row as codes. */
export interface EncodedRow {
  /** round((x − mean) · scale), cut off beyond ±qmax, plus 128. */
  codes: number[];
  /** Half the squared norm of the codes, without the 128, rounded down. */
  normTerm: number;
  /** The sum of the squares of what rounding and cutting off took away, scaled. */
  error: number;
}

export function encodeRow(row: ArrayLike<number>, mean: ArrayLike<number>, scale: number, qmax: number): EncodedRow {
  const scaled = Array.from(row, (x, column) => (x - mean[column]) * scale);
  // Where the sum is positive, this rounds to nearest.
  const stored = scaled.map((x) => Math.trunc(x + (ZERO_POINT + 0.5)));
  const codes = stored.map((code) => Math.max(ZERO_POINT - qmax, Math.min(ZERO_POINT + qmax, code)));
  const squaredNorm = codes.reduce((sum, code) => sum + square(code - ZERO_POINT), 0);
  const errors = codes.map((code, column) => square(scaled[column] - (code - ZERO_POINT)));
  return { codes, normTerm: Math.floor(squaredNorm / 2), error: sumByFours(errors) };
}

function square(x: number): number {
  return x * x;
}

/** The sum in the order in which four numbers at a time are added, since in float64 another order gives other bits. */
function sumByFours(numbers: number[]): number {
  const end4 = numbers.length - (numbers.length % 4);
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < end4; i++) sums[i % 4] += numbers[i];
  const sum = sums[0] + sums[2] + (sums[1] + sums[3]);
  return numbers.slice(end4).reduce((total, x) => total + x, sum);
}
