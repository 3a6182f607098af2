export { type Keep, parseCostBudget, parseKeep } from './budget.js';
export type { SelectWorkload } from './cost.js';
export type { MethodOptions } from './defaults.js';
export {
  type ExplainInput,
  type Explanation,
  explain,
  explainCost,
  REASON_DEFAULTS,
  REASON_OPTIONS,
  type ReasonOptions,
  requireNearDuplicate,
  type SelectionReason,
} from './explain.js';
export { BALANCES, type Balance } from './group-quotas.js';
export { MaxHeap } from './max-heap.js';
export type { AutoOptions } from './methods/auto.js';
export type { CcsOptions } from './methods/ccs.js';
export { D2_OPTIONS, type D2Options, type D2Settings, d2Select, reversePassing } from './methods/d2.js';
export type { GraphCutOptions } from './methods/graph-cut.js';
export type { Need, SelectorInput } from './methods/input.js';
export type { RuleOptions } from './pick-rules.js';
export type { Picker, StartPicker } from './picker.js';
export {
  METHODS,
  type Method,
  type MethodName,
  methodOf,
  SELECT_OPTIONS,
  type SelectOptions,
  select,
  selectCost,
} from './select.js';
export { keptRows, requireBudget, type Selection } from './selection.js';
export { type StandIns, standIns, standInWeights } from './stand-ins.js';
export { haveUnitLength } from './steering.js';
