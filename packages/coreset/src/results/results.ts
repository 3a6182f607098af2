import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import {
  CoresetError,
  hashFile,
  inTurns,
  openNpyVectors,
  type RunOptions,
  range,
  readNpy,
  readNpyVector,
  rowPlaces,
  subsetOf,
  type Vectors,
} from '@coreset/core';
import { GRAPH_FILES, type NeighbourGraph, readGraph } from '@coreset/graph';
import { openVectorsFile } from '@coreset/rows';
import { REASON_DEFAULTS } from '@coreset/selector';
import type { Id } from '../input/ids.js';
import { finishedManifest, type LeftFolder, requireStageFiles } from '../run/finished-run.js';
import type { Manifest } from '../run/manifest.js';
import type { PruneOptions } from '../run-options.js';
import { contentPlaces, readContents } from '../stages/contents.js';
import { READING_NUMBERS, rowsWithTokens } from '../stages/readings.js';
import { MAP_FILE } from '../stages/stages.js';
import { byInputRow } from './by-input-row.js';
import { cosinesTo } from './cosines.js';
import { compareFile, type DescribedInput } from './described-input.js';
import { type InputRows, openInputRows, readShownRows, type ShownRow } from './input-rows.js';
import { forEachLine, KEPT, readToldRows, type ToldRows } from './told-rows.js';

/** The nearest neighbours of some rows. */
export interface RowNeighbours {
  /** Neighbours per row. */
  k: number;
  /** Per row k rows of the input, nearest first; −1 behind the last. A duplicate is nobody's neighbour, see `NeighbourGraph`. */
  neighbours: Int32Array;
  /** Per row the cosine to each; NaN behind the last. */
  cosines: Float32Array;
}

/** Rows to be shown, and why their texts are not among what is known of them. */
export interface ShownRows {
  /** In no order; each row that was asked for has one. */
  shown: Map<number, ShownRow>;
  /** A line, where the input is gone or is not what it was; rows then have their ids alone. */
  problem?: string;
}

/**
 * What a run left, by the rows of its input, which are numbered from 0. It holds some 60 bytes of each row; vectors stay in
 * their file, the graph is read when it is first asked for, ids and texts are read as they are asked for.
 */
export interface Results extends ToldRows {
  /** The run directory. */
  folder: string;
  manifest: Manifest;
  /** The options of the run. */
  options: PruneOptions;
  /** The name of the input, and what is known of it. */
  name: string;
  input: DescribedInput;
  /** Rows of the input, and those kept. */
  rows: number;
  kept: number;
  /** The least cosine of a near-duplicate. */
  nearDuplicate: number;
  /** Per row of the vectors its row of the input, ascending; the graph counts by rows of the vectors too. */
  inputRowOf: Int32Array;
  /** Per row of the input its row of the vectors, −1 where it has none. */
  vectorRowOf: Int32Array;
  /** Per row from 0, easiest, to 1; NaN of a row without a vector. */
  difficulty: Float64Array;
  /**
   * Where rows lie on the map, two numbers per row of the vectors; undefined where the run made none.
   * @throws CoresetError when the file is damaged
   */
  map(): Float32Array | undefined;
  /** See `Reading`: three numbers per row of the vectors; undefined where no model read the rows. */
  readings: Int32Array | undefined;
  /** The vectors of the rows that were selected from. @throws CoresetError when the file that was given is gone or changed */
  vectors(): Promise<Vectors>;
  /** By rows of the vectors. @throws CoresetError when a file is damaged */
  graph(): NeighbourGraph;
  /**
   * @param rows of the input; one without a vector has no neighbours
   * @param most neighbours per row; default: all
   * @throws CoresetError when the vectors are gone
   */
  neighboursOf(rows: ArrayLike<number>, most?: number, options?: Pick<RunOptions, 'signal'>): Promise<RowNeighbours>;
  /** The input, opened again. @throws CoresetError when it is gone, or not what the run read */
  inputRows(): Promise<InputRows>;
  /** Texts, paths of images and ids of rows, read in one pass. */
  show(rows: Iterable<number>, options?: Pick<RunOptions, 'signal'>): Promise<ShownRows>;
  /** The ids of rows, also where the input is gone. @returns none where rows are told by their numbers */
  idsOf(rows: Iterable<number>): Promise<Map<number, Id>>;
  /** The rows of ids, as far as there are any. */
  rowsOfIds(ids: Iterable<string>): Promise<Map<string, number>>;
}

