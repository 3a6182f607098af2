/** start … end − 1. */
export function range(start: number, end: number): Int32Array {
  const numbers = new Int32Array(end - start);
  for (let i = 0; i < numbers.length; i++) numbers[i] = start + i;
  return numbers;
}

/** start … end − 1 in consecutive parts of `length`, the last one perhaps shorter. */
export function ranges(start: number, end: number, length: number): Int32Array[] {
  const parts: Int32Array[] = [];
  for (let first = start; first < end; first += length) parts.push(range(first, Math.min(end, first + length)));
  return parts;
}
