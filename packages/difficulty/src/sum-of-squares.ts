/** Over the numbers `start` … `end` − 1. */
export function sumOfSquares(data: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += data[i] * data[i];
  return sum;
}
