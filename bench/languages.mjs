// What models select of rows that are not English, judged by learners of words or characters that see no embedding.
// Usage: node languages.mjs [corpus,…] [model,…] [splits], on Debian. Adds to bench/results/languages.json.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { randomOrder, readNpyMatrix, seededRandom, takeRows, writeNpy } from '@coreset/core';
import { difficultyScores } from '@coreset/difficulty';
import { embedTexts } from '@coreset/embedder';
import { buildGraph } from '@coreset/graph';
import { K, keptAtEach } from './kept.mjs';
import { machine, ROOT, record, rival, temporaryFolder } from './support.mjs';

const DATA = `${ROOT}bench/data/`;
/** Languages of Debian's translations; words of those that write no spaces are told by characters. */
const CORPORA = {
  german: { language: 'de' },
  russian: { language: 'ru' },
  japanese: { language: 'ja', characters: true },
};
const ROWS = 3000;
const CHARACTERS = 300;
const LEAST_OF_CLASS = 60;
const SHARES = [0.05, 0.1, 0.3, 0.5];
const DRAWS = 5;
const LEARNERS = ['svm', 'bayes'];

const [corpora = Object.keys(CORPORA).join(','), models = 'all-MiniLM-L6-v2,static,static-multilingual', splits = 2] =
  process.argv.slice(2);
const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviationOf = (values) => Math.sqrt(meanOf(values.map((value) => (value - meanOf(values)) ** 2)));

/** Descriptions of packages in a language; the class is the section, of those that have enough rows. */
function rowsOf(language) {
  mkdirSync(DATA, { recursive: true });
  const path = join(DATA, `translations-${language}.jsonl`);
  if (!existsSync(path)) {
    const args = [`${ROOT}bench/debian-translations.py`, path, String(ROWS), language];
    if (spawnSync('python3', args, { stdio: 'inherit' }).status !== 0) throw new Error('no translations');
  }
  const rows = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const counts = new Map();
  for (const { section } of rows) counts.set(section, (counts.get(section) ?? 0) + 1);
  return rows
    .filter(({ section }) => counts.get(section) >= LEAST_OF_CLASS)
    .map(({ text, section }) => ({ text: text.slice(0, CHARACTERS), section }));
}

/** Vectors of texts, kept by the hash of texts and model, and the seconds that they took when they were made. */
async function embedded(texts, model) {
  const hash = createHash('sha256')
    .update(JSON.stringify([texts, model]))
    .digest('hex')
    .slice(0, 16);
  const path = join(DATA, `languages-${hash}.npy`);
  if (!existsSync(path)) {
    const { data, rows, cols } = await embedTexts(texts, { model });
    await writeNpy(path, data, [rows, cols]);
  }
  return readNpyMatrix(path);
}

const folder = temporaryFolder();
const cells = [];
console.log(machine());
for (const name of corpora.split(',')) {
  const { language, characters = false } = CORPORA[name];
  const rows = rowsOf(language);
  const sections = [...new Set(rows.map(({ section }) => section))].sort();
  const texts = rows.map(({ text }) => text);
  const found = {};
  for (let seed = 0; seed < Number(splits); seed++) {
    const order = randomOrder(rows.length, seededRandom(seed, 0x5e1));
    const held = Math.round(rows.length / 5);
    const [test, train] = [Array.from(order.slice(0, held)), Array.from(order.slice(held))];
    const budgets = SHARES.map((share) => Math.round(share * train.length));
    const kept = {};
    for (const model of models.split(',')) {
      const vectors = takeRows(await embedded(texts, model), train);
      const { scores } = await difficultyScores(vectors, { seed });
      const graph = await buildGraph(vectors, { k: K.auto ?? 10 });
      kept[model] = await keptAtEach('auto', { rows: train.length, vectors, graph, scores, seed }, budgets);
    }
    for (let draw = 0; draw < DRAWS; draw++) {
      const drawn = randomOrder(train.length, seededRandom(100 * seed + draw, 0xd4a), budgets.at(-1));
      kept[`random ${draw}`] = budgets.map((budget) => drawn.slice(0, budget));
    }
    const jobs = Object.entries(kept).flatMap(([by, lists]) => lists.map((list, b) => ({ by, b, list })));
    const labels = (some) => some.map((row) => sections.indexOf(rows[row].section));
    const path = join(folder, 'jobs.json');
    writeFileSync(
      path,
      JSON.stringify({
        vectors: null,
        characters,
        texts,
        train,
        test,
        trainLabels: labels(train),
        testLabels: labels(test),
        jobs: jobs.map(({ list }) => Array.from(list)),
      }),
    );
    const results = rival('train.py', [path]);
    jobs.forEach(({ by, b }, j) => {
      for (const learner of LEARNERS) {
        found[`${by}|${b}|${learner}`] ??= [];
        found[`${by}|${b}|${learner}`].push(results[j][learner][0]);
      }
    });
  }
  const at = (by, b, learner) => meanOf(found[`${by}|${b}|${learner}`]);
  for (const model of models.split(','))
    for (const learner of LEARNERS)
      SHARES.forEach((share, b) => {
        const draws = Array.from({ length: DRAWS }, (_, draw) => at(`random ${draw}`, b, learner));
        const gain = at(model, b, learner) - meanOf(draws);
        cells.push({
          corpus: name,
          rows: rows.length,
          classes: sections.length,
          model: basename(model),
          learner,
          share,
          random: +meanOf(draws).toFixed(4),
          deviation: +deviationOf(draws).toFixed(4),
          gain: +gain.toFixed(4),
        });
      });
  for (const model of models.split(',')) {
    const own = cells.filter((cell) => cell.corpus === name && cell.model === basename(model));
    const gains = own.map(({ learner, share, gain }) => `${learner} ${100 * share} % ${gain > 0 ? '+' : ''}${gain}`);
    console.log(
      `${name}, ${basename(model)}: mean ${meanOf(own.map(({ gain }) => gain)).toFixed(4)}; ${gains.join(', ')}`,
    );
  }
}
const file = `${ROOT}bench/results/languages.json`;
const earlier = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).cells : [];
const keyOf = ({ corpus, model }) => `${corpus} ${model}`;
const now = new Set(cells.map(keyOf));
record('languages', {
  draws: DRAWS,
  splits: Number(splits),
  cells: [...earlier.filter((cell) => !now.has(keyOf(cell))), ...cells],
});
