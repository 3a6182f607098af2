// Prunes FOLDER/rows.jsonl again and again, each time with one call of the operating system failing (test/faults.c), and
// prints what went wrong beyond an error in one line after which the same command ends with the right result.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { prune } from 'coreset';

const [folder, kinds, optionsText, most] = process.argv.slice(2);
const ERRORS = {
  open: 'EMFILE',
  read: 'EIO',
  create: 'EACCES',
  write: 'ENOSPC',
  sync: 'EIO',
  truncate: 'EIO',
  rename: 'EACCES',
  link: 'EPERM',
  unlink: 'EACCES',
  mkdir: 'ENOSPC',
};
const runDir = join(folder, 'run');
const out = join(folder, 'kept.jsonl');
const RESULTS = [
  'run/selection.json',
  'run/selected.jsonl',
  'run/dropped.jsonl',
  'run/embeddings.npy',
  'run/difficulty.npy',
  'run/neighbours.npy',
  'kept.jsonl',
];

const threads = createRequire(import.meta.url)('node:worker_threads');
const { Worker } = threads;
let startsLeft = Number.POSITIVE_INFINITY;
threads.Worker = class extends Worker {
  constructor(...args) {
    if (--startsLeft === 0) throw Object.assign(new Error('no thread'), { code: 'ERR_WORKER_INIT_FAILED' });
    super(...args);
  }
};
syncBuiltinESMExports();

const run = () => prune(join(folder, 'rows.jsonl'), { keep: 4, threads: 2, runDir, out, ...JSON.parse(optionsText) });

function clear() {
  rmSync(runDir, { recursive: true, force: true });
  rmSync(out, { force: true });
}

function results() {
  return RESULTS.map((name) => {
    try {
      return readFileSync(join(folder, name), 'base64');
    } catch {
      return undefined;
    }
  });
}

function callsBy() {
  const calls = {};
  for (const name of readFileSync(process.env.FAULT_LOG, 'utf8').split('\n'))
    if (name) calls[name] = (calls[name] ?? 0) + 1;
  return calls;
}

await run();
const expected = results();
clear();
process.env.FAULT_UNDER = `${folder}/`;
writeFileSync(process.env.FAULT_LOG, '');
process.env.FAULT = 'count';
await run();
const calls = { ...callsBy(), worker: 6 };
delete process.env.FAULT_LOG;

const problems = [];
let failed = 0;
for (const kind of kinds.split(',')) {
  const step = Math.max(1, Math.floor(calls[kind] / Number(most)));
  for (let n = 1; n <= calls[kind]; n += step) {
    process.env.FAULT = '';
    clear();
    const fault = `${kind}:${n}`;
    if (kind === 'worker') startsLeft = n;
    else process.env.FAULT = `${fault}:${constants.errno[ERRORS[kind]]}`;
    let error;
    try {
      await run();
    } catch (thrown) {
      error = thrown;
      failed++;
    }
    startsLeft = Number.POSITIVE_INFINITY;
    process.env.FAULT = 'none';
    const say = (problem) => problems.push({ fault, problem, error: error?.stack });
    if (error && !error.isCoresetError) say('no line for people');
    if (error && /[\r\n]/.test(error.message)) say('several lines');
    const found = results();
    if (!error && found.some((bytes, i) => bytes !== expected[i])) say('a wrong result without an error');
    if (found.at(-1) !== undefined && found.at(-1) !== expected.at(-1)) say('a wrong or half kept file');
    if (kind !== 'unlink' && readdirSync(folder, { recursive: true }).some((name) => name.endsWith('.tmp')))
      say('a temporary file is left');
    try {
      await run();
      if (results().some((bytes, i) => bytes !== expected[i])) say('the next run has another result');
    } catch (again) {
      say(`the next run fails: ${again.stack}`);
    }
  }
}
console.log(JSON.stringify({ calls, failed, problems }));
