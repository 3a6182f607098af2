import { extname } from 'node:path';
import {
  CoresetError,
  diagnose,
  openNpyVectors,
  pickOptions,
  RUN_OPTIONS,
  type RunOptions,
  range,
  readNpy,
  readNpyVector,
  subsetOf,
  writeNpy,
} from '@coreset/core';
import { difficultyScores, scaleScores } from '@coreset/difficulty';
import { buildGraph, type GraphOptions, type NeighbourGraph, readGraph, writeGraph } from '@coreset/graph';
import type { WriteOptions } from '@coreset/rows';
import {
  type MethodName,
  type ReasonOptions,
  SELECT_OPTIONS,
  type Selection,
  type SelectOptions,
  select,
} from '@coreset/selector';
import { corpusHash, embeddedCount, embeddedRows, hashRows } from '../input/corpus.js';
import type { CorpusOptions } from '../input/corpus-options.js';
import type { RunInput } from '../input/open-input.js';
import type { RowContent } from '../input/row-content.js';
import type { Destination } from '../output/destination.js';
import { isTried, tryResult } from '../output/write-result.js';
import { hashValue } from '../run/hash.js';
import type { RunDirectory, StageRun } from '../run/run-directory.js';
import {
  type EmbedSettings,
  embedCorpusToFile,
  embeddedDiagnostics,
  embeddingDependencies,
  requireEachVector,
} from './embed-corpus.js';
import type { EmbeddedInput } from './embedded-input.js';
import { READING_NUMBERS, rowsWithTokens } from './readings.js';
import { idsOf, writeDropped, writeSelected } from './result-files.js';
import { writeSelection } from './selection-file.js';
import { explainSelection } from './told-selection.js';

/**
 * Read and write all that the last stage will, before hours of work: the rows in the format of the result, to nowhere.
 * @throws CoresetError when whichever rows are kept could not be written
 */
export async function checkStage(
  run: RunDirectory,
  { corpus, file, watch }: RunInput,
  destination: Destination,
  options: WriteOptions,
): Promise<void> {
  const { kind, path } = destination;
  if (corpus === undefined || file.format === 'folder' || !(await isTried(destination, file))) return;
  const dependsOn = [hashRows(file, watch), corpus.opened, corpus.content.source, kind, extname(path)];
  await run.stage('check', dependsOn, [], () => tryResult(destination, file, options));
}

/** rows → embeddings: `embeddings.npy`, or the file that holds the vectors already. */
export async function embedStage(
  run: StageRun,
  input: RunInput,
  options: EmbedSettings & RunOptions & Pick<CorpusOptions, 'member'>,
): Promise<EmbeddedInput> {
  const { file, rows } = input;
  if (input.kind === 'vectors') {
    const { vectors, vectorsPath, corpus, watch } = input;
    const hash = watch.hash(vectorsPath);
    return {
      file,
      opened: corpus?.opened,
      idField: corpus?.idField,
      vectors,
      sha256: corpus ? hashRows(file, watch) : hash,
      hash: hashValue([hash, options.member]),
      rows,
      inputRows: range(0, rows),
      contentRepresentative: undefined,
      readings: undefined,
      keepBadRows: false,
    };
  }
  const { corpus } = input;
  const { content, idField, onBadRow, repeats } = corpus;
  const sha256 = corpusHash(corpus);
  const path = run.file('embeddings.npy');
  const names = content.modality === 'vector' ? ['embeddings.npy'] : ['embeddings.npy', 'readings.npy'];
  const hash = await run.stage('embed', await embeddingDependencies(corpus, options, sha256), names, async (key) => {
    const readings = await embedCorpusToFile(path, corpus, options, key);
    diagnose(options, 'embed', embeddedDiagnostics(corpus, readings));
    if (readings)
      await writeNpy(run.file('readings.npy'), readings, [readings.length / READING_NUMBERS, READING_NUMBERS]);
  });
  const readings = content.modality === 'vector' ? undefined : (readNpy(run.file('readings.npy')).data as Int32Array);
  // An earlier run may have been asked to pass over bad rows.
  if (readings) await requireEachVector(corpus, readings, options);
  const whole: EmbeddedInput = {
    file,
    opened: corpus.opened,
    idField,
    vectors: openNpyVectors(path),
    sha256,
    hash,
    rows,
    inputRows: embeddedRows(corpus),
    contentRepresentative:
      content.modality === 'vector' ? undefined : (repeats?.representative ?? range(0, embeddedCount(corpus))),
    readings,
    keepBadRows: onBadRow === 'keep',
  };
  return withoutEmpty(whole, content.modality);
}

