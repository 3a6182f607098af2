import { mkdirSync } from 'node:fs';
import { extname, join } from 'node:path';
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
import { type DifficultyKind, difficultyScores, needsClasses, scaleScores } from '@coreset/difficulty';
import type { CacheOptions } from '@coreset/embedder';
import { buildGraph, GRAPH_FILES, type GraphOptions, type NeighbourGraph, readGraph, writeGraph } from '@coreset/graph';
import { layOut, type MapChoice, mapMethod } from '@coreset/report';
import type { WriteOptions } from '@coreset/rows';
import { type MethodName, type ReasonOptions, type Selection, type SelectOptions, select } from '@coreset/selector';
import { corpusHash, embeddedCount, embeddedRows, hashRows } from '../input/corpus.js';
import type { CorpusOptions } from '../input/corpus-options.js';
import type { RunInput } from '../input/open-input.js';
import type { OtherName } from '../input/other-inputs.js';
import type { RowContent } from '../input/row-content.js';
import type { Destination } from '../output/destination.js';
import { isTried, tryResult } from '../output/write-result.js';
import { type BaseRun, requireSameModel } from '../run/base-run.js';
import { hashValue } from '../run/hash.js';
import type { RunDirectory, StageRun } from '../run/run-directory.js';
import type { SelectSettings } from '../select-settings.js';
import { type Contents, corpusContents, vectorContents, writeContents } from './contents.js';
import { cosineGraphOf, needsCosineGraph } from './cosine-graph.js';
import {
  type EmbedSettings,
  embedCorpusToFile,
  embeddedDiagnostics,
  embeddingDependencies,
  requireEachVector,
} from './embed-corpus.js';
import type { KnownVectors } from './embed-to-file.js';
import { type EmbeddedInput, embeddingRows } from './embedded-input.js';
import { knownVectors } from './known-vectors.js';
import { READING_NUMBERS, rowsWithTokens } from './readings.js';
import { idsOf, type LeftOut, writeDropped, writeSelected } from './result-files.js';
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

/** Whose rows are embedded: those that are selected from, or others. */
export interface EmbeddedPart {
  name: 'embed' | OtherName;
  /** An earlier run, whose vectors are copied. */
  base?: BaseRun;
}

/** The stage that makes, or of vectors that are in a file already looks at, what is selected from. */
export function firstStage({ kind }: RunInput): 'embed' | 'contents' {
  return kind === 'vectors' ? 'contents' : 'embed';
}

/** Files of embeddings in a run directory. */
export function embeddingFiles(name: EmbeddedPart['name']): { vectors: string; readings: string; contents: string } {
  return name === 'embed'
    ? { vectors: 'embeddings.npy', readings: 'readings.npy', contents: 'contents.npy' }
    : { vectors: `${name}.npy`, readings: `${name}-readings.npy`, contents: `${name}-contents.npy` };
}

/**
 * rows → embeddings: `embeddings.npy`, `readings.npy` and `contents.npy`; of vectors that are in a file already,
 * `contents.npy` alone.
 */
export async function embedStage(
  run: StageRun,
  input: RunInput,
  options: EmbedSettings & CacheOptions & RunOptions & Pick<CorpusOptions, 'member'>,
  { name, base }: EmbeddedPart = { name: 'embed' },
): Promise<EmbeddedInput> {
  const { file, rows } = input;
  const files = embeddingFiles(name);
  const contentsPath = run.file(files.contents);
  if (input.kind === 'vectors') {
    const { vectors, vectorsPath, corpus, watch } = input;
    const hash = watch.hash(vectorsPath);
    const isSelectedFrom = name === 'embed';
    if (isSelectedFrom)
      await run.stage(firstStage(input), [hash, options.member], [files.contents], async () => {
        await writeContents(contentsPath, await vectorContents(vectors, range(0, rows), rows, options.signal));
      });
    return {
      file,
      opened: corpus?.opened,
      idField: corpus?.idField,
      vectors,
      sha256: corpus ? corpusHash(corpus) : hash,
      hash: hashValue([hash, options.member]),
      rows,
      inputRows: range(0, rows),
      contentRepresentative: undefined,
      contents: isSelectedFrom ? contentsPath : undefined,
      readings: undefined,
      keepBadRows: false,
    };
  }
  const { corpus } = input;
  const { content, idField, onBadRow, repeats } = corpus;
  const sha256 = corpusHash(corpus);
  const path = run.file(files.vectors);
  const isColumn = content.modality === 'vector';
  const names = isColumn ? [files.vectors, files.contents] : [files.vectors, files.readings, files.contents];
  const dependsOn = await embeddingDependencies(corpus, options, sha256);
  if (base) await requireSameModel(base, input, options);
  const hash = await run.stage(name, dependsOn, names, async (key) => {
    const contents = isColumn ? undefined : await corpusContents(corpus, options.signal);
    const known = base && contents && knownVectors(base, contents, corpus);
    if (base && known) options.onNotice?.(knownNotice(base, known));
    const readings = await embedCorpusToFile(path, corpus, options, key, known);
    diagnose(options, 'embed', embeddedDiagnostics(corpus, readings));
    if (readings)
      await writeNpy(run.file(files.readings), readings, [readings.length / READING_NUMBERS, READING_NUMBERS]);
    const ofColumn = (): Promise<Contents> =>
      vectorContents(openNpyVectors(path), embeddedRows(corpus), rows, options.signal);
    await writeContents(run.file(files.contents), contents ?? (await ofColumn()));
  });
  const readings = isColumn ? undefined : (readNpy(run.file(files.readings)).data as Int32Array);
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
    contentRepresentative: isColumn ? undefined : (repeats?.representative ?? range(0, embeddedCount(corpus))),
    contents: contentsPath,
    readings,
    keepBadRows: onBadRow === 'keep',
  };
  return withoutEmpty(whole, content.modality);
}

