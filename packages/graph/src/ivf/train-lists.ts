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
import { createProjection } from '../pca/principal-axes.js';
import type * as axesWorker from '../pca/principal-axes-worker.js';
import type * as assignWorker from './assign-worker.js';
import type { AssignData } from './assign-worker.js';
import { spatialOrder } from './spatial-order.js';

/** All rows as codes, and each row's lists. */
export interface AssignedRows {
  /** The codes of the rows, then those of the lists' centroids. */
  table: CodeTable;
  /** rows × probes: the lists whose centroids are nearest to each row, nearest first; the first is the list that holds it. */
  assignment: Int32Array;
}

const SAMPLED_ROWS_PER_LIST = 16;
const ITERATIONS = 2;
const ROWS_PER_TASK = 2048;

/**
 * Train the coarse quantizer (k-means on a sample of the rows) and assign every row to its nearest lists. All of it works on
 * codes along the principal axes.
 */
export async function trainAndAssign(
  vectors: Vectors,
  lists: number,
  probes: number,
  seed: number,
  options: RunOptions,
  onAssigned: (rows: number) => void,
): Promise<AssignedRows> {
  const axes = await axesOf(vectors, options);
  const sample = await sampleAlong(axes, vectors, lists * SAMPLED_ROWS_PER_LIST, seed, options.signal);
  const quantiser = await inTurns(quantiserSteps(sample, await exactQmax()), options.signal);
  const trained = matrixOf(await trainCentroids(sample, quantiser, lists, options), lists, sample.cols);
  const centroids = takeRows(trained, spatialOrder(trained.data, trained.cols)).data;
  const data = await assignData(vectors, axes, quantiser, lists, probes, options.signal);
  new RowEncoder(data.table).put(centroids, vectors.rows);
  await withPool(data, options, async (run) => {
    await run('encode');
    await run('assign', ({ done }) => onAssigned(done));
  });
  return data;
}

/** On a thread of their own. */
async function axesOf(vectors: Vectors, options: RunOptions): Promise<Matrix | undefined> {
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

/** A sample of the rows, projected on the axes. Codes of other rows are cut off at its greatest number; their errors tell. */
async function sampleAlong(
  axes: Matrix | undefined,
  vectors: Vectors,
  count: number,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  const rows = sampleRows(vectors.rows, count, seededRandom(seed));
  const project = axes && (await createProjection(axes));
  const sample = createMatrix(rows.length, axes?.rows ?? vectors.cols);
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

/** Lloyd's k-means, which begins with rows of the sample. A centroid that loses all its rows stays where it was. @returns lists × cols */
async function trainCentroids(
  sample: Matrix,
  quantiser: Quantiser,
  lists: number,
  options: RunOptions,
): Promise<Float32Array> {
  const { rows } = sample;
  const first = sampleRows(rows, lists, seededRandom(0));
  const centroids = Float32Array.from((await inTurns(gatherSteps(sample, first), options.signal)).data);
  const data = await assignData(sample, undefined, quantiser, lists, 1, options.signal);
  const encoder = new RowEncoder(data.table);
  await withPool(data, options, async (run) => {
    await run('encode');
    for (let i = 0; i < ITERATIONS; i++) {
      encoder.put(centroids, rows);
      await run('assign');
      await inTurns(moveToMeans(centroids, sample, data.assignment), options.signal);
    }
  });
  return centroids;
}

/** The update step of Lloyd's k-means. */
function* moveToMeans(centroids: Float32Array, { data, rows, cols }: Matrix, list: Int32Array): Steps<void> {
  const sums = new Float64Array(centroids.length);
  const counts = new Int32Array(centroids.length / cols);
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
    for (let c = l * cols; c < (l + 1) * cols; c++) centroids[c] = sums[c] / counts[l];
  }
}

async function assignData(
  vectors: Vectors,
  axes: Matrix | undefined,
  quantiser: Quantiser,
  lists: number,
  probes: number,
  signal: AbortSignal | undefined,
): Promise<AssignData> {
  const table = createCodeTable(vectors.rows + lists, quantiser);
  if (table === undefined) {
    throw new CoresetError('ivf holds one byte per number and at most 4 GiB of them; use the exact backend');
  }
  const assignment = sharedInts(vectors.rows * probes);
  return { vectors: await inTurns(shareSteps(vectors), signal), axes, table, probes, assignment };
}

async function withPool(
  data: AssignData,
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
