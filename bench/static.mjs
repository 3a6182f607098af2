// Static models beside Python with the same weights on the same texts, in the same run: texts a second of model2vec, a
// whole prune beside semhash (index, duplicates, representatives); with `million` the prune of 1,000,000 different rows.
// Usage: node bench/static.mjs [million] [MODEL FOLDER]
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embedTexts } from '@coreset/embedder';
import { prune } from 'coreset';
import { machine, median, ownProcess, peakMegabytes, ROOT, record, rival, temporaryFolder, time } from './support.mjs';

const MILLION = 1_000_000;
/** Its folder, which Python loads too. */
const STATIC = `${ROOT}models/static-minilm`;

/** The different first lines of Debian's package descriptions. */
function descriptions() {
  const packages = execFileSync('apt-cache', ['dumpavail'], { maxBuffer: 1 << 30, encoding: 'utf8' });
  return [...new Set(packages.match(/^Description(?:-en)?: .+$/gm)?.map((line) => line.replace(/^[^:]+: /, '')))];
}

function longTexts(lines) {
  return Array.from({ length: 10_000 }, (_, i) =>
    Array.from({ length: 24 }, (_, j) => lines[(24 * i + j) % lines.length]).join('. '),
  );
}

/** Two descriptions in a row each, no pair twice. */
async function writeRows(path, lines, rows) {
  const file = createWriteStream(path);
  for (let i = 0; i < rows; i++) {
    const turn = Math.floor(i / lines.length);
    const text =
      rows <= lines.length
        ? lines[i]
        : `${lines[i % lines.length]} ${lines[(i * 7919 + 13 + turn * 31) % lines.length]}`;
    if (!file.write(`${JSON.stringify({ id: i, text })}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

async function pruned(path, model) {
  const start = performance.now();
  await prune(path, { keep: '10%', model, runDir: join(temporaryFolder(), 'run') });
  return [(performance.now() - start) / 1000];
}

const [task, given, path] = process.argv.slice(2);
if (task === 'embed' || task === 'prune') {
  const work = async () => {
    if (task === 'prune') return pruned(path, given);
    const texts = JSON.parse(readFileSync(path, 'utf8'));
    return time(() => embedTexts(texts, { model: given }));
  };
  console.log(JSON.stringify({ seconds: await work(), megabytes: peakMegabytes() }));
} else if (task === 'million') {
  const large = join(temporaryFolder(), 'million.jsonl');
  await writeRows(large, descriptions(), MILLION);
  const { seconds, megabytes } = ownProcess('static.mjs', ['prune', given ?? STATIC, large]);
  console.log(`${MILLION.toLocaleString('en')} rows: ${seconds[0].toFixed(0)} s, ${megabytes.toFixed(0)} MB`);
  record('static-million', { seconds: seconds[0], megabytes });
} else {
  const model = task ?? STATIC;
  const folder = temporaryFolder();
  const lines = descriptions();
  console.log(machine());
  const rows = [];
  for (const [name, texts] of [
    [`${lines.length.toLocaleString('en')} short texts`, lines],
    ['10,000 texts of 1,150 characters', longTexts(lines)],
  ]) {
    const file = join(folder, 'texts.json');
    writeFileSync(file, JSON.stringify(texts));
    const [ours, theirs] = [
      ownProcess('static.mjs', ['embed', model, file]),
      rival('static.py', ['embed', model, file]),
    ];
    const [mine, others] = [ours, theirs].map(({ seconds }) => texts.length / median(seconds));
    rows.push({ name, ours: mine, theirs: others, megabytes: [ours.megabytes, theirs.megabytes] });
    console.log(`${name}: coreset ${mine.toFixed(0)} texts/s, model2vec ${others.toFixed(0)}`);
  }
  const file = join(folder, 'rows.jsonl');
  await writeRows(file, lines, lines.length);
  writeFileSync(join(folder, 'rows.json'), JSON.stringify(lines));
  const whole = [
    {
      name: `coreset prune, ${lines.length.toLocaleString('en')} rows`,
      ...ownProcess('static.mjs', ['prune', model, file]),
    },
    { name: 'semhash', ...rival('static.py', ['prune', model, join(folder, 'rows.json')]) },
  ];
  for (const { name, seconds, megabytes } of whole)
    console.log(`${name}: ${seconds[0].toFixed(1)} s, ${megabytes.toFixed(0)} MB`);
  record('static', { rows, whole });
}
