import { RUN_OPTIONS, type RunOptions } from '@coreset/core';
import { CACHE_OPTIONS, type CacheOptions } from '@coreset/embedder';
import type { Keep, MethodName } from '@coreset/selector';
import type { Preset } from './defaults.js';
import { CORPUS_OPTIONS, type CorpusOptions } from './input/corpus-options.js';
import { LOCAL_OPTIONS, type LocalOptions } from './input/local-inputs.js';
import { OTHER_OPTIONS, type OtherOptions } from './input/other-inputs.js';
import { STEERING_OPTIONS, type SteeringOptions } from './input/steering.js';
import { OUTPUT_OPTIONS, type OutputOptions } from './output/destination.js';
import type { Plan } from './plan/stage-plan.js';
import { SELECT_SETTINGS, type SelectSettings } from './select-settings.js';
import { EMBED_SETTINGS, type EmbedSettings } from './stages/embed-corpus.js';
import {
  DIFFICULTY_SETTINGS,
  type DifficultySettings,
  GRAPH_SETTINGS,
  type GraphSettings,
  MAP_SETTINGS,
  type MapSettings,
} from './stages/stages.js';

/** Options of `prune`. */
export interface PruneOptions
  extends RunOptions,
    CorpusOptions,
    LocalOptions,
    OtherOptions,
    EmbedSettings,
    CacheOptions,
    DifficultySettings,
    GraphSettings,
    SelectSettings,
    MapSettings,
    SteeringOptions,
    OutputOptions {
  /**
   * The share kept (`0.3`, `'30%'`) or the number of rows kept (`3600`), of the rows that have something to embed; with
   * `onBadRow: 'keep'` of all rows, and without those that `exclude` and `against` leave out; with `cost` how much is kept in
   * that unit. The number 1, which is also how JavaScript reads `1.0`, is one row; all rows are `'100%'`, which may be left
   * out beside `maxSimilarity`.
   */
  keep?: Keep;
  /** `auto` (default) or `paper`: D2 as published. Options of D2's own imply `paper`. */
  preset?: Preset;
  /** Any selector by name, in place of the preset's. */
  method?: MethodName;
  /**
   * Run directory of an earlier `prune` of the same kind of rows with the same model and settings: rows whose content it has
   * are not embedded again, and those that it kept stay, come first and count.
   */
  base?: string;
  /** Class of each row, a field of the input or a file; for methods that need labels, and for a difficulty of training dynamics. */
  labels?: string;
  /** Called before the work begins with what it is expected to take. */
  onPlan?: (plan: Plan) => void;
  /** Folder for the result of every stage. Default: `NAME.coreset` in the working directory. */
  runDir?: string;
}

/** Every option of {@link PruneOptions}. */
export const PRUNE_OPTIONS: Readonly<Record<keyof PruneOptions, true>> = {
  keep: true,
  ...RUN_OPTIONS,
  ...CORPUS_OPTIONS,
  ...LOCAL_OPTIONS,
  ...OTHER_OPTIONS,
  ...EMBED_SETTINGS,
  ...CACHE_OPTIONS,
  ...DIFFICULTY_SETTINGS,
  ...GRAPH_SETTINGS,
  ...SELECT_SETTINGS,
  ...MAP_SETTINGS,
  ...STEERING_OPTIONS,
  ...OUTPUT_OPTIONS,
  preset: true,
  method: true,
  base: true,
  labels: true,
  onPlan: true,
  runDir: true,
};
