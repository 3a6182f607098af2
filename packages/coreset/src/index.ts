export { type Corpus, type CorpusOptions, corpusTexts, type OnBadRow, openCorpus } from './corpus.js';
export type { EmbedSettings } from './embed-corpus.js';
export { defaultRunDir, type PruneOptions, type PruneResult, prune } from './prune.js';
export { writeSelection } from './result-files.js';
export type { D2Settings, DifficultySettings, GraphSettings } from './stages.js';
export { VERSION } from './version.js';
