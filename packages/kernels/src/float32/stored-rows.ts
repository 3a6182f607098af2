import { createMemory, type WasmMemory } from '@coreset/core';
import { instantiate } from '../wasm.js';

/** The next call seldom asks for much more. */
const SPARE = 1.25;
type SquaredDistance = (a: number, b: number, cols: number) => number;

/** Rows in the memory of WebAssembly, which takes distances several times faster than JavaScript. */
export class StoredRows {
  private readonly rowBytes: number;
  private memory: WasmMemory;
  private measure: SquaredDistance;

  /** @param memory that begins with rows; default: one that {@link room} makes */
  constructor(
    private readonly cols: number,
    memory: WasmMemory = createMemory(0, true),
  ) {
    this.rowBytes = 4 * cols;
    this.memory = memory;
    this.measure = measuring(memory);
  }

  /** Room for so many rows, rows × cols; what was there before is void. */
  room(rows: number): Float32Array {
    const bytes = rows * this.rowBytes;
    if (bytes > this.memory.buffer.byteLength) {
      this.memory = createMemory(SPARE * bytes, true);
      this.measure = measuring(this.memory);
    }
    return new Float32Array(this.memory.buffer, 0, rows * this.cols);
  }

  /** Squared Euclidean distance of rows i and j, the same bits as `squaredDistance` gives. */
  squaredDistance(i: number, j: number): number {
    return this.measure(i * this.rowBytes, j * this.rowBytes, this.cols);
  }
}

function measuring(memory: WasmMemory): SquaredDistance {
  return instantiate<{ squaredDistance: SquaredDistance }>('float32/squared-distance', memory).squaredDistance;
}