/**
 * Open what a run left.
 * @param folder its run directory
 * @throws CoresetError when it is no finished run of this version, or a file is not what the run wrote
 */
export async function openResults(folder: string): Promise<Results> {
  const left: LeftFolder = { folder, refuse: (what) => new CoresetError(`${folder} ${what}`) };
  const manifest = finishedManifest(left);
  const file = (name: string): string => resolve(folder, name);
  const input = manifest.input as DescribedInput;
  const options = (manifest.options ?? {}) as PruneOptions;
  const embeds = input?.vectors === undefined;
  const first = embeds ? 'embed' : 'contents';
  const isRead = embeds && manifest.stages.embed?.files['readings.npy'] !== undefined;
  requireStageFiles(left, manifest, first, isRead ? ['contents.npy', 'readings.npy'] : ['contents.npy']);
  requireStageFiles(left, manifest, 'difficulty', ['difficulty.npy']);
  requireStageFiles(left, manifest, 'graph', []);
  requireStageFiles(left, manifest, 'write', []);
  requireStageFiles(left, manifest, 'select', ['selection.npy', 'selected.jsonl', 'dropped.jsonl']);

  const { rows } = input;
  const readings = isRead ? (readNpy(file('readings.npy')).data as Int32Array) : undefined;
  const places = contentPlaces(readContents(file('contents.npy')));
  const withContent = rowsWithContent(places);
  const withTokens = readings && rowsWithTokens(readings);
  const inputRowOf = withTokens ? withTokens.map((row) => withContent[row]) : withContent;
  const vectorRowOf = rowPlaces(rows, inputRowOf);
  const picked = readNpyVector(file('selection.npy')).length;
  const told = await readToldRows({ selected: file('selected.jsonl'), dropped: file('dropped.jsonl') }, rows, picked);

  const openOwn = async (): Promise<Vectors> => {
    const all = input.vectors
      ? await openGiven(input.vectors, folder, options)
      : openNpyVectors(file('embeddings.npy'));
    return withTokens && withTokens.length < all.rows ? subsetOf(all, withTokens) : all;
  };
  let ownVectors: Promise<Vectors> | undefined;
  const vectors = (): Promise<Vectors> => {
    ownVectors ??= openOwn();
    return ownVectors;
  };

  let ownGraph: NeighbourGraph | undefined;
  const graph = (): NeighbourGraph => {
    if (ownGraph === undefined) {
      requireStageFiles(left, manifest, 'graph', Object.values(GRAPH_FILES));
      ownGraph = readGraph(folder);
    }
    return ownGraph;
  };

  let opened: Promise<InputRows> | undefined;
  const inputRows = (): Promise<InputRows> => {
    const source = { given: manifest.given, described: input, options, folder };
    opened ??= openInputRows(source, (row) => places[row] >= 0);
    return opened;
  };
  const forEachId = async (visit: (row: number, id: Id) => void): Promise<void> => {
    if (input.id === undefined) return;
    for (const name of ['selected.jsonl', 'dropped.jsonl'])
      await forEachLine(file(name), ['row', 'id'], ({ row, id }) => {
        if (id !== undefined) visit(Number(row), id as Id);
      });
  };
  const idsOf = async (wanted: Iterable<number>): Promise<Map<number, Id>> => {
    const ids = new Map<number, Id>();
    const rowsWanted = new Set(wanted);
    if (rowsWanted.size > 0)
      await forEachId((row, id) => {
        if (rowsWanted.has(row)) ids.set(row, id);
      });
    return ids;
  };

  return {
    ...told,
    folder,
    manifest,
    options,
    name: basename(manifest.given[0]),
    input,
    rows,
    kept: told.reason.reduce((count, reason) => (reason === KEPT ? count + 1 : count), 0),
    nearDuplicate: options.nearDuplicate ?? REASON_DEFAULTS.nearDuplicate,
    inputRowOf,
    vectorRowOf,
    difficulty: byInputRow(readNpyVector(file('difficulty.npy')), inputRowOf, rows),
    readings: readings && withTokens && readingsOf(readings, withTokens),
    map: () => {
      if (options.map === 'none') return undefined;
      requireStageFiles(left, manifest, 'map', [MAP_FILE]);
      return readNpy(file(MAP_FILE)).data as Float32Array;
    },
    vectors,
    graph,
    neighboursOf: async (of, most, { signal } = {}) => {
      const own = Int32Array.from(of, (row) => vectorRowOf[row]);
      const { k, neighbours } = neighboursByVector(graph(), own, most);
      const cosines = await inTurns(cosinesTo(await vectors(), own, neighbours, k), signal);
      return { k, neighbours: neighbours.map((row) => (row < 0 ? -1 : inputRowOf[row])), cosines };
    },
    inputRows,
    show: async (wanted, { signal } = {}) => {
      const asked = Array.from(wanted);
      try {
        return { shown: await readShownRows(await inputRows(), asked, signal) };
      } catch (error) {
        if (!CoresetError.isInstance(error)) throw error;
        const ids = await idsOf(asked);
        return { shown: new Map(asked.map((row) => [row, { row, id: ids.get(row) }])), problem: error.message };
      }
    },
    idsOf,
    rowsOfIds: async (ids) => {
      const found = new Map<string, number>();
      const wanted = new Set(ids);
      if (wanted.size > 0)
        await forEachId((row, id) => {
          if (wanted.has(String(id))) found.set(String(id), row);
        });
      return found;
    },
  };
}

