import { readFileSync } from 'node:fs';

const compiled = new Map<string, WebAssembly.Module>();

/** An instance of a module by its path beside this file, which is compiled once per thread, on a memory. @returns what it exports */
export function instantiate<Exports>(name: string, memory: { readonly buffer: ArrayBufferLike }): Exports {
  let module = compiled.get(name);
  if (module === undefined) {
    module = new WebAssembly.Module(readFileSync(new URL(`./${name}.wasm`, import.meta.url)));
    compiled.set(name, module);
  }
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Exports;
}
