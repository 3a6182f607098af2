import { readFileSync } from 'node:fs';

const PAGE_BYTES = 65_536;

/** The pages of a WebAssembly memory that hold so many bytes. */
export function pagesOf(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES);
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
