import type { Vectors } from './vectors.js';
import { pagesOf } from './webassembly.js';

/** Smaller arrays are not worth the address space that a WebAssembly memory reserves. */
const LEAST_BYTES = 2 ** 20;
const MOST_BYTES = 2 ** 32;

/** A WebAssembly memory; packages that know it by this name need no types of WebAssembly. */
export interface SharedMemory {
  readonly buffer: ArrayBufferLike;
}

const memories = new WeakMap<ArrayBufferLike, SharedMemory>();

/** A WebAssembly memory that threads share, which may have so many bytes and no more. */
export function sharedMemory(bytes: number): SharedMemory {
  const pages = pagesOf(bytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** Zeros in shared memory. */
export function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

/** Zeros in shared memory; where it can be, in one that WebAssembly reads too, see {@link memoryOf}. */
export function sharedFloats(length: number): Float32Array {
  const bytes = length * 4;
  if (bytes >= LEAST_BYTES && bytes <= MOST_BYTES) {
    try {
      const memory = sharedMemory(bytes);
      memories.set(memory.buffer, memory);
      return new Float32Array(memory.buffer, 0, length);
    } catch {
      // No address space left for a memory; an ordinary array needs less.
    }
  }
  return new Float32Array(new SharedArrayBuffer(bytes));
}

/** The WebAssembly memory that begins with these vectors, if they are in one. */
export function memoryOf(vectors: Vectors): SharedMemory | undefined {
  return 'data' in vectors && vectors.data.byteOffset === 0 ? memories.get(vectors.data.buffer) : undefined;
}
