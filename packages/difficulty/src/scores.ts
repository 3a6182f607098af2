import { CoresetError, pickOptions, requireFiniteScores, requireKnownOptions, type Vectors } from '@coreset/core';
import { defaultPrototypes, KMEANS_OPTIONS, type KmeansOptions, kmeans } from './kmeans.js';
import { MEASURES, type TrainingMeasure } from './logistic/measures.js';
import { trainingDifficulty } from './logistic/training-difficulty.js';
import { PROTOTYPE_DISTANCE_OPTIONS, type PrototypeDistance, prototypeDistance } from './prototype-distance.js';

/**
 * Scale scores to [0, 1]; all-equal scores become 0.5, so that none of them outranks another.
 * @throws CoresetError naming the first row whose score is not finite
 */
export function scaleScores(scores: ArrayLike<number>): Float64Array {
  requireFiniteScores(scores);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] < min) min = scores[i];
    if (scores[i] > max) max = scores[i];
  }
  const scaled = new Float64Array(scores.length);
  if (max === min) return scaled.fill(0.5);
  // Of two finite numbers the difference may be beyond the greatest one.
  const half = Number.isFinite(max - min) ? 1 : 0.5;
  const range = half * max - half * min;
  for (let i = 0; i < scores.length; i++) scaled[i] = (half * scores[i] - half * min) / range;
  return scaled;
}

/** What the difficulty of a row is. */
export type DifficultyKind = 'prototype' | TrainingMeasure;

/** Measures of training dynamics, for which rows need classes. */
export const TRAINING_MEASURES: TrainingMeasure[] = Object.keys(MEASURES) as TrainingMeasure[];

export const DIFFICULTIES: DifficultyKind[] = ['prototype', ...TRAINING_MEASURES];

/** Options of {@link difficultyScores}; those of k-means are for the prototypes, which are pseudo-labels where rows need classes. */
export interface DifficultyOptions extends KmeansOptions {
  /**
   * `prototype` (default): the distance to the nearest prototype. The others come from the epochs of a multinomial logistic
   * regression on the vectors: `aum`, `el2n`, `forgetting`, `entropy`, `variability`, `confidence`.
   */
  difficulty?: DifficultyKind;
  /** Class of each row, a whole number from 0 on, for all but `prototype`. Default: the number of its nearest prototype. */
  labels?: ArrayLike<number>;
}

/** Every option of {@link DifficultyOptions}. */
export const DIFFICULTY_OPTIONS: Readonly<Record<keyof DifficultyOptions, true>> = {
  ...KMEANS_OPTIONS,
  difficulty: true,
  labels: true,
};

/** Options of k-means that say how prototypes are found. */
const OF_PROTOTYPES = ['prototypes', 'metric', 'iterations', 'tolerance', 'sampleSize', 'backend'] as const;

/** Difficulty of every row, with the classes it came from. */
export interface Difficulty {
  /** Difficulty per row in [0, 1]; 1 is the hardest row. */
  scores: Float64Array;
  /** Nearest prototype per row, or where labels were given the number of its class, from 0 on in the order of labels. */
  labels: Int32Array;
  /** Number of prototypes, or where labels were given of classes. */
  prototypes: number;
}

/**
 * The difficulty of each row, scaled to [0, 1]: without labels the distance to its nearest k-means prototype
 * ({@link prototypeDistance}), or a measure of training dynamics ({@link MEASURES}), with labels or with pseudo-labels,
 * which are the nearest of √rows prototypes, at most 100.
 *
 * ELFS (Zheng et al. 2025, "ELFS: label-free coreset selection with proxy training dynamics") has the idea of
 * pseudo-labels; it takes as many as the data have classes, which nobody knows here.
 *
 * @param vectors rows × cols, finite
 * @throws CoresetError when an option is out of range or means nothing beside the others, or when the labels are of one class,
 * of more than 10,000, or of one for each row
 */
export async function difficultyScores(vectors: Vectors, options: DifficultyOptions = {}): Promise<Difficulty> {
  requireKnownOptions('difficultyScores', options, DIFFICULTY_OPTIONS);
  const { difficulty = 'prototype', labels, ...others } = options;
  requireDifficulty(difficulty);
  if (difficulty === 'prototype') {
    if (labels !== undefined)
      throw new CoresetError(
        `labels mean nothing to difficulty prototype; they are used by ${TRAINING_MEASURES.join(', ')}`,
      );
    const { distances, ...classes } = await nearestPrototypes(vectors, others);
    return { scores: scaleScores(distances), ...classes };
  }
  if (labels === undefined) return withPseudoLabels(vectors, difficulty, others);
  for (const option of OF_PROTOTYPES)
    if (options[option] !== undefined)
      throw new CoresetError(`${option} means nothing beside labels, which stand in place of prototypes`);
  const { classes, hardness } = await trainingDifficulty(vectors, labels, difficulty, 'labels', others);
  return { scores: scaleScores(hardness), labels: classes.of, prototypes: classes.count };
}

/** @throws CoresetError when there is no difficulty of that name */
export function requireDifficulty(name: string): void {
  if (!DIFFICULTIES.includes(name as DifficultyKind))
    throw new CoresetError(`difficulty '${name}' is not known; use one of ${DIFFICULTIES.join(', ')}`);
}

const MOST_PSEUDO_CLASSES = 100;

/** The number of pseudo-classes used when none is given: √rows, between 1 and 100. */
export function defaultPseudoClasses(rows: number): number {
  return Math.min(MOST_PSEUDO_CLASSES, defaultPrototypes(rows));
}

async function withPseudoLabels(
  vectors: Vectors,
  measure: TrainingMeasure,
  options: KmeansOptions,
): Promise<Difficulty> {
  const { prototypes = defaultPseudoClasses(vectors.rows) } = options;
  if (prototypes === 1)
    throw new CoresetError(`prototypes are the pseudo-classes of difficulty ${measure}, which needs at least 2, got 1`);
  const found = await nearestPrototypes(vectors, { ...options, prototypes });
  const { hardness } = await trainingDifficulty(vectors, found.labels, measure, 'pseudo-labels', options);
  return { scores: scaleScores(hardness), labels: found.labels, prototypes: found.prototypes };
}

async function nearestPrototypes(
  vectors: Vectors,
  options: KmeansOptions,
): Promise<PrototypeDistance & { prototypes: number }> {
  const { prototypes } = await kmeans(vectors, options);
  const distanceOptions = pickOptions(options, PROTOTYPE_DISTANCE_OPTIONS);
  return { ...(await prototypeDistance(vectors, prototypes, distanceOptions)), prototypes: prototypes.rows };
}