/** Vectors that were given to the run. @throws CoresetError when they are gone or others */
async function openGiven(
  given: NonNullable<DescribedInput['vectors']>,
  folder: string,
  { member }: PruneOptions,
): Promise<Vectors> {
  const path = resolve(folder, given.path);
  if (!existsSync(path)) throw new CoresetError(`${path}, the vectors of the run, is not there any more`);
  const state = compareFile(path, given);
  if (state === 'other' || (state === 'unknown' && hashFile(path) !== given.sha256))
    throw new CoresetError(`${path}, the vectors of the run, changed since; run it again`);
  return openVectorsFile(path, { member });
}

/** Rows that have a place. */
function rowsWithContent(places: Int32Array): Int32Array {
  return range(0, places.length).filter((row) => places[row] >= 0);
}

/** The neighbours of rows of the vectors, −1 behind the last, and all of them for a row −1. */
function neighboursByVector(
  { k, neighbours }: NeighbourGraph,
  rows: Int32Array,
  most: number = k,
): { k: number; neighbours: Int32Array } {
  const count = Math.min(k, most);
  const found = new Int32Array(rows.length * count).fill(-1);
  rows.forEach((row, i) => {
    if (row >= 0) found.set(neighbours.subarray(row * k, row * k + count), i * count);
  });
  return { k: count, neighbours: found };
}

/** The readings of rows. */
function readingsOf(readings: Int32Array, rows: Int32Array): Int32Array {
  const result = new Int32Array(rows.length * READING_NUMBERS);
  rows.forEach((row, i) => {
    result.set(readings.subarray(row * READING_NUMBERS, (row + 1) * READING_NUMBERS), i * READING_NUMBERS);
  });
  return result;
}
