import {
  type CodeTable,
  createCodeKernel,
  createKernel,
  ElementType,
  encodeInto,
  floatTensor,
  type InferenceSession,
  negativeSquaredNorms,
  normaliseRows,
  openVectors,
  rowBuffer,
  squaredDistance,
  type Tasks,
  type Vectors,
} from '@coreset/core';

/** Shared with every worker; `prototypes` is rewritten between passes. */
export interface AssignData {
  vectors: Vectors;
  /** P × cols, in shared memory. */
  prototypes: Float32Array;
  count: number;
  /** Nearest prototype of each row, in shared memory. */
  labels: Int32Array;
  /** Euclidean distance to it, in shared memory. */
  distances: Float64Array;
  /** Scale rows to length 1 first (cosine). */
  normalise: boolean;
  /** Places for the rows' codes, then those of the prototypes; for assignment by codes only. */
  table?: CodeTable;
}

/** Sums of one block's rows per prototype, for the update step. */
export interface BlockSums {
  sums: Float64Array;
  counts: Int32Array;
}

/** Rows assigned in one product with as many prototypes. */
const QUERIES = 512;

interface Block {
  start: number;
  end: number;
}

export function serve({ vectors, prototypes, count, labels, distances, normalise, table }: AssignData): Tasks {
  const { cols } = vectors;
  const reader = openVectors(vectors);
  const room = rowBuffer(cols);
  const codeKernel = table && createCodeKernel(table, 1, QUERIES);
  const prototypePlaces = Int32Array.from({ length: count }, (_, p) => vectors.rows + p);

  /** argmax over prototypes of 2 x·c − |c|², which is the argmin of |x − c|²; ties go to the lowest index. */
  let kernel: Promise<InferenceSession> | undefined;
  const openKernel = (): Promise<InferenceSession> =>
    createKernel({
      name: 'assign',
      inputs: [
        { name: 'rows', type: ElementType.float32, shape: ['m', cols] },
        { name: 'prototypes', type: ElementType.float32, shape: [count, cols] },
        { name: 'bias', type: ElementType.float32, shape: [1, count] },
      ],
      outputs: [{ name: 'label', type: ElementType.int32, shape: ['m'] }],
      nodes: [
        {
          op: 'Gemm',
          inputs: ['rows', 'prototypes', 'bias'],
          outputs: ['score'],
          attributes: { alpha: { float: 2 }, transB: 1 },
        },
        { op: 'ArgMax', inputs: ['score'], outputs: ['label64'], attributes: { axis: 1, keepdims: 0 } },
        { op: 'Cast', inputs: ['label64'], outputs: ['label'], attributes: { to: ElementType.int32 } },
      ],
    });

  function rowsOf({ start, end }: Block): Float32Array {
    const rows = reader.read(start, end, room(end - start));
    if (normalise) normaliseRows(rows, cols);
    return rows;
  }

  async function label(rows: Float32Array, { start, end }: Block): Promise<void> {
    kernel ??= openKernel();
    const { label } = await (await kernel).run({
      rows: floatTensor(rows, [end - start, cols]),
      prototypes: floatTensor(prototypes.slice(), [count, cols]),
      bias: floatTensor(negativeSquaredNorms(prototypes, cols), [1, count]),
    });
    labels.set(label.data as Int32Array, start);
  }

  /** By the least distance of codes, which for a row between two prototypes need not be the least distance. */
  async function labelByCodes({ start, end }: Block): Promise<void> {
    if (codeKernel === undefined) throw new Error('there are no codes');
    const { queries, scan } = await codeKernel;
    const blocks = [];
    for (let row = start; row < end; row += QUERIES) {
      blocks.push(
        queries(
          Int32Array.from({ length: Math.min(QUERIES, end - row) }, (_, i) => row + i),
          1,
        ),
      );
    }
    await scan(blocks, prototypePlaces);
    for (const { places, list } of blocks) {
      list.write(labels, places[0]);
      for (const row of places) labels[row] -= vectors.rows;
    }
  }

  function measure(rows: Float32Array, { start, end }: Block): void {
    for (let i = start; i < end; i++) {
      distances[i] = Math.sqrt(squaredDistance(rows, i - start, prototypes, labels[i], cols));
    }
  }

  function sum(rows: Float32Array, { start, end }: Block): BlockSums {
    const sums = new Float64Array(count * cols);
    const counts = new Int32Array(count);
    for (let i = start; i < end; i++) {
      counts[labels[i]]++;
      const from = (i - start) * cols;
      const to = labels[i] * cols;
      for (let c = 0; c < cols; c++) sums[to + c] += rows[from + c];
    }
    return { sums, counts };
  }

  /** Assign a block of rows to their nearest prototypes. */
  async function assign(block: Block): Promise<void> {
    const rows = rowsOf(block);
    await label(rows, block);
    measure(rows, block);
  }

  /** Assign a block and sum its rows per prototype. */
  async function assignAndSum(block: Block): Promise<BlockSums> {
    const rows = rowsOf(block);
    await label(rows, block);
    measure(rows, block);
    return sum(rows, block);
  }

  /** Put the codes of a block into the table. */
  function encode(block: Block): void {
    if (table !== undefined) encodeInto(table, rowsOf(block), block.start);
  }

  /** The same by codes. */
  async function assignAndSumByCodes(block: Block): Promise<BlockSums> {
    await labelByCodes(block);
    const rows = rowsOf(block);
    measure(rows, block);
    return sum(rows, block);
  }

  return { assign, assignAndSum, encode, assignAndSumByCodes, close: () => reader.close() };
}
