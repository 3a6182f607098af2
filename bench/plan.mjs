// Is the plan right? Each stage's time and the memory of runs, planned and measured.
// Usage: node plan.mjs EMBEDDINGS.npy SENTENCES.jsonl [case,…], of CASES below; without, all of them in some 25 minutes.
// SENTENCES.jsonl has a sentence as `text` in each line (bench/debian-sentences.py); the vectors are of some 200,000 of them.
// A case that runs alone replaces its own figures in the record. A million vectors are made beside the others.
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { npyHeader, readNpyMatrix, seededRandom, writeNpy } from '@coreset/core';
import { METHODS } from '@coreset/selector';
import { firstRows, machine, ownProcess, ROOT, record, temporaryFolder } from './support.mjs';

const [vectors, sentences, wanted] = process.argv.slice(2);
if (sentences === undefined) throw new Error('usage: node plan.mjs EMBEDDINGS.npy SENTENCES.jsonl [case,…]');
const folder = temporaryFolder();

const random = seededRandom(0);

/** Documents of 300 to 2,000 words, made of whole sentences, behind some sentences as they are. */
function texts(short, long) {
  const lines = readFileSync(sentences, 'utf8').trimEnd().split('\n');
  const document = () => {
    const length = 300 + random.below(1700);
    const words = [];
    while (words.length < length) words.push(...JSON.parse(lines[random.below(lines.length)]).text.split(' '));
    return JSON.stringify({ text: words.slice(0, length).join(' ') });
  };
  const path = join(folder, `texts-${short}-${long}.jsonl`);
  writeFileSync(path, `${[...lines.slice(0, short), ...Array.from({ length: long }, document)].join('\n')}\n`);
  return path;
}

/** The rows of the vectors again and again, each number with a little noise after the first time. */
function moreRows(rows) {
  const path = `${vectors}.${rows}.npy`;
  const { data, rows: known, cols } = readNpyMatrix(vectors);
  const header = npyHeader('<f4', [rows, cols]);
  if (existsSync(path) && statSync(path).size === header.length + rows * cols * 4) return path;
  const file = openSync(path, 'w');
  writeSync(file, header);
  for (let from = 0; from < rows; from += known) {
    const part = data.slice(0, Math.min(known, rows - from) * cols);
    if (from > 0) for (let i = 0; i < part.length; i++) part[i] += 0.01 * (random.uniform() - 0.5);
    writeSync(file, new Uint8Array(part.buffer));
  }
  closeSync(file);
  return path;
}

/** With one run directory for all methods: what they share is made once, and planned as used again. */
async function byMethods(rows, isTaken) {
  const { file } = await firstRows(vectors, rows);
  const labels = join(folder, 'labels.npy');
  await writeNpy(
    labels,
    Int32Array.from({ length: rows }, (_, row) => row % 20),
  );
  return Object.keys(METHODS)
    .filter((method) => isTaken(method) && !METHODS[method].needs.includes('target'))
    .sort((a, b) => Number(a === 'auto') - Number(b === 'auto')) // it has another graph
    .map((method) => ({
      name: `${rows.toLocaleString('en-US')} vectors, ${method}`,
      input: file,
      options: {
        method,
        runDir: join(folder, `methods-${rows}`),
        ...(METHODS[method].needs.includes('labels') ? { labels } : {}),
      },
    }));
}

async function vectorsCase(name, rows) {
  const path = rows > 250_000 ? moreRows(rows) : (await firstRows(vectors, rows)).file;
  return [
    { name, input: path, options: { runDir: join(folder, name) } },
    { name: `${name}, again`, input: path, options: { runDir: join(folder, name) } },
    { name: `${name}, another budget`, input: path, options: { keep: 0.1, runDir: join(folder, name) } },
  ];
}

const COLUMNS = ['k-center', 'graph-cut'];
const FEW_ROWS = ['facility-location'];
const one = (name, input, options = {}) => [{ name, input, options }];
const CASES = {
  short: () => one('12,000 short texts', `${ROOT}test/corpora/debian-packages-12k.jsonl`),
  long: () => one('5,000 long texts', texts(0, 5000)),
  mixed: () => one('10,000 short and 200 long texts', texts(10_000, 200)),
  mean: () => one('500 long texts, all of them', texts(0, 500), { long: 'mean' }),
  exact: () => vectorsCase('50,000 vectors', 50_000),
  large: () => vectorsCase('200,000 vectors', 200_000),
  million: () => vectorsCase('1,000,000 vectors', 1_000_000),
  methods: () => byMethods(50_000, (name) => ![...COLUMNS, ...FEW_ROWS].includes(name)),
  columns: () => byMethods(50_000, (name) => COLUMNS.includes(name)),
  facility: () => byMethods(12_500, (name) => FEW_ROWS.includes(name)),
};

console.log(machine());
const figures = [];
const line = (name, planned, actual) => {
  const ratio = planned / actual;
  const far = actual > 1 && (ratio > 2 || ratio < 0.5) ? '  <- more than twice' : '';
  console.log(
    `  ${name.padEnd(12)} ${planned.toFixed(1).padStart(9)} ${actual.toFixed(1).padStart(9)}   ${ratio.toFixed(2)}${far}`,
  );
};
for (const group of wanted?.split(',') ?? Object.keys(CASES)) {
  for (const { name, input, options } of await CASES[group]()) {
    const runDir = options.runDir ?? join(folder, group);
    const all = { keep: 0.3, runDir, ...options };
    const result = ownProcess('plan-case.mjs', [input, JSON.stringify(all)]);
    const { stages, reused, megabytes } = result;
    const sum = (key) => stages.reduce((total, stage) => total + stage[key], 0);
    console.log(
      `\n${name}${reused.length > 0 ? ` (used again: ${reused.join(', ')})` : ''}\n  stage          planned    actual   ratio`,
    );
    for (const { stage, planned, actual } of stages) line(stage, planned, actual);
    line('in all', sum('planned'), sum('actual'));
    line('MB', megabytes.planned, megabytes.actual);
    figures.push({ name, seconds: { planned: sum('planned'), actual: sum('actual') }, ...result });
  }
}
const path = `${ROOT}bench/results/plan.json`;
const earlier = wanted && existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).figures : [];
const isNew = ({ name }) => figures.some((figure) => figure.name === name);
record('plan', { figures: [...earlier.filter((figure) => !isNew(figure)), ...figures] });
