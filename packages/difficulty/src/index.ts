export type { Metric } from './assigner.js';
export { defaultPrototypes, type Kmeans, type KmeansOptions, kmeans } from './kmeans.js';
export { type PrototypeDistance, prototypeDistance } from './prototype-distance.js';
export { type Difficulty, difficultyScores, requireFiniteScores, scaleScores } from './scores.js';
