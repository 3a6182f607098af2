import { openNpyVectors, type RunOptions, range, readNpyVector, type Vectors, writeNpy } from '@coreset/core';
import { difficultyScores, scaleScores } from '@coreset/difficulty';
import { buildGraph, type GraphOptions, type NeighbourGraph, readGraph, writeGraph } from '@coreset/graph';
import { openRows, type RowFile } from '@coreset/rows';
import { type MethodName, type Selection, type SelectOptions, select } from '@coreset/selector';
import { type Corpus, type CorpusOptions, corpusHash, embeddedCount, embeddedRows, openCorpus } from './corpus.js';
import { METHOD_OPTIONS } from './defaults.js';
import { type EmbedSettings, embedCorpusToFile, embeddingDependencies } from './embed-corpus.js';
import { hashFile } from './hash.js';
import { writeDropped, writeSelection } from './result-files.js';
import type { RunDirectory } from './run-directory.js';
import { openEmbeddings } from './vectors-input.js';

/** The rows of an input as vectors, and how they relate to the input. */
export interface EmbeddedInput {
  file: RowFile;
  idField: string | undefined;
  vectors: Vectors;
  /** SHA-256 of the input file. */
  sha256: string;
  /** Hash of what the vectors were made from. */
  hash: string;
  /** Rows of the input. */
  rows: number;
  /** Input row of each vector. */
  inputRows: Int32Array;
  /** Rows with nothing to embed are kept without being embedded. */
  keepBadRows: boolean;
}

/** An input that was opened and found in order: texts to embed, or vectors. */
export interface RunInput {
  file: RowFile;
  /** Rows of the input, and those of them that are vectors or become some. */
  rows: number;
  vectorCount: number;
  corpus?: Corpus;
  vectors?: Vectors;
}

/** @throws CoresetError when anything is wrong with the input */
export async function openInput(path: string, options: CorpusOptions): Promise<RunInput> {
  const file = openRows(path);
  if (file.format === 'npy') {
    const vectors = openEmbeddings(path);
    return { file, rows: vectors.rows, vectorCount: vectors.rows, vectors };
  }
  const corpus = await openCorpus(path, options);
  return { file, rows: corpus.rows, vectorCount: embeddedCount(corpus), corpus };
}

/** rows → embeddings: `embeddings.npy`, or the input itself when it holds embeddings. */
export async function embedStage(
  run: RunDirectory,
  { file, corpus, vectors }: RunInput,
  options: EmbedSettings & RunOptions,
): Promise<EmbeddedInput> {
  const sha256 = corpus ? corpusHash(corpus) : hashFile(file.path);
  if (corpus === undefined) {
    const given = vectors ?? openEmbeddings(file.path);
    const inputRows = range(0, given.rows);
    return {
      file,
      idField: undefined,
      vectors: given,
      sha256,
      hash: sha256,
      rows: given.rows,
      inputRows,
      keepBadRows: false,
    };
  }
  const hash = await run.stage('embed', embeddingDependencies(corpus, options, sha256), ['embeddings.npy'], (key) =>
    embedCorpusToFile(run.file('embeddings.npy'), corpus, options, key),
  );
  return {
    file,
    idField: corpus.idField,
    vectors: openNpyVectors(run.file('embeddings.npy')),
    sha256,
    hash,
    rows: corpus.rows,
    inputRows: embeddedRows(corpus),
    keepBadRows: corpus.onBadRow === 'keep',
  };
}

/** Where difficulty comes from. */
export interface DifficultySettings {
  /** A field of the input or a file with one score per input row, in place of the prototype distance. */
  scores?: string;
  prototypes?: number;
  seed?: number;
}

/**
 * embeddings → difficulty: `difficulty.npy`, float64 in [0, 1].
 * @param brought scores per row of the input, in place of the prototype distance
 */
