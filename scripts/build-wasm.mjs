// Compiles the packages' WebAssembly (src/*.wat) next to the JavaScript that loads it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import loadWabt from 'wabt';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));
const wabt = await loadWabt();
for (const name of readdirSync(packages)) {
  for (const file of readdirSync(`${packages}${name}/src`).filter((file) => file.endsWith('.wat'))) {
    const source = wabt.parseWat(file, readFileSync(`${packages}${name}/src/${file}`, 'utf8'), {
      simd: true,
      bulk_memory: true,
      threads: true,
    });
    const target = `${packages}${name}/dist/${file.replace('.wat', '.wasm')}`;
    writeFileSync(target, source.toBinary({}).buffer);
    source.destroy();
  }
}
