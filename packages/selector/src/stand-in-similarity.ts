import { cosineOf, openVectors, rowBuffer, type Steps, type VectorReader, type Vectors } from '@coreset/core';
import type { StandIns } from './stand-ins.js';

/** How near each row is to the kept row that stands for it. */
export interface Nearness {
  /** Cosine, −1 to 1, to six decimals, which is what float32 means; 1 for a kept row, NaN where no row stands for it. */
  similarity: Float64Array;
  /** Squared Euclidean distance; 0 for a kept row, Infinity where no row stands for it. */
  squaredDistance: Float64Array;
}

/** Numbers that are read at once, twice. */
const NUMBERS_AT_ONCE = 2 ** 20;

/**
 * Measure how near each row is to the kept row that stands for it. Vectors in a file are read in blocks, each with the
 * kept rows that stand for its rows: some megabytes at a time, however many rows there are.
 */
export function* nearness(vectors: Vectors, { by }: Pick<StandIns, 'by'>): Steps<Nearness> {
  const { rows } = vectors;
  const similarity = new Float64Array(rows).fill(1);
  const squaredDistance = new Float64Array(rows);
  const reader = openVectors(vectors);
  const pairs = new PairsRead(reader, by);
  const found = new Float64Array(4);
  try {
    for (let start = 0; start < rows; start += pairs.most) {
      yield;
      const end = Math.min(rows, start + pairs.most);
      pairs.read(start, end);
      for (let row = start; row < end; row++) {
        if (by[row] === row) continue;
        if (by[row] < 0) {
          similarity[row] = Number.NaN;
          squaredDistance[row] = Number.POSITIVE_INFINITY;
          continue;
        }
        pairs.measure(row, found);
        similarity[row] = cosineOf(found[0], found[1], found[2]);
        squaredDistance[row] = found[3];
      }
    }
  } finally {
    reader.close();
  }
  return { similarity, squaredDistance };
}

/** Rows that follow each other, and beside them the kept rows that stand for them, each once. */
class PairsRead {
  /** Rows that are read at once. */
  readonly most: number;
  private readonly room: (rows: number) => Float32Array;
  private readonly keptRoom: (rows: number) => Float32Array;
  /** Where each kept row was read to. */
  private readonly slots: Int32Array;
  private readonly distinct: Int32Array;
  private block: Float32Array = new Float32Array(0);
  private kept: Float32Array = new Float32Array(0);
  private start = 0;

  constructor(
    private readonly reader: VectorReader,
    private readonly by: Int32Array,
  ) {
    const { rows, cols } = reader;
    this.most = Math.max(1, Math.floor(NUMBERS_AT_ONCE / cols));
    this.room = rowBuffer(cols);
    this.keptRoom = rowBuffer(cols);
    this.slots = new Int32Array(rows);
    this.distinct = new Int32Array(Math.min(rows, this.most));
  }

  read(start: number, end: number): void {
    const { by, slots, distinct, reader } = this;
    let count = 0;
    for (let row = start; row < end; row++) if (by[row] >= 0 && by[row] !== row) distinct[count++] = by[row];
    const sorted = distinct.subarray(0, count).sort();
    count = 0;
    for (let i = 0; i < sorted.length; i++) {
      if (i > 0 && sorted[i] === sorted[i - 1]) continue;
      slots[sorted[i]] = count;
      distinct[count++] = sorted[i];
    }
    this.start = start;
    this.block = reader.read(start, end, this.room(end - start));
    this.kept = reader.gather(distinct.subarray(0, count), this.keptRoom(count));
  }

  /** Of a row and the kept row that stands for it: the squared length of each, their product and squared distance, in float64. */
  measure(row: number, found: Float64Array): void {
    const { block, kept, slots, by, start } = this;
    const { cols } = this.reader;
    let ofRow = 0;
    let ofKept = 0;
    let product = 0;
    let squaredDistance = 0;
    const a = (row - start) * cols;
    const b = slots[by[row]] * cols;
    for (let c = 0; c < cols; c++) {
      const x = block[a + c];
      const y = kept[b + c];
      ofRow += x * x;
      ofKept += y * y;
      product += x * y;
      squaredDistance += (x - y) * (x - y);
    }
    found[0] = ofRow;
    found[1] = ofKept;
    found[2] = product;
    found[3] = squaredDistance;
  }
}
