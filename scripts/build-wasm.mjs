// Compiles the modules of WebAssembly (packages/kernels/assembly) next to the JavaScript that loads them.
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** Memory that threads share, of any size. */
const SHARED = ['--sharedMemory', '--initialMemory', '0', '--maximumMemory', '65536'];
const MODULES = {
  'float32/squared-distance': SHARED,
  'int8/code-score': SHARED,
  'int8/encode-rows': [],
  'int8/scan-scores': [],
};

const baseDir = fileURLToPath(new URL('../packages/kernels', import.meta.url));
for (const [name, memory] of Object.entries(MODULES)) {
  const { error, stderr } = await asc.main([
    ...[`assembly/${name}.ts`, '--outFile', `dist/${name}.wasm`, '--baseDir', baseDir],
    ...['--runtime', 'stub', '--importMemory', '--noExportMemory', ...memory],
    ...['--enable', 'simd', '--enable', 'threads', '-O3', '--noAssert'],
    // Functions that pass vectors are called within a module alone.
    ...['--disableWarning', '112'],
  ]);
  if (error !== null) throw new Error(`${name} does not compile: ${stderr}`, { cause: error });
}
