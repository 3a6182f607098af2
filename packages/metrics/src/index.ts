export {
  clusterCoverage,
  type DifficultyHistogram,
  difficultyHistogram,
  labelBalance,
  nearDuplicateShare,
} from './composition.js';
export { type Coverage, coverage } from './coverage.js';
export { type CoverageCurves, type CoverageCurvesOptions, coverageCurves, curveSample } from './coverage-curves.js';
export { type LinearProbeOptions, linearProbe } from './linear-probe.js';
