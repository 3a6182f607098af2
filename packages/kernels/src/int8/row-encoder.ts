import { createMemory, type VectorReader } from '@coreset/core';
import { instantiate } from '../wasm.js';
import type { CodeTable } from './code-table.js';

/** Few rows at a time, so that they stay in the cache. */
const NUMBERS = 131_072;
const MOST_ROWS = 512;
/** An error is rounded to float64 and then to float32; this factor keeps it from becoming too small. */
const ROUNDING = 1 + 1e-6;

/** Encodes rows in WebAssembly and puts the codes into a table. */
export class RowEncoder {
  private readonly rowsAtOnce: number;
  private readonly values: Float32Array;
  private readonly codes: Uint8Array;
  private readonly normTerms: Int32Array;
  private readonly errors: Float64Array;
  private readonly encode: (rows: number) => void;

  constructor(private readonly table: CodeTable) {
    const { cols, quantiser } = table;
    const rowsAtOnce = Math.max(1, Math.min(MOST_ROWS, Math.floor(NUMBERS / cols)));
    const bytes = 8 * (cols + rowsAtOnce) + 4 * rowsAtOnce * (cols + 1) + rowsAtOnce * cols;
    this.rowsAtOnce = rowsAtOnce;
    const memory = createMemory(bytes);
    const mean = new Float64Array(memory.buffer, 0, cols);
    mean.set(quantiser.mean);
    this.errors = new Float64Array(memory.buffer, mean.byteLength, rowsAtOnce);
    this.values = new Float32Array(memory.buffer, endOf(this.errors), rowsAtOnce * cols);
    this.normTerms = new Int32Array(memory.buffer, endOf(this.values), rowsAtOnce);
    this.codes = new Uint8Array(memory.buffer, endOf(this.normTerms), rowsAtOnce * cols);
    const { encode } = instantiate<Record<'encode', (...numbers: number[]) => void>>('int8/encode-rows', memory);
    const addresses = [this.values, mean, this.codes, this.normTerms, this.errors].map((array) => array.byteOffset);
    this.encode = (rows) => encode(...addresses, rows, cols, quantiser.scale, quantiser.qmax);
  }

  /** Encode rows into consecutive slots. */
  put(values: Float32Array, slot: number): void {
    const { rowsAtOnce } = this;
    const { cols } = this.table;
    const rows = values.length / cols;
    for (let start = 0; start < rows; start += rowsAtOnce) {
      const end = Math.min(rows, start + rowsAtOnce);
      this.values.set(values.subarray(start * cols, end * cols));
      this.store(end - start, slot + start);
    }
  }

  /** Encode the rows `first` to `last` − 1 of a reader into the slots of the same numbers. */
  putFrom(reader: VectorReader, first: number, last: number): void {
    const { rowsAtOnce } = this;
    for (let start = first; start < last; start += rowsAtOnce) {
      const end = Math.min(last, start + rowsAtOnce);
      reader.read(start, end, this.values.subarray(0, (end - start) * this.table.cols));
      this.store(end - start, start);
    }
  }

  private store(rows: number, slot: number): void {
    const { codes, normTerms, errors, cols, quantiser } = this.table;
    this.encode(rows);
    codes.set(this.codes.subarray(0, rows * cols), slot * cols);
    normTerms.set(this.normTerms.subarray(0, rows), slot);
    for (let i = 0; i < rows; i++) errors[slot + i] = (Math.sqrt(this.errors[i]) / quantiser.scale) * ROUNDING;
  }
}

function endOf({ byteOffset, byteLength }: { byteOffset: number; byteLength: number }): number {
  return byteOffset + byteLength;
}
