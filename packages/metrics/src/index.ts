export {
  clusterCoverage,
  type DifficultyHistogram,
  difficultyHistogram,
  labelBalance,
  nearDuplicateShare,
} from './composition.js';
export { type CurvesWorkload, coverageCurvesCost } from './cost.js';
export { type Coverage, coverage } from './coverage.js';
export {
  COVERAGE_CURVES_OPTIONS,
  type CoverageCurves,
  type CoverageCurvesOptions,
  coverageCurves,
  curveSample,
} from './coverage-curves.js';
export { LINEAR_PROBE_OPTIONS, type LinearProbeOptions, linearProbe } from './linear-probe.js';
