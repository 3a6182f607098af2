import { type Block, openVectors, range, ranges, rowBuffer, type Vectors } from '@coreset/core';
import { type CodeTable, candidateLists, createBlockSearch, QUERY_ROWS, RowEncoder } from '@coreset/kernels';
import { createProjection, type PrincipalAxes } from '../pca/principal-axes.js';

/** What the threads share that code rows and assign them to lists; all arrays in shared memory. */
export interface ListsData {
  vectors: Vectors;
  /** Directions along which rows are coded; undefined: as they are. */
  axes: PrincipalAxes | undefined;
  /** Slots for the codes of all rows, then the codes of the lists' prototypes. */
  table: CodeTable;
  probes: number;
  /** rows × probes, the lists nearest to each row, nearest first, −1 beyond the last. */
  near: Int32Array;
}

/** One prototype in so many tells what score the lists near a row will reach, so that few others are listed for a while. */
const SAMPLE_STEP = 16;
/** The sample's nearest are so many times as many as their share: few rows get fewer lists than they may. */
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

export function serve({ vectors, axes, table, probes, near }: ListsData): AssignTasks {
  const { rows } = vectors;
  const reader = openVectors(vectors);
  const room = rowBuffer(vectors.cols);
  const encoder = new RowEncoder(table);
  const projection = axes && createProjection(axes);
  const kernel = createBlockSearch(table, probes);
  const prototypes = range(rows, table.rows);
  const sample = prototypes.filter((_, list) => list % SAMPLE_STEP === 0);
  const isWorthwhile = prototypes.length >= LEAST_LISTS && 3 * probes <= prototypes.length;
  const sampleCapacity = isWorthwhile ? Math.ceil((CAUTION * probes) / SAMPLE_STEP) : 0;

  async function encode({ start, end }: Block): Promise<void> {
    const values = reader.read(start, end, room(end - start));
    encoder.put(projection ? await (await projection)(values) : values, start);
  }

  async function assign({ start, end }: Block): Promise<void> {
    const { queries, scan } = await kernel;
    const blocks = ranges(start, end, QUERY_ROWS).map((slots) => queries(slots, probes));
    if (sampleCapacity > 0) {
      const sampled = blocks.map((block) => ({ ...block, lists: candidateLists(block.slots.length, sampleCapacity) }));
      await scan(sampled, sample);
      blocks.forEach(({ lists }, b) => {
        lists.thresholds.set(sampled[b].lists.thresholds);
      });
    }
    await scan(blocks, prototypes);
    for (const { slots, lists } of blocks) {
      const first = slots[0] * probes;
      lists.write(0, slots.length, near, first);
      for (let e = first; e < first + slots.length * probes; e++) if (near[e] >= 0) near[e] -= rows;
    }
  }

  return { encode, assign, close: () => reader.close() };
}
