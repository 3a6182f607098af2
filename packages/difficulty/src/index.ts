export { defaultPrototypes, KMEANS_OPTIONS, type Kmeans, type KmeansOptions, kmeans } from './kmeans.js';
export type { Metric } from './metric.js';
export {
  PROTOTYPE_DISTANCE_OPTIONS,
  type PrototypeDistance,
  type PrototypeDistanceOptions,
  prototypeDistance,
} from './prototype-distance.js';
export { type Difficulty, difficultyScores, scaleScores } from './scores.js';
