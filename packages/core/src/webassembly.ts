import { readFileSync } from 'node:fs';
import { CoresetError } from './error.js';

const PAGE_BYTES = 65_536;

/** The pages of a WebAssembly memory that hold so many bytes. */
function pagesOf(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES);
}

/**
 * Memory for WebAssembly.
 * @throws CoresetError when there is none
 */
export function createMemory(bytes: number, shared = false): WebAssembly.Memory {
  const pages = pagesOf(bytes);
  try {
    return new WebAssembly.Memory(shared ? { initial: pages, maximum: pages, shared } : { initial: pages });
  } catch {
    throw new CoresetError(
      `no memory for WebAssembly (${bytes} bytes); each of its memories also reserves some 10 GB of addresses without using them: lift the limit on them (ulimit -v), or use fewer threads`,
    );
  }
}

const compiled = new Map<string, WebAssembly.Module>();

/** An instance of a module beside this file, which is compiled once per thread, on a memory. @returns what it exports */
export function instantiate<Exports>(name: string, memory: { readonly buffer: ArrayBufferLike }): Exports {
  let module = compiled.get(name);
  if (module === undefined) {
    module = new WebAssembly.Module(readFileSync(new URL(`./${name}.wasm`, import.meta.url)));
    compiled.set(name, module);
  }
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Exports;
}