export async function difficultyStage(
  run: RunDirectory,
  input: EmbeddedInput,
  options: Omit<DifficultySettings, 'scores'> & RunOptions,
  brought: Float64Array | undefined,
): Promise<string> {
  const { prototypes, seed } = options;
  const dependsOn = brought
    ? { rows: input.hash, external: Buffer.from(brought.buffer).toString('base64') }
    : { rows: input.hash, prototypes, seed };
  return run.stage('difficulty', dependsOn, ['difficulty.npy'], async () => {
    const result = brought
      ? scaleScores(Float64Array.from(input.inputRows, (row) => brought[row]))
      : (await difficultyScores(input.vectors, options)).scores;
    await writeNpy(run.file('difficulty.npy'), result);
  });
}

/** How neighbours are searched. */
export type GraphSettings = Pick<GraphOptions, 'k' | 'backend' | 'seed'>;

/** embeddings → graph: `neighbours.npy`, `distances.npy`, `duplicates.npy`. */
export function graphStage(
  run: RunDirectory,
  input: EmbeddedInput,
  options: GraphSettings & RunOptions,
): Promise<string> {
  const { k, backend, seed } = options;
  const names = ['neighbours.npy', 'distances.npy', 'duplicates.npy'];
  return run.stage('graph', { rows: input.hash, k, backend, seed }, names, async () => {
    await writeGraph(run.path, await buildGraph(input.vectors, options));
  });
}

/** How rows are selected, besides the budget. */
export type SelectSettings = SelectOptions;

/** The settings of the selection among other options. */
export function selectSettings(options: SelectSettings): SelectSettings {
  return Object.fromEntries((['dropDuplicates', ...METHOD_OPTIONS] as const).map((name) => [name, options[name]]));
}

/** What is selected, by which method. */
export interface SelectRequest {
  method: MethodName;
  budget: number;
  /** Class of each row of the embeddings. */
  labels?: Int32Array;
  seed?: number;
  settings: SelectSettings;
}

/** graph and difficulty → selection: `selection.npy`, `selection.json`, `dropped.jsonl`. Returns the order of picks as rows of the embeddings. */
export async function selectStage(
  run: RunDirectory,
  input: EmbeddedInput,
  dependsOn: { graph: string; difficulty: string },
  request: SelectRequest,
): Promise<{ order: Int32Array; duplicates: number }> {
  const graph = readGraph(run.path);
  const names = ['selection.npy', 'selection.json', 'dropped.jsonl'];
  const rows = { id: input.idField, rows: input.rows, keepBadRows: input.keepBadRows };
  const { method, budget, labels, seed, settings } = request;
  await run.stage(
    'select',
    { ...dependsOn, ...rows, ...request, labels: labels && Array.from(labels) },
    names,
    async () => {
      const scores = readNpyVector(run.file('difficulty.npy'));
      const rowsToSelect = { rows: graph.rows, budget, vectors: input.vectors, graph, scores, labels, seed };
      await writeSelectionFiles(run, input, graph, await select(method, rowsToSelect, settings));
    },
  );
  const embeddingRow = embeddingRows(input);
  const order = Int32Array.from(readNpyVector(run.file('selection.npy')), (row) => embeddingRow[row]);
  return {
    order,
    duplicates: graph.representative.reduce((count, first, row) => (first === row ? count : count + 1), 0),
  };
}

/** The row of the embeddings for each row of the input, −1 for a row that was not embedded. */
function embeddingRows({ rows, inputRows }: EmbeddedInput): Int32Array {
  const result = new Int32Array(rows).fill(-1);
  for (let i = 0; i < inputRows.length; i++) result[inputRows[i]] = i;
  return result;
}

async function writeSelectionFiles(
  run: RunDirectory,
  input: EmbeddedInput,
  graph: NeighbourGraph,
  selection: Selection,
): Promise<void> {
  const inputRow = (row: number): number => input.inputRows[row];
  await writeNpy(run.file('selection.npy'), selection.order.map(inputRow));
  await writeSelection(run.file('selection.json'), selection, inputRow);
  await writeDropped(run.file('dropped.jsonl'), input, selection, graph.representative, embeddingRows(input));
}