/** Without the rows of which the model can read nothing: they have nothing to embed. */
function withoutEmpty(input: EmbeddedInput, content: RowContent['modality']): EmbeddedInput {
  const { readings, vectors, inputRows, contentRepresentative } = input;
  if (readings === undefined) return input;
  const left = rowsWithTokens(readings);
  if (left.length === inputRows.length) return input;
  if (left.length === 0)
    throw new CoresetError(
      `${input.file.path}: none of the ${content === 'image' ? 'images can be read' : 'texts can be read by the model'}`,
    );
  const numberOf = new Int32Array(inputRows.length);
  left.forEach((row, number) => {
    numberOf[row] = number;
  });
  return {
    ...input,
    vectors: subsetOf(vectors, left),
    hash: hashValue([input.hash, Array.from(left)]),
    inputRows: left.map((row) => inputRows[row]),
    // The first row with a text is as empty as the others with it.
    contentRepresentative: contentRepresentative && left.map((row) => numberOf[contentRepresentative[row]]),
  };
}

/** Where difficulty comes from. */
export interface DifficultySettings {
  /** A field of the input or a file with one score per input row, in place of the prototype distance. */
  scores?: string;
  prototypes?: number;
  seed?: number;
}

/** Every option of {@link DifficultySettings}. */
export const DIFFICULTY_SETTINGS: Readonly<Record<keyof DifficultySettings, true>> = {
  scores: true,
  prototypes: true,
  seed: true,
};

/**
 * embeddings → difficulty: `difficulty.npy`, float64 in [0, 1].
 * @param external scores per row of the input, in place of the prototype distance
 */
export async function difficultyStage(
  run: StageRun,
  input: EmbeddedInput,
  options: DifficultySettings & RunOptions,
  external: Float64Array | undefined,
): Promise<string> {
  const { scores, prototypes, seed } = options;
  const dependsOn = external
    ? { rows: input.hash, external: Buffer.from(external.buffer).toString('base64') }
    : { rows: input.hash, prototypes, seed };
  return run.stage('difficulty', dependsOn, ['difficulty.npy'], async () => {
    if (external) diagnose(options, 'difficulty', { source: 'scores', scores, rows: input.inputRows.length });
    const result = external
      ? scaleScores(Float64Array.from(input.inputRows, (row) => external[row]))
      : (await difficultyScores(input.vectors, { ...pickOptions(options, RUN_OPTIONS), prototypes, seed })).scores;
    await writeNpy(run.file('difficulty.npy'), result);
  });
}

/** How neighbours are searched. */
export type GraphSettings = Pick<GraphOptions, 'k' | 'backend' | 'seed'>;

/** Every option of {@link GraphSettings}. */
export const GRAPH_SETTINGS: Readonly<Record<keyof GraphSettings, true>> = { k: true, backend: true, seed: true };

/** embeddings → graph: `neighbours.npy`, `distances.npy`, `duplicates.npy`. */
export function graphStage(run: StageRun, input: EmbeddedInput, options: GraphSettings & RunOptions): Promise<string> {
  const { k, backend, seed } = options;
  const names = ['neighbours.npy', 'distances.npy', 'duplicates.npy'];
  return run.stage('graph', { rows: input.hash, k, backend, seed }, names, async () => {
    const graph = await buildGraph(input.vectors, { ...pickOptions(options, RUN_OPTIONS), k, backend, seed });
    await writeGraph(run.file('.'), graph);
  });
}

/** How rows are selected, besides the budget. */
export type SelectSettings = SelectOptions;

