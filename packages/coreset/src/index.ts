export { htmlOf, type ShowsItself } from '@coreset/core';
export { COMPARE_OPTIONS, type CompareOptions, compareMethods } from './compare/compare-methods.js';
export type { Comparison, Difference, Spread, Versus } from './compare/comparison.js';
export type { Measure } from './compare/measures.js';
export { chooseMethod, defaultK, METHOD_CHOICE, type MethodChoice, type Preset } from './defaults.js';
export type { CorpusOptions, OnBadRow } from './input/corpus-options.js';
export type { Input } from './input/given.js';
export type { SteeringOptions } from './input/steering.js';
export type { Emit, OutputOptions } from './output/destination.js';
export { plan } from './plan/plan.js';
export type { Plan, StagePlan } from './plan/stage-plan.js';
export { type PruneResult, prune } from './prune.js';
export {
  type DroppedRow,
  PRUNE_ROWS_OPTIONS,
  type PrunedRows,
  type PruneRowsOptions,
  pruneRows,
  type SelectedRow,
} from './prune-rows.js';
export type { RowSteering } from './prune-rows-steering.js';
export type { DescribedInput } from './results/described-input.js';
export { type ExplainedRows, explainRows, type RelatedRow, type RowExplanation } from './results/explain-rows.js';
export { EXPORT_FORMATS, type Exported, type ExportFormat, exportRun } from './results/export-run.js';
export type { InputRows, ShownRow } from './results/input-rows.js';
export { openResults, type Results, type RowNeighbours, type ShownRows } from './results/results.js';
export type { ToldRows } from './results/told-rows.js';
export { PRUNE_OPTIONS, type PruneOptions } from './run-options.js';
export type { SelectSettings } from './select-settings.js';
export { DROP_REASONS } from './stages/drop-reasons.js';
export type { EmbedSettings } from './stages/embed-corpus.js';
export type { DropReason } from './stages/result-files.js';
export { writeSelection } from './stages/selection-file.js';
export type { DifficultySettings, GraphSettings } from './stages/stages.js';
export type { ToldSelection } from './stages/told-selection.js';
export { VERSION } from './version.js';
export type { MapColour } from './views/map-groups.js';
export type { Viewable } from './views/sources.js';
export type { View } from './views/view.js';
export {
  coverageView,
  DROPPED_VIEW_OPTIONS,
  type DroppedViewOptions,
  difficultyView,
  droppedView,
  MAP_VIEW_OPTIONS,
  type MapViewOptions,
  mapView,
  reasonsView,
  reportView,
  summaryView,
  type ViewSize,
} from './views/views.js';
