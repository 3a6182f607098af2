import { readFileSync } from 'node:fs';
import { type SharedMemory, sharedMemory } from './shared-memory.js';

/** What is asked for next is seldom much more. */
const SPARE = 1.25;
type SquaredDistance = (a: number, b: number, cols: number) => number;

let compiled: WebAssembly.Module | undefined;

/** Rows in WebAssembly's memory, which measures them several times faster than JavaScript. */
export class RowStore {
  private readonly rowBytes: number;
  private memory: SharedMemory;
  private measure: SquaredDistance;

  /** @param memory that begins with rows; default: one that {@link room} makes */
  constructor(
    private readonly cols: number,
    memory: SharedMemory = sharedMemory(0),
  ) {
    this.rowBytes = 4 * cols;
    this.memory = memory;
    this.measure = instantiate(memory);
  }

  /** Room for so many rows, rows × cols; what was there before is void. */
  room(rows: number): Float32Array {
    const bytes = rows * this.rowBytes;
    if (bytes > this.memory.buffer.byteLength) {
      this.memory = sharedMemory(SPARE * bytes);
      this.measure = instantiate(this.memory);
    }
    return new Float32Array(this.memory.buffer, 0, rows * this.cols);
  }

  /** Squared Euclidean distance of rows i and j, the same bits as `squaredDistance` gives. */
  squaredDistance(i: number, j: number): number {
    return this.measure(i * this.rowBytes, j * this.rowBytes, this.cols);
  }
}

function instantiate(memory: SharedMemory): SquaredDistance {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./squared-distance.wasm', import.meta.url)));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports.squaredDistance as SquaredDistance;
}
