// 1,000,000 JSONL rows (about 200 MB, made from the bundled corpus) read for one field, beside Python's json module and
// DuckDB in the same run: seconds, and the most memory that each process had.

import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { openRows } from '@coreset/rows';
import { machine, median, ownProcess, peakMegabytes, ROOT, record, rival, time } from './support.mjs';

const ROWS = 1_000_000;
const PATH = `${ROOT}bench/data/rows-1m.jsonl`;

async function makeData() {
  mkdirSync(`${ROOT}bench/data`, { recursive: true });
  const lines = readFileSync(`${ROOT}test/corpora/debian-packages-12k.jsonl`, 'utf8').trimEnd().split('\n');
  const corpus = lines.map((line) => JSON.parse(line));
  const file = createWriteStream(PATH);
  for (let i = 0; i < ROWS; i++) {
    const { id, text, section } = corpus[i % corpus.length];
    const more = corpus[(i * 7919 + 13) % corpus.length].text;
    const row = { id: `${id}-${i}`, text: `${text} ${more}`, section, number: i, score: (i % 997) / 997 };
    if (!file.write(`${JSON.stringify(row)}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

async function readTexts() {
  let rows = 0;
  let characters = 0;
  for await (const batch of openRows(PATH).batches(['text'])) {
    rows += batch.length;
    for (const { text } of batch) characters += text.length;
  }
  return { rows, characters };
}

if (process.argv[2] === 'ours') {
  const seconds = await time(readTexts);
  console.log(JSON.stringify({ seconds, ...(await readTexts()), peak: peakMegabytes() }));
} else {
  if (!existsSync(PATH)) await makeData();
  console.log(`${machine()}; ${ROWS.toLocaleString('en')} rows, ${(statSync(PATH).size / 1e6).toFixed(0)} MB`);
  const ours = ownProcess('jsonl.mjs', ['ours']);
  const rows = [{ name: 'coreset', ...ours, seconds: median(ours.seconds), ratio: 1 }];
  for (const [name, tool] of [
    ["Python's json", 'python'],
    ['DuckDB, texts in Python', 'duckdb'],
    ['DuckDB, texts not taken out', 'duckdb_alone'],
  ]) {
    const theirs = rival('jsonl.py', [PATH, tool]);
    if (theirs.rows !== ours.rows) throw new Error(`${name} read ${theirs.rows} rows, coreset ${ours.rows}`);
    const seconds = median(theirs.seconds);
    rows.push({ name, ...theirs, seconds, ratio: rows[0].seconds / seconds });
  }
  for (const { name, seconds, ratio, peak } of rows)
    console.log(
      `${name}: ${seconds.toFixed(2)} s, ${peak.toFixed(0)} MB; coreset takes ${ratio.toFixed(2)} times as long`,
    );
  record('jsonl', { rows: rows.map(({ name, seconds, ratio, peak }) => ({ name, seconds, ratio, megabytes: peak })) });
}
