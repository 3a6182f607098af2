import { type Block, type Matrix, openVectors, range, rowBuffer, squaredDistance, sumOfSquares } from '@coreset/core';
import { type CodeTable, createCodeProducts, RowEncoder, type Tensor } from '@coreset/kernels';
import { createNearestPrototype } from './nearest-prototype.js';

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

/** Prototypes in one product of codes. */
const COLUMNS = 512;

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
  const byFloats = createNearestPrototype(count, cols);
  const byCodes = table && createNearestCode(table, rows.rows);
  let floatPass = -1;

  function encode({ start, end }: Block): void {
    encoder?.putFrom(reader, start, end);
  }

  async function label({ start, end }: Block): Promise<void> {
    const { use, label } = await byFloats;
    if (floatPass !== pass[0]) use(prototypes);
    floatPass = pass[0];
    labels.set(await label(reader.read(start, end, room(end - start))), start);
  }

  async function labelByCodes({ start, end }: Block): Promise<void> {
    await (await byCodes)?.(labels, start, end, pass[0]);
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

type LabelByCodes = (labels: Int32Array, start: number, end: number, pass: number) => Promise<void>;

/** @param rows those of the table that are no prototypes */
async function createNearestCode(table: CodeTable, rows: number): Promise<LabelByCodes> {
  const count = table.rows - rows;
  const queries = Math.min(COLUMNS, count);
  const { scan, baseRows, columnsOf, setBase, multiply } = await createCodeProducts(table, {
    queries,
    lists: 0,
    candidates: 1,
  });
  let columns: Tensor[] = [];
  let columnsPass = -1;
  return async (labels, start, end, pass) => {
    if (columnsPass !== pass) {
      columns = [];
      for (let first = rows; first < table.rows; first += queries) {
        columns.push(columnsOf(range(first, Math.min(table.rows, first + queries))));
      }
      columnsPass = pass;
    }
    for (let base = start; base < end; base += baseRows) {
      const baseEnd = Math.min(end, base + baseRows);
      setBase(range(base, baseEnd));
      scan.forgetBest();
      for (let block = 0, first = 0; block < columns.length; block++, first += queries) {
        const real = Math.min(queries, count - first);
        await multiply(baseEnd - base, columns[block]);
        scan.queryNormTerms.set(table.normTerms.subarray(rows + first, rows + first + real));
        scan.takeBest(baseEnd - base, real, first);
      }
      labels.set(scan.best.subarray(0, baseEnd - base), base);
    }
  };
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
