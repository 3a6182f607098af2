// What each model costs: texts a second, the seconds before the first, memory, bytes on disk.
// Usage: node bench/models.mjs [MODEL …]; default: the bundled ones
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { embedTexts, modelSettings } from '@coreset/embedder';
import { corpusTexts, machine, ownProcess, peakMegabytes, record } from './support.mjs';

const BUNDLED = ['all-MiniLM-L6-v2', 'static', 'static-multilingual'];
/** Seconds of embedding that are worth a figure. */
const LONG_ENOUGH = 4;
const JOINED = 24;

const lines = [...new Set(corpusTexts())];
/** Texts that differ, as many as asked for: `joined` descriptions each. */
function textsOf(joined, count) {
  return Array.from({ length: count }, (_, i) =>
    Array.from(
      { length: joined },
      (_, j) => lines[(i * 7919 + j * (i + 1)) % lines.length] + (j === 0 ? ` ${i}` : ''),
    ).join('. '),
  );
}

async function secondsOf(model, texts) {
  const start = performance.now();
  await embedTexts(texts, { model });
  return (performance.now() - start) / 1000;
}

/** Texts a second, beyond what the first takes. */
async function speed(model, joined) {
  const loading = await secondsOf(model, textsOf(joined, 1));
  for (let count = joined === 1 ? 2000 : 200; ; count *= 4) {
    const seconds = (await secondsOf(model, textsOf(joined, count))) - loading;
    if (seconds >= LONG_ENOUGH) return { loading, speed: count / seconds };
  }
}

function bytesOf(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}

const [task, model, joined] = process.argv.slice(2);
if (task === 'speed') {
  console.log(JSON.stringify({ ...(await speed(model, Number(joined))), megabytes: peakMegabytes() }));
} else {
  console.log(machine());
  const rows = [];
  for (const name of task === undefined ? BUNDLED : process.argv.slice(2)) {
    const [short, long] = [1, JOINED].map((of) => ownProcess('models.mjs', ['speed', name, String(of)]));
    const bytes = bytesOf(modelSettings({ model: name }).source.folder);
    rows.push({ name, loading: short.loading, short: short.speed, long: long.speed, megabytes: long.megabytes, bytes });
    console.log(
      `${name}: ${short.speed.toFixed(0)} short texts/s, ${long.speed.toFixed(0)} long ones/s, ${short.loading.toFixed(1)} s before the first, ${long.megabytes.toFixed(0)} MB of memory, ${(bytes / 1e6).toFixed(1)} MB`,
    );
  }
  if (task === undefined) record('models', { rows });
}
