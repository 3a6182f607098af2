import {
  type CodeTable,
  createCodeKernel,
  openVectors,
  QUERY_ROWS,
  RowEncoder,
  range,
  rowBuffer,
  type Tasks,
  type Vectors,
} from '@coreset/core';
import { createProjection, type PrincipalAxes } from './principal-axes.js';

/** What the threads share that code rows and assign them to lists; all arrays in shared memory. */
export interface ListsData {
  vectors: Vectors;
  /** Directions along which rows are coded; undefined: as they are. */
  axes: PrincipalAxes | undefined;
  /** Places for the codes of all rows, then the codes of the lists' prototypes. */
  table: CodeTable;
  votes: number;
  /** rows × votes, the lists nearest to each row, nearest first. */
  near: Int32Array;
}

interface Block {
  start: number;
  end: number;
}

export function serve({ vectors, axes, table, votes, near }: ListsData): Tasks {
  const { rows } = vectors;
  const reader = openVectors(vectors);
  const room = rowBuffer(vectors.cols);
  const encoder = new RowEncoder(table);
  const projection = axes && createProjection(axes);
  const kernel = createCodeKernel(table, votes);
  const prototypes = range(rows, table.rows);

  async function encode({ start, end }: Block): Promise<void> {
    const values = reader.read(start, end, room(end - start));
    encoder.put(projection ? await (await projection)(values) : values, start);
  }

  async function assign({ start, end }: Block): Promise<void> {
    const { queries, scan } = await kernel;
    const blocks = [];
    for (let row = start; row < end; row += QUERY_ROWS) {
      const length = Math.min(QUERY_ROWS, end - row);
      blocks.push(queries(range(row, row + length), votes));
    }
    await scan(blocks, prototypes);
    for (const { places, list } of blocks) {
      list.write(near, places[0] * votes);
      for (let e = places[0] * votes; e < (places[0] + places.length) * votes; e++) near[e] -= rows;
    }
  }

  return { encode, assign, close: () => reader.close() };
}