/** The settings of the selection among other options. */
export function selectSettings(options: SelectSettings): SelectSettings {
  return pickOptions(options, SELECT_OPTIONS);
}

/** What is selected, by which method. */
export interface SelectRequest {
  method: MethodName;
  budget: number;
  /** Class of each row of the embeddings. */
  labels?: Int32Array;
  seed?: number;
  settings: SelectSettings;
  reasons: ReasonOptions;
}

/** What was selected, and how many rows are like an earlier one. */
export interface Selected {
  /** Picks as rows of the embeddings. */
  order: Int32Array;
  /** Rows with the content of an earlier one. */
  duplicates: number;
  /** Rows of other content with the vector of an earlier one. */
  indistinguishable: number;
}

/** graph and difficulty → selection: `selection.npy`, `selection.json`, `selected.jsonl`, `dropped.jsonl`. */
export async function selectStage(
  run: StageRun,
  input: EmbeddedInput,
  dependsOn: { graph: string; difficulty: string },
  request: SelectRequest,
  { signal, onDiagnostics }: Pick<RunOptions, 'signal' | 'onDiagnostics'>,
): Promise<Selected> {
  const graph = readGraph(run.path);
  const { contentRepresentative } = input;
  const names = ['selection.npy', 'selection.json', 'selected.jsonl', 'dropped.jsonl'];
  const { sha256, opened, idField, keepBadRows } = input;
  const rows = { input: sha256, opened, id: idField?.text, rows: input.rows, keepBadRows };
  const { method, budget, labels, seed, settings, reasons } = request;
  await run.stage(
    'select',
    {
      ...dependsOn,
      ...rows,
      ...request,
      labels: labels && Array.from(labels),
      contents: contentRepresentative && hashValue(Array.from(contentRepresentative)),
    },
    names,
    async () => {
      const scores = readNpyVector(run.file('difficulty.npy'));
      const { vectors } = input;
      const rowsToSelect = {
        rows: graph.rows,
        budget,
        vectors,
        graph,
        contentRepresentative,
        scores,
        labels,
        seed,
        signal,
        onDiagnostics,
      };
      const selection = await select(method, rowsToSelect, settings);
      await writeSelectionFiles(run, input, graph, selection, reasons, { signal, onDiagnostics });
    },
  );
  const embeddingRow = embeddingRows(input);
  const order = Int32Array.from(readNpyVector(run.file('selection.npy')), (row) => embeddingRow[row]);
  const { representative } = graph;
  const contents = contentRepresentative ?? representative;
  return {
    order,
    duplicates: repeated(contents),
    indistinguishable: representative.reduce(
      (count, first, row) => (first !== row && contents[row] === row ? count + 1 : count),
      0,
    ),
  };
}

/** Rows that are not the first of their group. */
function repeated(representative: Int32Array): number {
  return representative.reduce((count, first, row) => (first === row ? count : count + 1), 0);
}

/** The row of the embeddings for each row of the input, −1 for a row that was not embedded. */
function embeddingRows({ rows, inputRows }: EmbeddedInput): Int32Array {
  const result = new Int32Array(rows).fill(-1);
  for (let i = 0; i < inputRows.length; i++) result[inputRows[i]] = i;
  return result;
}

async function writeSelectionFiles(
  run: StageRun,
  input: EmbeddedInput,
  graph: NeighbourGraph,
  selected: Selection,
  options: ReasonOptions,
  running: Pick<RunOptions, 'signal' | 'onDiagnostics'>,
): Promise<void> {
  const { vectors, inputRows, contentRepresentative = graph.representative } = input;
  const selection = await explainSelection(selected, { vectors, graph, contentRepresentative, ...running }, options);
  const inputRow = (row: number): number => inputRows[row];
  await writeNpy(run.file('selection.npy'), selection.order.map(inputRow));
  await writeSelection(run.file('selection.json'), selection, inputRow);
  const found = { selection, contentRepresentative, embeddingRow: embeddingRows(input) };
  const outcome = { ...found, ids: await idsOf(input, found) };
  await writeSelected(run.file('selected.jsonl'), input, outcome);
  await writeDropped(run.file('dropped.jsonl'), input, outcome);
}
