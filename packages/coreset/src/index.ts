export { COMPARE_OPTIONS, type CompareOptions, type Comparison, compareMethods, type Spread } from './compare.js';
export { chooseMethod, defaultK, METHOD_CHOICE, type MethodChoice, type Preset } from './defaults.js';
export type { EmbedSettings } from './embed-corpus.js';
export type { CorpusOptions, OnBadRow } from './input/corpus.js';
export type { Input } from './input/given.js';
export type { Emit, OutputOptions } from './output/destination.js';
export type { StagePlan } from './plan.js';
export { type Plan, plan } from './plan-run.js';
export { type PruneResult, prune } from './prune.js';
export { PRUNE_OPTIONS, type PruneOptions } from './prune-options.js';
export {
  type DroppedRow,
  PRUNE_ROWS_OPTIONS,
  type PrunedRows,
  type PruneRowsOptions,
  pruneRows,
} from './prune-rows.js';
export { type DropReason, writeSelection } from './result-files.js';
export type { DifficultySettings, GraphSettings, SelectSettings } from './stages.js';
export { VERSION } from './version.js';
