/** `mean` of all tokens, the first (`cls`) or the last (`last`) token. */
export type Pooling = 'mean' | 'cls' | 'last';

export const POOLINGS: Pooling[] = ['mean', 'cls', 'last'];

/**
 * Pool one text's token vectors.
 * @param hidden token vectors of the batch, batch × paddedTokens × width
 * @param first where the text's first token begins in `hidden`
 * @param tokens how many tokens are the text's own; the rest of its row is padding
 * @param target where the pooled vector goes, `width` numbers
 */
export function poolTokens(
  hidden: Float32Array,
  first: number,
  tokens: number,
  width: number,
  pooling: Pooling,
  target: Float32Array,
): void {
  if (pooling !== 'mean') {
    const start = pooling === 'cls' ? first : first + (tokens - 1) * width;
    target.set(hidden.subarray(start, start + width));
    return;
  }
  target.fill(0);
  for (let t = 0; t < tokens; t++) {
    const start = first + t * width;
    for (let c = 0; c < width; c++) target[c] += hidden[start + c];
  }
  for (let c = 0; c < width; c++) target[c] /= tokens;
}

/**
 * The mean of each channel over all positions of an image.
 * @param channels one image's channels × positions, from `first` on
 * @param target where it goes, one number per channel
 */
export function poolPositions(channels: Float32Array, first: number, positions: number, target: Float32Array): void {
  for (let c = 0, at = first; c < target.length; c++) {
    let sum = 0;
    for (let p = 0; p < positions; p++, at++) sum += channels[at];
    target[c] = sum / positions;
  }
}
