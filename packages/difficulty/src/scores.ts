import {
  CoresetError,
  formatCount,
  pickOptions,
  requireFiniteScores,
  requireInteger,
  requireKnownOptions,
  requireVectors,
  showAs,
  shownInCell,
  type Vectors,
} from '@coreset/core';
import { defaultPrototypes, KMEANS_OPTIONS, type KmeansOptions, kmeans } from './kmeans.js';
import { MOST_CLASSES } from './logistic/classes.js';
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

/** Where a difficulty comes from, when labels are not read yet. */
export interface DifficultyChoice extends Omit<DifficultyOptions, 'labels'> {
  /** Undefined where there are none. */
  labels?: unknown;
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
 * The difficulty of each row, scaled to [0, 1]: the distance to its nearest k-means prototype ({@link prototypeDistance}), or
 * one of {@link TRAINING_MEASURES}, from the epochs of a multinomial logistic regression on the vectors. Where no labels are
 * given, that learns pseudo-labels: which of √rows prototypes, at most 100, is nearest.
 *
 * ELFS (Zheng et al. 2025, "ELFS: label-free coreset selection with proxy training dynamics") has the idea of
 * pseudo-labels; it takes as many as the data have classes, which nobody knows here.
 *
 * @param vectors rows × cols, finite
 * @throws CoresetError when an option is out of range or means nothing beside the others, or when the labels are of one class,
 * of more than 10,000, or of one for each row
 */
export async function difficultyScores(vectors: Vectors, given: DifficultyOptions = {}): Promise<Difficulty> {
  requireKnownOptions('difficultyScores', given, DIFFICULTY_OPTIONS);
  const options = shownInCell(given);
  const { difficulty = 'prototype', labels, ...others } = options;
  requireDifficultyOptions(options);
  requireVectors(vectors);
  if (difficulty === 'prototype') {
    const { distances, ...classes } = await nearestPrototypes(vectors, others);
    return shown({ scores: scaleScores(distances), ...classes }, difficulty);
  }
  tellPseudoClasses(vectors.rows, options);
  if (labels === undefined) return withPseudoLabels(vectors, difficulty, others);
  const { classes, hardness } = await trainingDifficulty(vectors, labels, difficulty, 'labels', others);
  return shown({ scores: scaleScores(hardness), labels: classes.of, prototypes: classes.count }, difficulty);
}

/** In a notebook as a line. @returns the same */
function shown(found: Difficulty, kind: DifficultyKind): Difficulty {
  return showAs(found, () => {
    const { scores, prototypes } = found;
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const what = kind === 'prototype' ? 'distance to the nearest of' : `${kind} by`;
    const groups = kind === 'prototype' ? 'prototypes' : 'classes';
    const text = `difficulty of ${formatCount(scores.length)} rows: ${what} ${prototypes} ${groups}, on the mean ${mean.toFixed(3)}`;
    return { 'text/plain': text };
  });
}

/** Whether rows need classes for that difficulty. */
export function needsClasses(difficulty: DifficultyKind | undefined): difficulty is TrainingMeasure {
  return difficulty !== undefined && difficulty !== 'prototype';
}

/** @throws CoresetError when there is no such difficulty, or an option means nothing beside the others */
export function requireDifficultyOptions(choice: DifficultyChoice): void {
  const { difficulty = 'prototype', labels, prototypes } = choice;
  if (!DIFFICULTIES.includes(difficulty))
    throw new CoresetError(`difficulty '${difficulty}' is not known; use one of ${DIFFICULTIES.join(', ')}`);
  if (labels === undefined) {
    if (needsClasses(difficulty) && prototypes !== undefined)
      requireInteger(`prototypes, the classes of difficulty ${difficulty},`, prototypes, 2, MOST_CLASSES);
    return;
  }
  if (difficulty === 'prototype')
    throw new CoresetError(
      `labels mean nothing to difficulty prototype; they are used by ${TRAINING_MEASURES.join(', ')}`,
    );
  for (const option of OF_PROTOTYPES)
    if (choice[option] !== undefined)
      throw new CoresetError(`${option} means nothing beside labels, which stand in place of prototypes`);
}

const MOST_PSEUDO_CLASSES = 100;

/** The number of pseudo-classes used when none is given: √rows, between 2 and 100. */
export function defaultPseudoClasses(rows: number): number {
  return Math.min(MOST_PSEUDO_CLASSES, Math.max(2, defaultPrototypes(rows)));
}

/** Tell that rows have no labels, where a difficulty needs classes. */
export function tellPseudoClasses(
  rows: number,
  choice: Pick<DifficultyChoice, 'difficulty' | 'labels' | 'prototypes' | 'onNotice'>,
): void {
  const { difficulty, labels, prototypes = defaultPseudoClasses(rows), onNotice } = choice;
  if (needsClasses(difficulty) && labels === undefined)
    onNotice?.(
      `without labels difficulty ${difficulty} is that of pseudo-classes: which of ${prototypes} k-means prototypes is nearest to a row`,
    );
}

async function withPseudoLabels(
  vectors: Vectors,
  measure: TrainingMeasure,
  options: KmeansOptions,
): Promise<Difficulty> {
  const { prototypes = defaultPseudoClasses(vectors.rows) } = options;
  const found = await nearestPrototypes(vectors, { ...options, prototypes });
  const { hardness } = await trainingDifficulty(vectors, found.labels, measure, 'pseudo-labels', options);
  return shown({ scores: scaleScores(hardness), labels: found.labels, prototypes: found.prototypes }, measure);
}

async function nearestPrototypes(
  vectors: Vectors,
  options: KmeansOptions,
): Promise<PrototypeDistance & { prototypes: number }> {
  const { prototypes } = await kmeans(vectors, options);
  const distanceOptions = pickOptions(options, PROTOTYPE_DISTANCE_OPTIONS);
  return { ...(await prototypeDistance(vectors, prototypes, distanceOptions)), prototypes: prototypes.rows };
}
