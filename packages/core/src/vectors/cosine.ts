/** To so many decimals, which is what float32 means. */
const DECIMALS = 1e6;

/**
 * The cosine of two vectors, −1 to 1, to six decimals.
 * @param ofOne the squared length of one
 * @param ofOther that of the other
 * @param product the sum of the products of their numbers
 * @returns 0 for an all-zero vector beside another, 1 for two of them
 */
export function cosineOf(ofOne: number, ofOther: number, product: number): number {
  if (ofOne === 0 || ofOther === 0) return ofOne === ofOther ? 1 : 0;
  const exact = product / Math.sqrt(ofOne) / Math.sqrt(ofOther);
  return Math.round(Math.max(-1, Math.min(1, exact)) * DECIMALS) / DECIMALS + 0; // no −0
}
