export { type CompareOptions, type Comparison, compareMethods, type Spread } from './compare.js';
export { type Corpus, type CorpusOptions, corpusTexts, type OnBadRow, openCorpus } from './corpus.js';
export { chooseMethod, defaultK, type Preset } from './defaults.js';
export type { EmbedSettings } from './embed-corpus.js';
export { defaultRunDir, type PruneOptions, type PruneResult, prune } from './prune.js';
export { writeSelection } from './result-files.js';
export type { DifficultySettings, GraphSettings, SelectSettings } from './stages.js';
export { VERSION } from './version.js';
