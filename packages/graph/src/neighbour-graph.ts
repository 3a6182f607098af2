import { join } from 'node:path';
import {
  CoresetError,
  inParts,
  type NpyArray,
  readNpy,
  requireInteger,
  requireTwoDimensions,
  type Steps,
  writeNpy,
} from '@coreset/core';

/** The k nearest neighbours of every row. */
export interface NeighbourGraph {
  rows: number;
  /** Neighbours per row. */
  k: number;
  /** rows × k: the neighbours of row i, nearest first, ties by lowest index, i itself excluded. */
  neighbours: Int32Array;
  /** rows × k: Euclidean (not squared) distances, ascending in each row. */
  distances: Float32Array | Float64Array;
  /**
   * Per row the lowest row with exactly the same vector, itself where there is none. A row that is not its
   * own representative is a duplicate: nobody's neighbour, and its own list begins with its representative.
   */
  representative: Int32Array;
}

const GREATEST_ROW = 2 ** 31 - 1;
/** Squares of longer distances could add up to more than the greatest number. */
const GREATEST_DISTANCE = 1e150;

/** @throws CoresetError unless all parts of a graph are there */
export function requireGraphParts(graph: NeighbourGraph): void {
  const parts = typeof graph === 'object' && graph !== null ? graph : undefined;
  for (const name of ['neighbours', 'distances', 'representative'] as const)
    if (!ArrayBuffer.isView(parts?.[name]))
      throw new CoresetError(`a graph has ${name} as a typed array, as buildGraph and readGraph make it`);
}

/**
 * Check that a graph is one of so many rows.
 * @throws CoresetError naming the first entry that is wrong
 */
export function* requireGraph(graph: NeighbourGraph, rows: number): Steps<void> {
  requireGraphParts(graph);
  const { k, neighbours, distances, representative } = graph;
  if (graph.rows !== rows) throw new CoresetError(`the graph has ${graph.rows} rows, not ${rows}`);
  requireInteger("the graph's k", k, 0);
  for (const [name, { length }, wanted] of [
    ['neighbours', neighbours, rows * k],
    ['distances', distances, rows * k],
    ['representatives', representative, rows],
  ] as const) {
    if (length !== wanted)
      throw new CoresetError(`the graph has ${length} ${name}; ${rows} rows and k ${k} need ${wanted}`);
  }
  yield* inParts(neighbours.length, (start, end) => {
    for (let e = start; e < end; e++) {
      if (!(neighbours[e] >= 0 && neighbours[e] < rows))
        throw new CoresetError(
          `the graph: row ${Math.floor(e / k)} lists neighbour ${neighbours[e]}; rows go from 0 to ${rows - 1}`,
        );
      if (!(distances[e] >= 0 && distances[e] <= GREATEST_DISTANCE))
        throw new CoresetError(
          `the graph: row ${Math.floor(e / k)}, entry ${e % k} is ${distances[e]} away; distances go from 0 to ${GREATEST_DISTANCE}`,
        );
    }
  });
  yield* inParts(rows, (start, end) => {
    for (let i = start; i < end; i++) {
      const first = representative[i];
      if (!(first >= 0 && first <= i && representative[first] === first))
        throw new CoresetError(
          `the graph: row ${i} is represented by ${first}; a representative is an earlier row that represents itself`,
        );
    }
  });
}

/** The files of a graph in its folder. */
export const GRAPH_FILES = {
  neighbours: 'neighbours.npy',
  distances: 'distances.npy',
  representative: 'duplicates.npy',
} as const;

/** The representative of each row when no row repeats. */
export function noDuplicates(rows: number): Int32Array {
  const itself = new Int32Array(rows);
  for (let i = 0; i < rows; i++) itself[i] = i;
  return itself;
}

/**
 * Write a graph into a folder: `neighbours.npy` (rows × k, int32), `distances.npy` (rows × k, float32,
 * Euclidean) and `duplicates.npy` (the representative of each row, int32).
 * @returns the paths written
 */
export async function writeGraph(folder: string, graph: NeighbourGraph): Promise<string[]> {
  const { rows, k } = graph;
  await writeNpy(join(folder, GRAPH_FILES.neighbours), graph.neighbours, [rows, k]);
  await writeNpy(join(folder, GRAPH_FILES.distances), graph.distances, [rows, k]);
  await writeNpy(join(folder, GRAPH_FILES.representative), graph.representative);
  return Object.values(GRAPH_FILES).map((name) => join(folder, name));
}

/** Read what {@link writeGraph} wrote. @throws CoresetError when a file is missing, damaged or inconsistent */
export function readGraph(folder: string): NeighbourGraph {
  const graph = readNeighbourFiles(join(folder, GRAPH_FILES.neighbours), join(folder, GRAPH_FILES.distances));
  const path = join(folder, GRAPH_FILES.representative);
  const representative = rowNumbers(readNpy(path).data);
  if (representative.length !== graph.rows) {
    throw new CoresetError(`${path} has ${representative.length} rows, the graph has ${graph.rows}`);
  }
  for (let i = 0; i < graph.rows; i++) {
    const first = representative[i];
    if (!(first >= 0 && first <= i && representative[first] === first)) {
      throw new CoresetError(
        `${path}: row ${i} is represented by ${first}; a representative is an earlier row that represents itself`,
      );
    }
  }
  return { ...graph, representative };
}

