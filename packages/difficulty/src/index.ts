export { defaultPrototypes, type Kmeans, type KmeansOptions, kmeans } from './kmeans.js';
export type { Metric } from './metric.js';
export { type PrototypeDistance, prototypeDistance } from './prototype-distance.js';
export { type Difficulty, difficultyScores, requireFiniteScores, scaleScores } from './scores.js';
