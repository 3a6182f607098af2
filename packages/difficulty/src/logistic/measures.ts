import type { Observation } from './observe.js';

/** Measures of difficulty that come from the epochs of a training. */
export type TrainingMeasure = 'aum' | 'el2n' | 'forgetting' | 'entropy' | 'variability' | 'confidence';

/** Follows the rows through the epochs. */
export interface Follower {
  /** Take what was observed of each row in the next epoch. */
  add(observed: Float64Array): void;
  /** Difficulty of each row, higher is harder; finite, not scaled. */
  difficulty(): Float64Array;
}

/** How a difficulty comes about. */
export interface Measure {
  /** What is observed of a row in an epoch. */
  observes: Observation;
  /** Epochs that are looked at. */
  epochs: number;
  follow(rows: number): Follower;
}

const EPOCHS = 20;
const EARLY_EPOCHS = 5;

/** How each measure is made of the epochs. */
export const MEASURES: Record<TrainingMeasure, Measure> = {
  /**
   * − area under the margin (Pleiss et al. 2020, "Identifying mislabeled data using the area under the margin ranking"):
   * the mean over the epochs of the logit of the label less the greatest other one.
   */
  aum: { observes: 'margin', epochs: EPOCHS, follow: (rows) => mean(rows, (margin) => -margin) },
  /**
   * EL2N (Paul et al. 2021, "Deep learning on a data diet"): |softmax − onehot(label)|₂, here the mean over the early epochs.
   * The paper has the mean over networks that start elsewhere; this training has one start.
   */
  el2n: { observes: 'error', epochs: EARLY_EPOCHS, follow: (rows) => mean(rows, (error) => error) },
  /** Forgetting events (Toneva et al. 2019, "An empirical study of example forgetting"), see {@link forgetting}. */
  forgetting: { observes: 'margin', epochs: EPOCHS, follow: forgetting },
  /** −Σ p ln p, the uncertainty of Coleman et al. 2020 ("Selection via proxy"), here the mean over the epochs. */
  entropy: { observes: 'entropy', epochs: EPOCHS, follow: (rows) => mean(rows, (entropy) => entropy) },
  /** The standard deviation over the epochs of the probability of the label (Swayamdipta et al. 2020, "Dataset cartography"). */
  variability: { observes: 'confidence', epochs: EPOCHS, follow: variability },
  /** 1 − the mean over the epochs of the probability of the label (the same). */
  confidence: { observes: 'confidence', epochs: EPOCHS, follow: (rows) => mean(rows, (confidence) => 1 - confidence) },
};

function mean(rows: number, hardness: (observed: number) => number): Follower {
  const sums = new Float64Array(rows);
  let epochs = 0;
  return {
    add(observed) {
      for (let row = 0; row < rows; row++) sums[row] += hardness(observed[row]);
      epochs++;
    },
    difficulty: () => sums.map((sum) => sum / epochs),
  };
}

/**
 * How often a row that was right, of margin above 0, was wrong in the next epoch. Rows that were never right come last, one
 * event above the others: Toneva et al. have them forgotten infinitely often.
 */
function forgetting(rows: number): Follower {
  const events = new Float64Array(rows);
  const wasRight = new Uint8Array(rows);
  const everRight = new Uint8Array(rows);
  return {
    add(margins) {
      for (let row = 0; row < rows; row++) {
        const isRight = margins[row] > 0 ? 1 : 0;
        if (wasRight[row] > isRight) events[row]++;
        wasRight[row] = isRight;
        everRight[row] |= isRight;
      }
    },
    difficulty() {
      const most = events.reduce((most, count) => Math.max(most, count), 0);
      return events.map((count, row) => (everRight[row] === 1 ? count : most + 1));
    },
  };
}

/** By Welford's update, which loses no digits where a row hardly changes. */
function variability(rows: number): Follower {
  const means = new Float64Array(rows);
  const squares = new Float64Array(rows);
  let epochs = 0;
  return {
    add(confidences) {
      epochs++;
      for (let row = 0; row < rows; row++) {
        const before = confidences[row] - means[row];
        means[row] += before / epochs;
        squares[row] += before * (confidences[row] - means[row]);
      }
    },
    difficulty: () => squares.map((square) => Math.sqrt(square / epochs)),
  };
}