/**
 * Read ready-made neighbours and distances, from this tool or another (rows × k, integer and float). A row
 * may list itself, as scikit-learn and faiss do; such entries are dropped, and the last one of the rows
 * that do not list themselves with them.
 *
 * @param k how many neighbours to keep per row; default: all
 * @throws CoresetError when the shapes differ, an index is out of range or a distance is not a number ≥ 0
 */
export function readNeighbourFiles(neighboursPath: string, distancesPath: string, k?: number): NeighbourGraph {
  const neighboursFile = readNpy(neighboursPath);
  const distancesFile = readNpy(distancesPath);
  const [rows, columns] = requireTwoDimensions({ path: neighboursPath, shape: neighboursFile.shape });
  const [distanceRows, distanceColumns] = requireTwoDimensions({ path: distancesPath, shape: distancesFile.shape });
  if (rows !== distanceRows || columns !== distanceColumns) {
    throw new CoresetError(
      `${neighboursPath} is ${rows} × ${columns} but ${distancesPath} is ${distanceRows} × ${distanceColumns}; they must match`,
    );
  }
  if (neighboursFile.data instanceof Float32Array || neighboursFile.data instanceof Float64Array) {
    throw new CoresetError(
      `${neighboursPath}: neighbours must be int32 or int64 row numbers, not floating-point numbers`,
    );
  }
  if (!(distancesFile.data instanceof Float32Array || distancesFile.data instanceof Float64Array)) {
    throw new CoresetError(`${distancesPath}: distances must be float32 or float64`);
  }
  const listed = rowNumbers(neighboursFile.data);
  const listedDistances = distancesFile.data;
  requireValidEdges(listed, neighboursFile.data, listedDistances, rows, columns, neighboursPath, distancesPath);
  const { neighbours, distances, k: kept } = withoutSelf(listed, listedDistances, rows, columns, k);
  return { rows, k: kept, neighbours, distances, representative: noDuplicates(rows) };
}

/** Numbers of rows; those that are too large for any become −1. */
function rowNumbers(data: NpyArray): Int32Array {
  if (data instanceof Int32Array) return data;
  return Int32Array.from(data as ArrayLike<number | bigint>, (row) =>
    row >= 0 && row <= GREATEST_ROW ? Number(row) : -1,
  );
}

function requireValidEdges(
  neighbours: Int32Array,
  asGiven: NpyArray,
  distances: Float32Array | Float64Array,
  rows: number,
  columns: number,
  neighboursPath: string,
  distancesPath: string,
): void {
  for (let e = 0; e < neighbours.length; e++) {
    if (!(neighbours[e] >= 0 && neighbours[e] < rows)) {
      throw new CoresetError(
        `${neighboursPath}: row ${Math.floor(e / columns)} lists neighbour ${asGiven[e]}; rows go from 0 to ${rows - 1}`,
      );
    }
    if (!(distances[e] >= 0 && distances[e] < Number.POSITIVE_INFINITY)) {
      throw new CoresetError(
        `${distancesPath}: row ${Math.floor(e / columns)}, column ${e % columns} is ${distances[e]}; distances are finite and ≥ 0`,
      );
    }
  }
}

function withoutSelf(
  listed: Int32Array,
  listedDistances: Float32Array | Float64Array,
  rows: number,
  columns: number,
  wanted: number | undefined,
): { neighbours: Int32Array; distances: Float32Array | Float64Array; k: number } {
  let listsItself = false;
  for (let i = 0; i < rows && !listsItself; i++) {
    for (let c = 0; c < columns; c++) if (listed[i * columns + c] === i) listsItself = true;
  }
  const available = listsItself ? columns - 1 : columns;
  const k = wanted ?? available;
  if (k > available)
    throw new CoresetError(
      `k is ${k}, but the neighbour files list ${available} neighbours per row besides the row itself`,
    );
  const neighbours = new Int32Array(rows * k);
  const distances = listedDistances instanceof Float64Array ? new Float64Array(rows * k) : new Float32Array(rows * k);
  for (let i = 0; i < rows; i++) {
    let filled = 0;
    for (let c = 0; c < columns && filled < k; c++) {
      const entry = i * columns + c;
      if (listed[entry] === i) continue;
      neighbours[i * k + filled] = listed[entry];
      distances[i * k + filled] = listedDistances[entry];
      filled++;
    }
    if (filled < k) throw new CoresetError(`row ${i} of the neighbour files lists itself more than once`);
  }
  return { neighbours, distances, k };
}
