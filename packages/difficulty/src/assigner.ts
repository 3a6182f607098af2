import {
  type CodeTable,
  createCodeTable,
  encodeInto,
  fitQuantiser,
  gatherRows,
  largestExactCode,
  type Matrix,
  normaliseRows,
  openPool,
  type RunOptions,
  runBlocks,
  sampleRows,
  seededRandom,
  shareVectors,
  type Vectors,
} from '@coreset/core';
import type { AssignData, BlockSums } from './assign-worker.js';

/** Distance between a row and a prototype. For `cosine` both are scaled to length 1 and the distance is 1 − cos. */
export type Metric = 'euclidean' | 'cosine';

const BLOCK_ROWS = 4096;
/** With fewer multiplications an assignment takes about as long as making codes. */
const WORTH_CODES = 1e9;
const QUANTISER_SAMPLE = 16_384;
/** Codes assign as well as floats as long as their errors are this small beside the distances to prototypes. */
const GREATEST_ERROR = 0.05;

/** Worker threads that assign the rows of one matrix to a set of prototypes, again and again. */
export interface Assigner {
  labels: Int32Array;
  /** Euclidean distance of each row (scaled to length 1 for cosine) to its prototype. */
  distances: Float64Array;
  /** P × cols; rewrite it and call {@link assign} again. */
  prototypes: Float32Array;
  assign(stage: string): Promise<void>;
  /**
   * Assign, and sum the rows of each prototype. Large inputs are assigned by one-byte codes, which differs from the least
   * distance where two prototypes are about as near.
   */
  assignAndSum(stage: string): Promise<BlockSums>;
  close(): Promise<void>;
}

export function openAssigner(vectors: Vectors, prototypes: Matrix, metric: Metric, options: RunOptions): Assigner {
  return assigner(vectors, prototypes, metric, options, undefined);
}

/** An assigner whose {@link Assigner.assignAndSum} goes by codes where that pays and they are good enough. */
export async function openTrainer(
  vectors: Vectors,
  prototypes: Matrix,
  metric: Metric,
  options: RunOptions,
): Promise<Assigner> {
  const { rows, cols } = vectors;
  if (rows * prototypes.rows * cols < WORTH_CODES) return openAssigner(vectors, prototypes, metric, options);
  const sample = gatherRows(vectors, sampleRows(rows, QUANTISER_SAMPLE, seededRandom(0)));
  if (metric === 'cosine') normaliseRows(sample.data, cols);
  const table = createCodeTable(rows + prototypes.rows, fitQuantiser(sample, await largestExactCode()));
  return assigner(vectors, prototypes, metric, options, table);
}

function assigner(
  vectors: Vectors,
  prototypes: Matrix,
  metric: Metric,
  options: RunOptions,
  table: CodeTable | undefined,
): Assigner {
  const { rows, cols } = vectors;
  const data: AssignData = {
    vectors: shareVectors(vectors),
    prototypes: new Float32Array(new SharedArrayBuffer(prototypes.data.byteLength)),
    count: prototypes.rows,
    labels: new Int32Array(new SharedArrayBuffer(rows * 4)),
    distances: new Float64Array(new SharedArrayBuffer(rows * 8)),
    normalise: metric === 'cosine',
    table,
  };
  data.prototypes.set(prototypes.data);
  if (metric === 'cosine') normaliseRows(data.prototypes, cols);
  const pool = openPool(new URL('./assign-worker.js', import.meta.url), data, options);
  const run = (task: string, stage: string, onResult?: (result: unknown, start: number) => void): Promise<void> =>
    runBlocks(pool, task, rows, BLOCK_ROWS, stage, options, onResult);

  async function sumBlocks(task: string, stage: string): Promise<BlockSums> {
    const sums = new Float64Array(data.count * cols);
    const counts = new Int32Array(data.count);
    const waiting = new Map<number, BlockSums>();
    let next = 0;
    await run(task, stage, (result, start) => {
      waiting.set(start, result as BlockSums);
      // Blocks are added in their order, whichever finished first: float addition is not associative.
      for (let block = waiting.get(next); block !== undefined; block = waiting.get(next)) {
        waiting.delete(next);
        next += BLOCK_ROWS;
        for (let i = 0; i < sums.length; i++) sums[i] += block.sums[i];
        for (let p = 0; p < counts.length; p++) counts[p] += block.counts[p];
      }
    });
    return { sums, counts };
  }

  let codes: 'none' | 'empty' | 'encoded' = table ? 'empty' : 'none';
  return {
    labels: data.labels,
    distances: data.distances,
    prototypes: data.prototypes,
    assign: (stage) => run('assign', stage),
    async assignAndSum(stage) {
      if (table && codes !== 'none') {
        if (codes === 'empty') await run('encode', stage);
        codes = 'encoded';
        encodeInto(table, data.prototypes, rows);
        const result = await sumBlocks('assignAndSumByCodes', stage);
        if (rootMeanSquare(table.errors, rows) <= GREATEST_ERROR * rootMeanSquare(data.distances, rows)) return result;
        codes = 'none';
      }
      return sumBlocks('assignAndSum', stage);
    },
    close: () => pool.close(),
  };
}

function rootMeanSquare(values: Float32Array | Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i] * values[i];
  return Math.sqrt(sum / count);
}
