import { readFileSync } from 'node:fs';
import type { CodeTable } from './code-table.js';

/** Products of one place with a list of others, in WebAssembly: for scattered places a matrix product has no use. */
export interface Products {
  /** To be filled before `run`. */
  places: Int32Array;
  /** What `run` found: q·b − |b|²/2 by codes, greater is nearer. */
  scores: Int32Array;
  run(place: number, count: number): void;
}

type ProductsExport = (
  query: number,
  codes: number,
  stride: number,
  halfNorms: number,
  places: number,
  count: number,
  out: number,
) => void;

/** Once per thread. */
export function createProducts({ memory, rows, stride, listLength, threadsSeen }: CodeTable): Products {
  const code = readFileSync(new URL('./code-products.wasm', import.meta.url));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
  const products = exports.products as ProductsExport;
  const halfNorms = rows * stride;
  const places = halfNorms + rows * 4 + Atomics.add(threadsSeen, 0, 1) * listLength * 8;
  const scores = places + listLength * 4;
  return {
    places: new Int32Array(memory.buffer, places, listLength),
    scores: new Int32Array(memory.buffer, scores, listLength),
    run: (place, count) => products(place, 0, stride, halfNorms, places, count, scores),
  };
}
