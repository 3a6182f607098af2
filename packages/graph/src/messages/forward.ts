import {
  CoresetError,
  inOneGo,
  inParts,
  requireKnownOptions,
  requireScores,
  type Steps,
  withDefaults,
} from '@coreset/core';
import { type Adjacency, type GraphEdges, isOneSided } from './adjacency.js';
import { type MessageKernel, MessageWeight } from './message-weight.js';

const ROWS_AT_ONCE = 4096;

/** `sum`: x'_i = x_i + Σ messages (the paper's equation 3). `product`: x'_i = x_i · Σ messages. */
export type Aggregate = 'sum' | 'product';

/** Options of {@link forwardScores}. */
export interface ForwardOptions {
  /** γ_f ≥ 0: how fast forward messages fade with distance. Default: 1. */
  gammaForward?: number;
  /** Default: `exponential`. */
  kernel?: MessageKernel;
  /** Default: `sum`. */
  aggregate?: Aggregate;
  /** Which edges `adjacency` was made from; symmetric edges floor the score they carry, as the published code does. */
  edges?: GraphEdges;
}

/** What {@link ForwardOptions} are where they are not given. */
export const FORWARD_DEFAULTS: Required<ForwardOptions> = {
  gammaForward: 1,
  kernel: 'exponential',
  aggregate: 'sum',
  edges: 'symmetric',
};

/** Every option of {@link ForwardOptions}. */
export const FORWARD_OPTIONS: Readonly<Record<keyof ForwardOptions, true>> = {
  gammaForward: true,
  kernel: true,
  aggregate: true,
  edges: true,
};

/** The published code's least score on a symmetric edge, which keeps the edge of an all-zero score. */
export const SYMMETRIC_SCORE_FLOOR = 1e-7;

/**
 * Forward message passing (D2 Pruning, section 3.2, equations 2 and 3): each row adds its neighbours'
 * scores, scaled by their distance, so that a dense region of difficult rows scores highest.
 *
 * @param scores difficulty x of each row
 * @returns x' of each row, arithmetic in float64
 * @throws CoresetError when there is not one finite score per row, or an option is out of range
 */
export function forwardScores(
  adjacency: Adjacency,
  scores: ArrayLike<number>,
  options: ForwardOptions = {},
): Float64Array {
  requireKnownOptions('forwardScores', options, FORWARD_OPTIONS);
  return inOneGo(forwardSteps(adjacency, scores, options));
}

/**
 * {@link forwardScores} in steps.
 * @param scoreFloor of symmetric edges, in the unit of the scores
 */
export function* forwardSteps(
  adjacency: Adjacency,
  scores: ArrayLike<number>,
  options: ForwardOptions,
  scoreFloor: number = SYMMETRIC_SCORE_FLOOR,
): Steps<Float64Array> {
  requireKnownOptions('forwardSteps', options, FORWARD_OPTIONS);
  const { gammaForward, kernel, aggregate, edges } = withDefaults(options, FORWARD_DEFAULTS);
  const { rows, k, neighbours, distances } = adjacency;
  requireScores(scores, rows);
  if (aggregate !== 'sum' && aggregate !== 'product')
    throw new CoresetError(`aggregate '${aggregate}' is not known; use sum or product`);
  const weight = new MessageWeight(kernel, gammaForward, 'gammaForward');
  const floor = edges === 'symmetric' ? scoreFloor : Number.NEGATIVE_INFINITY;
  const result = new Float64Array(rows); // the messages, until the scores are added
  yield* inParts(
    rows,
    (start, end) => {
      for (let i = start; i < end; i++) {
        const own = Math.max(scores[i], floor);
        let received = 0;
        for (let e = i * k; e < (i + 1) * k; e++) {
          const j = neighbours[e];
          const w = weight.of(distances[e]);
          received += w * Math.max(scores[j], floor);
          if (isOneSided(adjacency, e)) result[j] += w * own;
        }
        result[i] += received;
      }
    },
    ROWS_AT_ONCE,
  );
  for (let i = 0; i < rows; i++) result[i] = aggregate === 'sum' ? scores[i] + result[i] : scores[i] * result[i];
  return result;
}
