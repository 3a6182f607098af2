// npm run mutation [-- PACKAGE…]: puts mistakes into the source, one at a time, and counts those that the tests notice.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PACKAGES } from './mutation/packages.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const names = process.argv.slice(2);
const unknown = names.find((name) => !PACKAGES.includes(name));
if (unknown !== undefined) {
  console.error(`no package '${unknown}' to mutate; there are ${PACKAGES.join(', ')}`);
  process.exit(2);
}
const failed = (names.length > 0 ? names : PACKAGES).filter((name) => {
  console.log(`\n=== ${name}`);
  const env = { ...process.env, MUTATION_PACKAGE: name, MUTATION_WORKSPACE: process.cwd() };
  return spawnSync('npx', ['stryker', 'run'], { stdio: 'inherit', env }).status !== 0;
});
if (failed.length > 0) console.error(`\nbelow the threshold: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
