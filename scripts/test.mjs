// Everything that has to hold, on a clean checkout: install, types, lint, tests, notebooks.
// Ends with one line: N passed, N failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUpPython } from './python-env.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

let passed = 0;
let failed = 0;

function step(name, work) {
  console.log(`\n=== ${name}`);
  try {
    work();
    passed++;
  } catch (error) {
    console.error(`${name} failed: ${error.message}`);
    failed++;
  }
}

function run(command) {
  const { status } = spawnSync(command, { stdio: 'inherit', shell: true });
  if (status !== 0) throw new Error(`'${command}' ended with ${status}`);
}

step('install and build', () => run('npm run setup'));
if (failed === 0) {
  step('lint', () => run('npx biome check .'));
  step('known vulnerabilities of dependencies', () => run('node scripts/audit.mjs'));
  step('Python for notebooks and tests', setUpPython);
  const folder = mkdtempSync(join(tmpdir(), 'coreset-test-'));
  const report = join(folder, 'vitest.json');
  spawnSync(`npx vitest run --reporter=default --reporter=json --outputFile.json="${report}"`, {
    stdio: 'inherit',
    shell: true,
  });
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites, success } = JSON.parse(readFileSync(report, 'utf8'));
    passed += numPassedTests;
    failed += numFailedTests;
    if (!success && numFailedTests === 0) failed += Math.max(1, numFailedTestSuites);
  } catch (error) {
    console.error(`vitest left no report: ${error.message}`);
    failed++;
  }
  rmSync(folder, { recursive: true, force: true });
}

console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
