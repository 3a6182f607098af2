import {
  CoresetError,
  gatherSteps,
  inTurns,
  type Matrix,
  noProgress,
  openPool,
  type RunOptions,
  runBlocks,
  sampleRows,
  seededRandom,
  sharedInts,
  startThreads,
  sumOfSquares,
} from '@coreset/core';
import { type CodeTable, createCodeTable, exactQmax, quantiserSteps, RowEncoder } from '@coreset/kernels';
import type * as worker from './training-worker.js';
import type { TrainingData } from './training-worker.js';

const WORKER: URL = new URL('./training-worker.js', import.meta.url);
const BLOCK_ROWS = 4096;
/** Columns are summed in slices of at least a cache line, two per thread. */
const LEAST_COLUMNS = 16;
/** With fewer multiplications encoding the rows takes as long as assigning them in float32. */
const WORTH_CODES = 1e9;
const QUANTISER_SAMPLE = 16_384;
/** Codes assign as well as float32 while their errors are this share of the distances to prototypes at most (root mean square). */
const GREATEST_ERROR = 0.05;

/** What a pass over the training rows found; the sums and counts are of the rows of each prototype. */
export interface Pass {
  /** P × cols; rewritten by the next pass. */
  sums: Float64Array;
  counts: Int32Array;
  /** Sum of squared Euclidean distances of the rows to their prototypes. */
  inertia: number;
  /** By what the rows were assigned. */
  assignedBy: 'codes' | 'floats';
}

/** Worker threads that assign the same rows to prototypes again and again. */
export interface Trainer {
  /** P × cols; rewrite it and call {@link pass} again. */
  prototypes: Float32Array;
  /**
   * Assign the rows to the prototypes. Many rows are assigned by one-byte codes, unless codes are too coarse: a row between two
   * prototypes may then get the second nearest.
   */
  pass(): Promise<Pass>;
  /** Squared Euclidean distance of each row to the prototype that the last pass assigned it to. */
  squaredDistances(): Promise<Float64Array>;
  close(): Promise<void>;
}

/** Start threads while the first prototypes are being seeded. */
export function startTrainingThreads(rows: number, options: RunOptions): void {
  startThreads(WORKER, Math.ceil(rows / BLOCK_ROWS), options);
}

/** @param rows in shared memory */
export async function openTrainer(rows: Matrix, start: Matrix, options: RunOptions): Promise<Trainer> {
  const { cols } = rows;
  const count = start.rows;
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);
  const data: TrainingData = {
    rows,
    prototypes: new Float32Array(shared(count * cols * 4)),
    count,
    pass: sharedInts(1),
    labels: sharedInts(rows.rows),
    sums: new Float64Array(shared(count * cols * 8)),
    summedIn: sharedInts(rows.rows).fill(-1),
    squaredDistances: new Float64Array(shared(rows.rows * 8)),
    table: await codesFor(rows, count, options.signal),
  };
  data.prototypes.set(start.data);
  const pool = openPool<typeof worker>(WORKER, data, options);
  const quiet = { ...options, onProgress: noProgress };
  const onRows = (task: 'encode' | 'label' | 'labelByCodes' | 'measure'): Promise<void> =>
    runBlocks(pool, task, rows.rows, BLOCK_ROWS, 'prototypes', quiet);
  const sliceColumns = Math.max(LEAST_COLUMNS, Math.ceil(cols / (2 * pool.threads)));

  /** The inertia of a prototype c is Σ|x|² − 2 c·Σx + n|c|², so no distance is computed. */
  async function assigned(task: 'label' | 'labelByCodes', squaredNorms: number): Promise<Pass> {
    const { sums, labels, prototypes } = data;
    await onRows(task);
    await runBlocks(pool, 'sumColumns', cols, sliceColumns, 'prototypes', quiet);
    data.summedIn.set(labels);
    const counts = new Int32Array(count);
    for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
    let inertia = squaredNorms;
    for (let p = 0, at = 0; p < count; p++) {
      for (let c = 0; c < cols; c++, at++) inertia += prototypes[at] * (counts[p] * prototypes[at] - 2 * sums[at]);
    }
    const assignedBy = task === 'labelByCodes' ? 'codes' : 'floats';
    return { sums, counts, inertia: Math.max(0, inertia), assignedBy };
  }

  /** The sum over all rows, added block by block in the order of the rows. */
  async function sumOfSquaredNorms(): Promise<number> {
    const sums: number[] = [];
    await runBlocks(pool, 'squaredNorms', rows.rows, BLOCK_ROWS, 'prototypes', quiet, (sum, { start }) => {
      sums[start / BLOCK_ROWS] = sum;
    });
    const sum = sums.reduce((total, part) => total + part, 0);
    if (!Number.isFinite(sum)) throw new CoresetError('k-means: the vectors hold a number that is not finite');
    return sum;
  }

  let squaredNorms: number | undefined;
  let { table } = data;
  const encoder = table && new RowEncoder(table);
  return {
    prototypes: data.prototypes,
    async pass() {
      if (squaredNorms === undefined) {
        squaredNorms = await sumOfSquaredNorms();
        if (table) await onRows('encode');
      }
      data.pass[0]++;
      if (table) {
        encoder?.put(data.prototypes, rows.rows);
        const pass = await assigned('labelByCodes', squaredNorms);
        if (sumOfSquares(table.errors, 0, rows.rows) <= GREATEST_ERROR ** 2 * pass.inertia) return pass;
        table = undefined;
      }
      return assigned('label', squaredNorms);
    },
    async squaredDistances() {
      await onRows('measure');
      return data.squaredDistances;
    },
    close: () => pool.close(),
  };
}

/** @returns undefined where codes would not pay, or not fit */
async function codesFor(rows: Matrix, count: number, signal: AbortSignal | undefined): Promise<CodeTable | undefined> {
  if (rows.rows * count * rows.cols < WORTH_CODES) return undefined;
  const listed = sampleRows(rows.rows, QUANTISER_SAMPLE, seededRandom(0));
  const sample = await inTurns(gatherSteps(rows, listed), signal);
  return createCodeTable(rows.rows + count, await inTurns(quantiserSteps(sample, await exactQmax()), signal));
}
