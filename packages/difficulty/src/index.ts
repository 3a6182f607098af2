export { type DifficultyWorkload, difficultyCost } from './cost.js';
export { defaultPrototypes, KMEANS_OPTIONS, type Kmeans, type KmeansOptions, kmeans, type Metric } from './kmeans.js';
export { type Centring, centre, centringSteps } from './logistic/centring.js';
export { numbersOfClasses, requireLearnable } from './logistic/classes.js';
export type { TrainingMeasure } from './logistic/measures.js';
export {
  PROTOTYPE_DISTANCE_OPTIONS,
  type PrototypeDistance,
  type PrototypeDistanceOptions,
  prototypeDistance,
} from './prototype-distance.js';
export {
  DIFFICULTIES,
  DIFFICULTY_OPTIONS,
  type Difficulty,
  type DifficultyChoice,
  type DifficultyKind,
  type DifficultyOptions,
  defaultPseudoClasses,
  difficultyScores,
  needsClasses,
  requireDifficultyOptions,
  scaleScores,
  TRAINING_MEASURES,
  tellPseudoClasses,
} from './scores.js';
