import { CoresetError } from '../errors/error.js';

const PAGE_BYTES = 65_536;

/** Smaller arrays are not worth the address space that a WebAssembly memory reserves. */
const LEAST_BYTES = 2 ** 20;
const MOST_BYTES = 2 ** 32;

/** A WebAssembly memory; packages that know it by this name need no types of WebAssembly. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

const memories = new WeakMap<ArrayBufferLike, WasmMemory>();

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
      const memory = createMemory(bytes, true);
      memories.set(memory.buffer, memory);
      return memory.buffer;
    } catch {
      // No address space left for a memory; an ordinary array needs less.
    }
  }
  return new SharedArrayBuffer(bytes);
}

/** The WebAssembly memory that begins with this array, if it is in one; only the thread that made it knows. */
export function memoryOf({ buffer, byteOffset }: ArrayBufferView): WasmMemory | undefined {
  return byteOffset === 0 ? memories.get(buffer) : undefined;
}

/**
 * Memory for WebAssembly, of so many bytes at least.
 * @param shared threads share it, and it cannot grow
 * @throws CoresetError when there is none
 */
export function createMemory(bytes: number, shared = false): WasmMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  try {
    return new WebAssembly.Memory(shared ? { initial: pages, maximum: pages, shared } : { initial: pages });
  } catch {
    throw new CoresetError(
      `no memory for WebAssembly (${bytes} bytes); each of its memories also reserves some 10 GB of addresses without using them: lift the limit on them (ulimit -v), or use fewer threads`,
    );
  }
}
