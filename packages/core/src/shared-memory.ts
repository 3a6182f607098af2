import { createMemory } from './webassembly.js';

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
  return createMemory(bytes, true);
}

/** Zeros in shared memory. */
export function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

/** Zeros in shared memory; where it can be, in one that WebAssembly reads too, see {@link memoryOf}. */
export function sharedFloats(length: number): Float32Array {
  return new Float32Array(sharedBuffer(4 * length), 0, length);
}

/** Like {@link sharedFloats}. */
export function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(sharedBuffer(length), 0, length);
}

function sharedBuffer(bytes: number): ArrayBufferLike {
  if (bytes >= LEAST_BYTES && bytes <= MOST_BYTES) {
    try {
      const memory = sharedMemory(bytes);
      memories.set(memory.buffer, memory);
      return memory.buffer;
    } catch {
      // No address space left for a memory; an ordinary array needs less.
    }
  }
  return new SharedArrayBuffer(bytes);
}

/** The WebAssembly memory that begins with this array, if it is in one; only the thread that made it knows. */
export function memoryOf({ buffer, byteOffset }: ArrayBufferView): SharedMemory | undefined {
  return byteOffset === 0 ? memories.get(buffer) : undefined;
}
