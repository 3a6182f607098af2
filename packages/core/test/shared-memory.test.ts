import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test.runIf(process.platform === 'linux')('says what to do where no addresses are left for a memory', () => {
  const module = new URL('../dist/vectors/shared-memory.js', import.meta.url).href;
  const script = `
    const { createMemory } = await import('${module}');
    const memories = [];
    try {
      while (memories.length < 100) memories.push(createMemory(1000));
    } catch (error) {
      console.log(error.isCoresetError, error.message);
    }`;
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -v 60000000; exec "$0" --input-type=module -e "$1"', process.execPath, script],
    { encoding: 'utf8' },
  );
  expect(stdout, stderr).toMatch(/^true no memory for WebAssembly \(1000 bytes\); .*ulimit -v/);
});
