const CACHE_LINE = 64;

/** Have the codes of a row fetched into the cache. @returns a number to be kept, so that the reading is no dead code */
export function readAhead(codes: Uint8Array, cols: number, row: number): number {
  let touched = 0;
  for (let at = row * cols; at < (row + 1) * cols; at += CACHE_LINE) touched ^= codes[at];
  return touched;
}