function knownNotice({ path }: BaseRun, known: KnownVectors): string {
  const count = known.of.reduce((sum, vector) => (vector >= 0 ? sum + 1 : sum), 0);
  return `of ${known.of.length} rows the vectors of ${count} are copied from ${path}`;
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
  /** A field of the input or a file with one score per input row, in place of a difficulty that is computed. */
  scores?: string;
  /** What the difficulty of a row is. Default: `prototype`. The others come from training dynamics, with labels where there are any. */
  difficulty?: DifficultyKind;
  /** Number of k-means prototypes; of training dynamics without labels, of pseudo-classes. */
  prototypes?: number;
  seed?: number;
}

/** Every option of {@link DifficultySettings}. */
export const DIFFICULTY_SETTINGS: Readonly<Record<keyof DifficultySettings, true>> = {
  scores: true,
  difficulty: true,
  prototypes: true,
  seed: true,
};

/** Of each row of the input, what difficulty comes from besides the embeddings. */
export interface DifficultyValues {
  /** Difficulty, in place of any that is computed. */
  scores?: Float64Array;
  /** Class, for training dynamics. */
  labels?: Int32Array;
}

/** embeddings → difficulty: `difficulty.npy`, float64 in [0, 1]. */
export async function difficultyStage(
  run: StageRun,
  input: EmbeddedInput,
  options: DifficultySettings & RunOptions,
  { scores: external, labels: classes }: DifficultyValues,
): Promise<string> {
  const { scores, difficulty, prototypes, seed } = options;
  const labels = needsClasses(difficulty)
    ? classes && Int32Array.from(input.inputRows, (row) => classes[row])
    : undefined;
  const computed = { ...(needsClasses(difficulty) && { difficulty }), prototypes, seed, labels };
  const dependsOn = external
    ? { rows: input.hash, external: Buffer.from(external.buffer).toString('base64') }
    : { rows: input.hash, ...computed, labels: labels && Buffer.from(labels.buffer).toString('base64') };
  return run.stage('difficulty', dependsOn, ['difficulty.npy'], async () => {
    if (external) diagnose(options, 'difficulty', { source: 'scores', scores, rows: input.inputRows.length });
    const result = external
      ? scaleScores(Float64Array.from(input.inputRows, (row) => external[row]))
      : (await difficultyScores(input.vectors, { ...pickOptions(options, RUN_OPTIONS), ...computed })).scores;
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

/** Where the graph by cosine is. */
const COSINE_GRAPH = 'cosine-graph';

/**
 * embeddings → `cosine-graph`: the graph of the vectors scaled to length 1, which tells near-duplicates where the vectors have
 * other lengths.
 * @returns undefined where they have not, or nothing asks for near-duplicates
 */
export async function cosineGraphStage(
  run: StageRun,
  input: EmbeddedInput,
  { preference }: Pick<SelectRequest, 'preference'>,
  options: GraphSettings & RunOptions & Pick<SelectSettings, 'maxSimilarity'>,
): Promise<string | undefined> {
  const { k, backend, seed, maxSimilarity, signal } = options;
  if (!(await needsCosineGraph(input.vectors, { preference, maxSimilarity }, signal))) return undefined;
  const names = Object.values(GRAPH_FILES).map((name) => join(COSINE_GRAPH, name));
  return run.stage('cosine-graph', { rows: input.hash, k, backend, seed, cosine: true }, names, async () => {
    const graph = await cosineGraphOf(input.vectors, { ...pickOptions(options, RUN_OPTIONS), k, backend, seed });
    mkdirSync(run.file(COSINE_GRAPH), { recursive: true });
    await writeGraph(run.file(COSINE_GRAPH), graph);
  });
}

/** How rows are laid out for a map. */
export interface MapSettings {
  /**
   * How rows are laid out in two dimensions: `umap`, `pca`, `none`, or `auto` (default): UMAP of up to 50,000 rows, PCA of
   * more.
   */
  map?: MapChoice;
}

/** Every option of {@link MapSettings}. */
export const MAP_SETTINGS: Readonly<Record<keyof MapSettings, true>> = { map: true };

/** Where the map is. */
export const MAP_FILE = 'map.npy';

/** embeddings and graph → map: `map.npy`, float32, two numbers per row of the embeddings; nothing where none is asked for. */
export async function mapStage(
  run: StageRun,
  input: EmbeddedInput,
  graph: string,
  { map, seed, ...options }: MapSettings & Pick<GraphSettings, 'seed'> & RunOptions,
): Promise<void> {
  const { vectors } = input;
  const method = mapMethod(vectors.rows, map);
  if (method === undefined) return;
  const dependsOn = { rows: input.hash, method, ...(method === 'umap' && { graph, seed }) };
  await run.stage('map', dependsOn, [MAP_FILE], async () => {
    const places = await layOut(vectors, readGraph(run.path), { ...pickOptions(options, RUN_OPTIONS), method, seed });
    await writeNpy(run.file(MAP_FILE), places, [vectors.rows, 2]);
  });
}

/** What is selected, by which method. */
export interface SelectRequest {
  method: MethodName;
  budget: number;
  /** Class of each row of the embeddings. */
  labels?: Int32Array;
  seed?: number;
  settings: SelectOptions;
  reasons: ReasonOptions;
  /** Rows of the embeddings that stay and come first, and those that are left out. */
  include?: Int32Array;
  exclude?: Int32Array;
  /** Per row of the embeddings, see `SelectorInput`. */
  preference?: Float64Array;
  groups?: Int32Array;
  costs?: Float64Array;
  /** Why the latter are dropped, by row of the input. */
  leftOut?: ReadonlyMap<number, LeftOut>;
  /** Rows that are selected for, and those that are kept away from. */
  target?: EmbeddedInput;
  away?: EmbeddedInput;
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
  dependsOn: { graph: string; difficulty: string; cosineGraph?: string },
  request: SelectRequest,
  { signal, onDiagnostics }: Pick<RunOptions, 'signal' | 'onDiagnostics'>,
): Promise<Selected> {
  const graph = readGraph(run.path);
  const { contentRepresentative } = input;
  const names = ['selection.npy', 'selection.json', 'selected.jsonl', 'dropped.jsonl'];
  const { sha256, opened, idField, keepBadRows } = input;
  const rows = { input: sha256, opened, id: idField?.text, rows: input.rows, keepBadRows };
  const { method, budget, labels, seed, settings, reasons, include, exclude, leftOut, target, away } = request;
  const { preference, groups, costs } = request;
  await run.stage(
    'select',
    {
      ...dependsOn,
      ...rows,
      method,
      budget,
      seed,
      settings,
      labels: labels && Array.from(labels),
      include: include && hashValue(Array.from(include)),
      exclude: exclude && hashValue(Array.from(exclude)),
      leftOut: leftOut && hashValue(Array.from(leftOut)),
      preference: preference && hashValue(Array.from(preference)),
      groups: groups && hashValue(Array.from(groups)),
      costs: costs && hashValue(Array.from(costs)),
      reasons,
      target: target?.hash,
      away: away?.hash,
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
        include,
        exclude,
        preference,
        groups,
        costs,
        cosineGraph: dependsOn.cosineGraph === undefined ? graph : readGraph(join(run.path, COSINE_GRAPH)),
        target: target?.vectors,
        away: away?.vectors,
        seed,
        signal,
        onDiagnostics,
      };
      const selection = await select(method, rowsToSelect, settings);
      await writeSelectionFiles(run, input, graph, selection, request, { signal, onDiagnostics });
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

async function writeSelectionFiles(
  run: StageRun,
  input: EmbeddedInput,
  graph: NeighbourGraph,
  selected: Selection,
  { reasons, exclude, leftOut }: SelectRequest,
  running: Pick<RunOptions, 'signal' | 'onDiagnostics'>,
): Promise<void> {
  const { vectors, inputRows, contentRepresentative = graph.representative } = input;
  const selection = await explainSelection(
    selected,
    { vectors, graph, contentRepresentative, leftOut: exclude, ...running },
    reasons,
  );
  const inputRow = (row: number): number => inputRows[row];
  await writeNpy(run.file('selection.npy'), selection.order.map(inputRow));
  await writeSelection(run.file('selection.json'), selection, inputRow);
  const found = { selection, embeddingRow: embeddingRows(input) };
  const outcome = { ...found, ids: await idsOf(input, found) };
  await writeSelected(run.file('selected.jsonl'), input, outcome);
  await writeDropped(run.file('dropped.jsonl'), { ...input, leftOut }, outcome);
}
