/**
 * How the vectors of a text's tokens become one: the `mean` of all, the first (`cls`), the last (`last`), the greatest
 * number of each column (`max`), their sum by the root of their number (`mean_sqrt_len_tokens`), or the mean in which the
 * n-th token counts n times (`weightedmean`).
 */
export type Pooling = 'mean' | 'cls' | 'last' | 'max' | 'mean_sqrt_len_tokens' | 'weightedmean';

export const POOLINGS: Pooling[] = ['mean', 'cls', 'last', 'max', 'mean_sqrt_len_tokens', 'weightedmean'];

/** Token vectors of one text in those of a batch. */
export interface TokenVectors {
  /** Token vectors of the batch, batch × paddedTokens × width. */
  hidden: Float32Array;
  /** Where the first token that counts begins in `hidden`. */
  first: number;
  /** How many tokens count, 1 or more. */
  tokens: number;
  width: number;
  /** Tokens of the text before the first that counts. Default: 0. */
  before?: number;
}

/** Put the pooled vector into `target`, `width` numbers. */
export function poolTokens(vectors: TokenVectors, pooling: Pooling, target: Float32Array): void {
  const { hidden, first, tokens, width, before = 0 } = vectors;
  if (pooling === 'cls' || pooling === 'last') {
    const start = pooling === 'cls' ? first : first + (tokens - 1) * width;
    target.set(hidden.subarray(start, start + width));
    return;
  }
  if (pooling === 'max') {
    target.set(hidden.subarray(first, first + width));
    for (let at = first + width; at < first + tokens * width; at += width)
      for (let c = 0; c < width; c++) if (hidden[at + c] > target[c]) target[c] = hidden[at + c];
    return;
  }
  const isWeighted = pooling === 'weightedmean';
  target.fill(0);
  let weights = 0;
  for (let t = 0; t < tokens; t++) {
    const start = first + t * width;
    const weight = isWeighted ? before + t + 1 : 1;
    weights += weight;
    for (let c = 0; c < width; c++) target[c] += weight * hidden[start + c];
  }
  const divisor = pooling === 'mean_sqrt_len_tokens' ? Math.sqrt(weights) : weights;
  for (let c = 0; c < width; c++) target[c] /= divisor;
}

/** Put the vectors of several poolings, one behind the other, into `target`, `width` numbers each. */
export function poolAll(vectors: TokenVectors, poolings: readonly Pooling[], target: Float32Array): void {
  const { width } = vectors;
  for (const [i, pooling] of poolings.entries())
    poolTokens(vectors, pooling, target.subarray(i * width, (i + 1) * width));
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
