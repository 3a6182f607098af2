// Compiles WebAssembly text (src/**/*.wat) next to the JavaScript that loads it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import loadWabt from 'wabt';

const kernels = fileURLToPath(new URL('../packages/kernels/', import.meta.url));
const wabt = await loadWabt();
for (const file of readdirSync(join(kernels, 'src'), { recursive: true }).filter((name) => name.endsWith('.wat'))) {
  const source = wabt.parseWat(file, readFileSync(join(kernels, 'src', file), 'utf8'), {
    simd: true,
    bulk_memory: true,
    threads: true,
  });
  writeFileSync(join(kernels, 'dist', file.replace('.wat', '.wasm')), source.toBinary({}).buffer);
  source.destroy();
}
