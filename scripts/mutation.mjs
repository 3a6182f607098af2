// npm run mutation [-- PACKAGE[/MODULE]…]: puts mistakes into the source, one at a time, and counts those that the tests notice.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PACKAGES } from './mutation/packages.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

function parse(name) {
  const [, MUTATION_PACKAGE, MUTATION_MODULE = ''] = /^([^/]*)\/?(.*)$/.exec(name);
  const isKnown =
    PACKAGES.includes(MUTATION_PACKAGE) &&
    (MUTATION_MODULE === '' || existsSync(`packages/${MUTATION_PACKAGE}/src/${MUTATION_MODULE}.ts`));
  if (!isKnown) {
    console.error(`nothing to mutate is named '${name}'; give a package (${PACKAGES.join(', ')}) or PACKAGE/MODULE`);
    process.exit(2);
  }
  return { name, MUTATION_PACKAGE, MUTATION_MODULE };
}

const names = process.argv.slice(2);
const runs = (names.length > 0 ? names : PACKAGES).map(parse);
const failed = runs.filter(({ name, ...asked }) => {
  console.log(`\n=== ${name}`);
  // Stryker runs tests in worker threads, which cannot switch telemetry off.
  const env = { ...process.env, ...asked, MUTATION_WORKSPACE: process.cwd(), ORT_DISABLE_TELEMETRY: '1' };
  return spawnSync('npx', ['stryker', 'run'], { stdio: 'inherit', env }).status !== 0;
});
if (failed.length > 0) console.error(`\nbelow the threshold: ${failed.map(({ name }) => name).join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
