import { type Block, type Matrix, openVectors, range, ranges, rowBuffer, type Vectors } from '@coreset/core';
import { type CodeTable, candidateLists, createBlockSearch, QUERY_ROWS, RowEncoder } from '@coreset/kernels';
import { createProjection } from '../pca/principal-axes.js';

/** What threads share that encode rows and assign them to lists; all arrays in shared memory. */
export interface AssignData {
  vectors: Vectors;
  /** Principal axes on which rows are projected before they are encoded; undefined: none. */
  axes: Matrix | undefined;
  /** Slots for the codes of all rows, then the codes of the lists' centroids. */
  table: CodeTable;
  /** Lists per row. */
  probes: number;
  /** rows × probes: the lists whose centroids are nearest to each row, nearest first, −1 beyond the last. */
  assignment: Int32Array;
}

/**
 * One centroid in so many is searched first: the scores of a row's nearest among these are a threshold that few of the other
 * centroids reach.
 */
const SAMPLE_STEP = 16;
/** The nearest taken of the sample are so many times their share, so that few rows get fewer lists than `probes`. */
const CAUTION = 1.5;
const LEAST_LISTS = 256;

/** The tasks of a worker. */
export interface AssignTasks {
  /** Put the codes of rows into the table. */
  encode(rows: Block): Promise<void>;
  /** Find the lists whose centroids are nearest to each row. */
  assign(rows: Block): Promise<void>;
  close(): void;
}

export function serve({ vectors, axes, table, probes, assignment }: AssignData): AssignTasks {
  const { rows } = vectors;
  const reader = openVectors(vectors);
  const room = rowBuffer(vectors.cols);
  const encoder = new RowEncoder(table);
  const projection = axes && createProjection(axes);
  const search = createBlockSearch(table, probes);
  const centroids = range(rows, table.rows);
  const sample = centroids.filter((_, list) => list % SAMPLE_STEP === 0);
  const isWorthwhile = centroids.length >= LEAST_LISTS && 3 * probes <= centroids.length;
  const sampleCapacity = isWorthwhile ? Math.ceil((CAUTION * probes) / SAMPLE_STEP) : 0;

  async function encode({ start, end }: Block): Promise<void> {
    const values = reader.read(start, end, room(end - start));
    encoder.put(projection ? await (await projection)(values) : values, start);
  }

  async function assign({ start, end }: Block): Promise<void> {
    const { queries, scan } = await search;
    const blocks = ranges(start, end, QUERY_ROWS).map((slots) => queries(slots, probes));
    if (sampleCapacity > 0) {
      const sampled = blocks.map((block) => ({ ...block, lists: candidateLists(block.slots.length, sampleCapacity) }));
      await scan(sampled, sample);
      blocks.forEach(({ lists }, b) => {
        lists.thresholds.set(sampled[b].lists.thresholds);
      });
    }
    await scan(blocks, centroids);
    for (const { slots, lists } of blocks) {
      const first = slots[0] * probes;
      lists.write(0, slots.length, assignment, first);
      for (let e = first; e < first + slots.length * probes; e++) if (assignment[e] >= 0) assignment[e] -= rows;
    }
  }

  return { encode, assign, close: () => reader.close() };
}
