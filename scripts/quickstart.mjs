// The main job on the bundled corpus with the bundled model.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const args = ['prune', 'test/corpora/debian-packages-12k.jsonl', '--keep', '30%'];
console.log(`\n$ npx coreset ${args.join(' ')}`);
const { status } = spawnSync(process.execPath, ['packages/coreset/bin/coreset.js', ...args], {
  stdio: 'inherit',
  env: { ...process.env, npm_command: 'exec' }, // what it tells to type next is for npx too
});
process.exit(status ?? 1);
