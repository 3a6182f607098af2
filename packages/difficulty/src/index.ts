export { type DifficultyWorkload, difficultyCost } from './cost.js';
export { defaultPrototypes, KMEANS_OPTIONS, type Kmeans, type KmeansOptions, kmeans, type Metric } from './kmeans.js';
export {
  PROTOTYPE_DISTANCE_OPTIONS,
  type PrototypeDistance,
  type PrototypeDistanceOptions,
  prototypeDistance,
} from './prototype-distance.js';
export { type Difficulty, difficultyScores, scaleScores } from './scores.js';
