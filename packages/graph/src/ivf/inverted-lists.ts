import {
  CoresetError,
  createMatrix,
  gatherSteps,
  inParts,
  inTurns,
  type Matrix,
  matrixOf,
  type OnProgress,
  openPool,
  openVectors,
  type RunOptions,
  runBlocks,
  type Steps,
  sampleRows,
  seededRandom,
  sharedInts,
  shareSteps,
  takeRows,
  type Vectors,
} from '@coreset/core';
import {
  type CodeTable,
  createCodeTable,
  exactQmax,
  type Quantiser,
  quantiserSteps,
  RowEncoder,
} from '@coreset/kernels';
import { createProjection, type PrincipalAxes } from '../pca/principal-axes.js';
import type * as axesWorker from '../pca/principal-axes-worker.js';
import type * as assignWorker from './assign-worker.js';
import type { ListsData } from './assign-worker.js';
import { spatialOrder } from './spatial-order.js';

/** All rows as codes, and the lists that they lie near. */
export interface InvertedLists {
  /** The codes by row, then those of the lists' prototypes. */
  table: CodeTable;
  /** rows × probes, the lists nearest to each row, its own first, −1 beyond the last. */
  near: Int32Array;
}

const SAMPLED_ROWS_PER_LIST = 16;
const ITERATIONS = 2;
const ROWS_PER_TASK = 2048;

/** Find lists by k-means on a sample of the rows, and assign every row, all by codes along the principal axes. */
export async function trainAndAssign(
  vectors: Vectors,
  lists: number,
  probes: number,
  seed: number,
  options: RunOptions,
  onAssigned: (rows: number) => void,
): Promise<InvertedLists> {
  const axes = await axesOf(vectors, options);
  const sample = await sampleAlong(axes, vectors, lists * SAMPLED_ROWS_PER_LIST, seed, options.signal);
  const quantiser = await inTurns(quantiserSteps(sample, await exactQmax()), options.signal);
  const found = matrixOf(await trainCentroids(sample, quantiser, lists, options), lists, sample.cols);
  const prototypes = takeRows(found, spatialOrder(found.data, found.cols)).data;
  const data = await assignment(vectors, axes, quantiser, lists, probes, options.signal);
  new RowEncoder(data.table).put(prototypes, vectors.rows);
  await withPool(data, options, async (run) => {
    await run('encode');
    await run('assign', ({ done }) => onAssigned(done));
  });
  return data;
}

/** On a thread of their own. */
async function axesOf(vectors: Vectors, options: RunOptions): Promise<PrincipalAxes | undefined> {
  const pool = openPool<typeof axesWorker>(
    new URL('../pca/principal-axes-worker.js', import.meta.url),
    vectors,
    options,
  );
  try {
    return await pool.run('principalAxes');
  } finally {
    await pool.close();
  }
}

/** Rows of a sample along the axes; what other rows have beyond its greatest number is cut off, which their errors show. */
async function sampleAlong(
  axes: PrincipalAxes | undefined,
  vectors: Vectors,
  count: number,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  const rows = sampleRows(vectors.rows, count, seededRandom(seed));
  const project = axes && (await createProjection(axes));
  const sample = createMatrix(rows.length, axes?.dims ?? vectors.cols);
  const reader = openVectors(vectors);
  try {
    for (let start = 0; start < rows.length; start += ROWS_PER_TASK) {
      await new Promise(setImmediate);
      signal?.throwIfAborted();
      const values = reader.gather(rows.slice(start, start + ROWS_PER_TASK));
      sample.data.set(project ? await project(values) : values, start * sample.cols);
    }
  } finally {
    reader.close();
  }
  return sample;
}

/** Lloyd's k-means, begun with some of the sample. A list that loses all its rows stays where it was. @returns lists × cols */
async function trainCentroids(
  sample: Matrix,
  quantiser: Quantiser,
  lists: number,
  options: RunOptions,
): Promise<Float32Array> {
  const { rows } = sample;
  const first = sampleRows(rows, lists, seededRandom(0));
  const prototypes = Float32Array.from((await inTurns(gatherSteps(sample, first), options.signal)).data);
  const data = await assignment(sample, undefined, quantiser, lists, 1, options.signal);
  const encoder = new RowEncoder(data.table);
  await withPool(data, options, async (run) => {
    await run('encode');
    for (let i = 0; i < ITERATIONS; i++) {
      encoder.put(prototypes, rows);
      await run('assign');
      await inTurns(moveToMeans(prototypes, sample, data.near), options.signal);
    }
  });
  return prototypes;
}

function* moveToMeans(prototypes: Float32Array, { data, rows, cols }: Matrix, list: Int32Array): Steps<void> {
  const sums = new Float64Array(prototypes.length);
  const counts = new Int32Array(prototypes.length / cols);
  yield* inParts(
    rows,
    (start, end) => {
      for (let i = start; i < end; i++) {
        counts[list[i]]++;
        for (let c = 0, from = i * cols, to = list[i] * cols; c < cols; c++) sums[to + c] += data[from + c];
      }
    },
    ROWS_PER_TASK,
  );
  for (let l = 0; l < counts.length; l++) {
    if (counts[l] === 0) continue;
    for (let c = l * cols; c < (l + 1) * cols; c++) prototypes[c] = sums[c] / counts[l];
  }
}

async function assignment(
  vectors: Vectors,
  axes: PrincipalAxes | undefined,
  quantiser: Quantiser,
  lists: number,
  probes: number,
  signal: AbortSignal | undefined,
): Promise<ListsData> {
  const table = createCodeTable(vectors.rows + lists, quantiser);
  if (table === undefined) {
    throw new CoresetError('ivf holds one byte per number and at most 4 GiB of them; use the exact backend');
  }
  const near = sharedInts(vectors.rows * probes);
  return { vectors: await inTurns(shareSteps(vectors), signal), axes, table, probes, near };
}

async function withPool(
  data: ListsData,
  options: RunOptions,
  work: (run: (task: 'encode' | 'assign', onProgress?: OnProgress) => Promise<void>) => Promise<void>,
): Promise<void> {
  const pool = openPool<typeof assignWorker>(new URL('./assign-worker.js', import.meta.url), data, options);
  try {
    await work((task, onProgress) =>
      runBlocks(pool, task, data.vectors.rows, ROWS_PER_TASK, 'graph', { ...options, onProgress }),
    );
  } finally {
    await pool.close();
  }
}
