import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { png, writeTinyModel } from '../../../test/images.ts';
import { ROOT, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
// What npm install --omit=optional leaves: the package is there, what it needs of this platform is not, in any thread.
writeFileSync(
  join(folder, 'no-sharp.cjs'),
  `const Module = require('node:module');
const load = Module._load;
Module._load = function (name, ...rest) {
  if (/^@img.sharp|sharp.*\\.node$/.test(name)) throw Object.assign(new Error('Cannot find module ' + name), { code: 'MODULE_NOT_FOUND' });
  return load.call(this, name, ...rest);
};
`,
);
writeFileSync(join(folder, 'rows.jsonl'), '{"text":"an editor"}\n{"text":"a player"}\n{"text":"a game"}\n');
writeFileSync(join(folder, 'red.png'), await png([255, 0, 0]));
writeTinyModel(join(folder, 'model'), 'map');

function withoutSharp(args: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: `--require ${JSON.stringify(join(folder, 'no-sharp.cjs'))}` },
  });
  return { status, stderr };
}
const CLI = join(ROOT, 'packages/coreset/bin/coreset.js');

test('texts are pruned without sharp', () => {
  const { status, stderr } = withoutSharp([CLI, 'prune', 'rows.jsonl', '--keep', '2']);
  expect(status, stderr).toBe(0);
});

test('images without sharp are refused in one line', () => {
  writeFileSync(
    join(folder, 'images.mjs'),
    `const { embedImages, imageProblem } = await import(${JSON.stringify(pathToFileURL(join(ROOT, 'packages/embedder/dist/index.js')).href)});
for (const work of [() => embedImages(['red.png'], { model: './model' }), () => imageProblem('red.png')])
  await work().then(() => console.error('done'), (error) => console.error(error.name + ': ' + error.message));`,
  );
  const { status, stderr } = withoutSharp(['images.mjs']);
  expect(status, stderr).toBe(0);
  const lines = stderr.trim().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines)
    expect(line).toMatch(
      /^CoresetError: images need the package sharp, which cannot be loaded \(Could not load .*\); install it with its optional packages: npm install --include=optional sharp$/,
    );
});
