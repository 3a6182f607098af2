import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CoresetError, pickOptions, requireKnownOptions } from '@coreset/core';
import { EMBED_OPTIONS, type EmbedOptions, modelSettings, weightsFile } from '@coreset/embedder';
import type { MethodName } from '@coreset/selector';
import { defaultK } from '../defaults.js';
import { type Corpus, embeddedCount, sizeOf } from '../input/corpus.js';
import { descriptorOf, givenInputs, type Input } from '../input/given.js';
import type { RunInput } from '../input/open-input.js';
import { isVectorFile } from '../input/vectors.js';
import { withLocalInputs } from '../input/with-local-inputs.js';
import { type CheckedRun, checkOptions, checkRun } from '../run/checked-run.js';
import { PRUNE_OPTIONS, type PruneOptions } from '../run-options.js';
import { modalityOf } from '../stages/embed-corpus.js';
import {
  planDifficulty,
  planEmbedding,
  planGraph,
  planReport,
  planSelection,
  planWriting,
  type StagePlan,
  type Workload,
} from './plan.js';

/** What a run is expected to take, before its work begins. Meant to be right within a factor of two. */
export interface Plan {
  /** Rows that take part, and rows kept. */
  rows: number;
  kept: number;
  method: MethodName;
  stages: StagePlan[];
  /** Of all stages together. */
  seconds: number;
  /** The most that any stage needs, in bytes. */
  memory: number;
  /** Bytes written in all. */
  disk: number;
}

/** A hub model's size is not known before it is loaded: the bundled model's stands in. */
const UNKNOWN_MODEL = { cols: 384, bytes: 23e6, tokens: 256 };
const CHARACTERS_PER_TOKEN = 4.5;
/** An image of 14 × 14 patches costs a model as much as a text of as many tokens. */
const CHARACTERS_PER_IMAGE = 196 * CHARACTERS_PER_TOKEN;

function modelOf(options: EmbedOptions): { cols: number; bytes: number; characters: number } {
  const { source, dtype, modality, maxTokens } = modelSettings(pickOptions(options, EMBED_OPTIONS));
  const characters = (maxTokens ?? UNKNOWN_MODEL.tokens) * CHARACTERS_PER_TOKEN;
  if (source.kind === 'hub') return { ...UNKNOWN_MODEL, characters };
  const config = JSON.parse(readFileSync(join(source.folder, 'config.json'), 'utf8'));
  return {
    cols: config.hidden_size ?? UNKNOWN_MODEL.cols,
    bytes: statSync(join(source.folder, weightsFile(source.folder, dtype, modality))).size,
    characters,
  };
}

/** Time, memory and disk of the embeddings of a corpus. */
export function planCorpus(corpus: Corpus, options: EmbedOptions): Promise<StagePlan> {
  const modality = modalityOf(corpus);
  const { cols, bytes, characters } = modelOf({ ...options, modality });
  const rows = embeddedCount(corpus);
  const distinct = rows - (corpus.repeats?.count ?? 0);
  const most = options.long === 'mean' ? Number.POSITIVE_INFINITY : distinct * characters;
  const read = modality === 'image' ? distinct * CHARACTERS_PER_IMAGE : Math.min(corpus.characters, most);
  const { threads } = options;
  return planEmbedding({ rows, cols, threads, modality, distinct, characters: read, modelBytes: bytes });
}

/** Columns of the vectors; of a column of vectors those of a usual model stand in. */
function colsOf(input: RunInput, options: PruneOptions): number {
  if (input.kind === 'vectors') return input.vectors.cols;
  if (input.corpus.content.modality === 'vector') return UNKNOWN_MODEL.cols;
  return modelOf({ ...options, modality: modalityOf(input.corpus) }).cols;
}

/** The plan of a run that was found in order. */
export async function planOf({ method, input, budget: kept }: CheckedRun, options: PruneOptions): Promise<Plan> {
  const { file, vectorCount: rows } = input;
  const corpus = input.kind === 'corpus' && input.corpus.content.modality !== 'vector' ? input.corpus : undefined;
  const workload: Workload = { rows, cols: colsOf(input, options), threads: options.threads };
  const k = Math.min(rows, options.k ?? defaultK(method));
  const stages = [
    ...(corpus ? [await planCorpus(corpus, options)] : []),
    await planDifficulty(workload, options.prototypes),
    await planGraph(workload, k, options.backend),
    await planSelection(workload, k, method, kept),
    await planWriting(workload, kept, sizeOf(file), isVectorFile(file) ? 'vectors' : 'text'),
    await planReport(workload, kept),
  ];
  return {
    rows,
    kept,
    method,
    stages,
    seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
    memory: Math.max(...stages.map(({ memory }) => memory)),
    disk: stages.reduce((sum, { disk }) => sum + disk, 0),
  };
}

/**
 * Estimate time, memory and disk of {@link prune} on this machine, stage by stage. Reads the input and times one
 * small product; embeds nothing and writes nothing.
 *
 * @throws CoresetError as `prune` does when the input or an option is wrong
 */
export async function plan(input: Input | readonly Input[], options: PruneOptions): Promise<Plan> {
  requireKnownOptions('plan', options, PRUNE_OPTIONS);
  const method = await checkOptions(options);
  const given = givenInputs(input);
  if (given.some((one) => descriptorOf(one) !== undefined))
    throw new CoresetError('plan cannot read standard input, which prune could not read again; name a file');
  return withLocalInputs(given, options, async (paths) => planOf(await checkRun(paths, method, options), options));
}
