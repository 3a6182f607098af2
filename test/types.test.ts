import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './support.ts';

const declarations = readdirSync(join(ROOT, 'packages')).map((name) => join(ROOT, 'packages', name, 'dist'));

test('no declaration names Float32Array<…>, which the notebook kernel silently reads as any', () => {
  for (const folder of declarations) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.d.ts'),
    )) {
      expect(readFileSync(join(folder, file), 'utf8'), file).not.toMatch(
        /Float32Array<|Float64Array<|Int32Array<|Uint8Array</,
      );
    }
  }
});

test("the declarations parse and mean something under the notebook kernel's TypeScript", () => {
  const fromTslab = createRequire(
    createRequire(join(ROOT, 'packages/jupyter/package.json')).resolve('tslab/package.json'),
  );
  const tsc = fromTslab.resolve('@tslab/typescript-for-tslab/bin/tsc');
  const probe = join(ROOT, 'notebooks/.types-probe.ts');
  writeFileSync(
    probe,
    `import { embedTexts } from '@coreset/embedder';
import { buildGraph } from '@coreset/graph';
import { d2Select } from '@coreset/selector';
import { prune } from 'coreset';
type IsAny<T> = 0 extends 1 & T ? true : false;
const a: IsAny<Awaited<ReturnType<typeof embedTexts>>['data']> = false;
const b: IsAny<Awaited<ReturnType<typeof buildGraph>>['neighbours']> = false;
const c: IsAny<ReturnType<typeof d2Select>['order']> = false;
const d: IsAny<Awaited<ReturnType<typeof prune>>['order']> = false;
`,
  );
  try {
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--target',
      'es2022',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
      '--types',
      'node',
    ];
    const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, probe], {
      cwd: join(ROOT, 'notebooks'),
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  } finally {
    rmSync(probe, { force: true });
  }
});
