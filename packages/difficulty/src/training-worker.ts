import { type Block, type Matrix, openVectors, rowBuffer, squaredDistance, sumOfSquares } from '@coreset/core';
import { type CodeTable, createCodeAssigner, createFloatAssigner, RowEncoder } from '@coreset/kernels';

/** Shared with every worker; all arrays in shared memory. */
export interface TrainingData {
  rows: Matrix;
  /** P × cols; rewritten before each pass. */
  prototypes: Float32Array;
  count: number;
  /** The number of the pass. */
  pass: Int32Array;
  /** Nearest prototype of each row. */
  labels: Int32Array;
  /** P × cols sums of rows, and the prototype in whose sum each row is, −1 for none. */
  sums: Float64Array;
  summedIn: Int32Array;
  /** Squared Euclidean distance of each row to its prototype. */
  squaredDistances: Float64Array;
  /** Slots for the rows' codes, then those of the prototypes; for assignment by codes only. */
  table?: CodeTable;
}

/** The tasks of a worker. */
export interface TrainingTasks {
  /** Put the codes of rows into the table. */
  encode(rows: Block): void;
  /** Find the nearest prototypes of rows. */
  label(rows: Block): Promise<void>;
  /** The same by the least distance of codes, which for a row between two prototypes need not be the least distance. */
  labelByCodes(rows: Block): Promise<void>;
  /** Bring some columns of the sums up to date: each column is summed by one thread, in the order of the rows. */
  sumColumns(columns: Block): void;
  /** The sum of the squared norms of rows. */
  squaredNorms(rows: Block): number;
  /** Write the squared distances of rows to their prototypes. */
  measure(rows: Block): void;
  close(): void;
}

export function serve(data: TrainingData): TrainingTasks {
  const { rows, prototypes, count, pass, labels, table } = data;
  const { cols } = rows;
  const reader = openVectors(rows);
  const room = rowBuffer(cols);
  const encoder = table && new RowEncoder(table);
  const byFloats = createFloatAssigner(count, cols);
  const byCodes = table && createCodeAssigner(table, rows.rows);
  let floatPass = -1;
  let codePass = -1;

  function encode({ start, end }: Block): void {
    encoder?.putFrom(reader, start, end);
  }

  async function label({ start, end }: Block): Promise<void> {
    const assigner = await byFloats;
    if (floatPass !== pass[0]) assigner.use(prototypes);
    floatPass = pass[0];
    labels.set(await assigner.assign(reader.read(start, end, room(end - start))), start);
  }

  async function labelByCodes({ start, end }: Block): Promise<void> {
    const assigner = await byCodes;
    if (assigner === undefined) throw new Error('there are no codes');
    if (codePass !== pass[0]) assigner.use();
    codePass = pass[0];
    await assigner.assign(start, end, labels);
  }

  function sumColumns({ start, end }: Block): void {
    moveRows(data, start, end);
  }

  function squaredNorms({ start, end }: Block): number {
    return sumOfSquares(rows.data, start * cols, end * cols);
  }

  function measure({ start, end }: Block): void {
    for (let i = start; i < end; i++) {
      data.squaredDistances[i] = squaredDistance(rows.data, i, prototypes, labels[i], cols);
    }
  }

  return { encode, label, labelByCodes, sumColumns, squaredNorms, measure, close: () => reader.close() };
}

function moveRows({ rows, labels, summedIn, sums }: TrainingData, start: number, end: number): void {
  const { data, cols } = rows;
  for (let i = 0, from = 0; i < labels.length; i++, from += cols) {
    const to = labels[i] * cols;
    const out = summedIn[i] * cols;
    if (to === out) continue;
    for (let c = start; c < end; c++) sums[to + c] += data[from + c];
    if (out >= 0) for (let c = start; c < end; c++) sums[out + c] -= data[from + c];
  }
}
