/** Squares and products of numbers up to this, and sums of them over all columns, are far from the ends of float32. */
const WITHIN = 2 ** 40;

/** The greatest magnitude among numbers. */
export function greatestMagnitude(numbers: Float32Array): number {
  let greatest = 0;
  for (let i = 0; i < numbers.length; i++) {
    const magnitude = Math.abs(numbers[i]);
    if (magnitude > greatest) greatest = magnitude;
  }
  return greatest;
}

/**
 * What to multiply numbers by before their products are taken in float32, given the greatest magnitude: 1 as a rule. For
 * enormous or tiny numbers it is the power of two that brings the greatest to about 1, which changes no digit.
 */
export function scaleFor(greatest: number): number {
  if (greatest === 0 || (greatest >= 1 / WITHIN && greatest <= WITHIN) || !Number.isFinite(greatest)) return 1;
  return 2 ** -Math.floor(Math.log2(greatest));
}

/** The numbers times a scale of {@link scaleFor}; themselves where it is 1. */
export function scaledBy(numbers: Float32Array, scale: number): Float32Array {
  return scale === 1 ? numbers : Float32Array.from(numbers, (number) => number * scale);
}
