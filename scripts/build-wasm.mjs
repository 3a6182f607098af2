// Compiles the WebAssembly kernels next to the JavaScript that loads them.
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const source = fileURLToPath(new URL('../packages/graph/wasm/code-products.ts', import.meta.url));
const target = fileURLToPath(new URL('../packages/graph/dist/code-products.wasm', import.meta.url));
const { error, stderr } = await asc.main([
  source,
  '--outFile',
  target,
  ...['--optimizeLevel', '3', '--runtime', 'stub', '--noAssert'],
  ...['--enable', 'simd', '--enable', 'threads', '--importMemory', '--sharedMemory', '--maximumMemory', '65536'],
]);
if (error !== null) {
  process.stderr.write(stderr.toString());
  process.exitCode = 1;
}
