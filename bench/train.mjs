// The judge: models trained on what each method keeps, against as many rows at random, on corpora of different nature, by
// learners most of which do not see the embeddings that selected.
// Usage: node train.mjs [corpus,…|all|quick] [method,…] [damage,…] [splits] [--model NAME|FOLDER]; quick: three corpora at
// four budgets in some minutes. Other runs add to bench/results/train.json, of which `node train-table.mjs` makes the tables of docs/selectors.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomOrder, seededRandom, takeRows, writeNpy } from '@coreset/core';
import { difficultyScores } from '@coreset/difficulty';
import { BUNDLED_MODEL } from '@coreset/embedder';
import { buildGraph } from '@coreset/graph';
import { K, keptAtEach } from './kept.mjs';
import { machine, ROOT, record, rival, temporaryFolder } from './support.mjs';
import { CORPORA, damaged, setModel } from './train-corpora.mjs';

const QUICK = ['descriptions', 'clothes', 'digits'];
const { values: flags, positionals } = parseArgs({
  options: { model: { type: 'string', default: BUNDLED_MODEL } },
  allowPositionals: true,
});
const [wanted = 'quick', methods = 'auto', damages = 'clean', splits] = positionals;
const { model } = flags;
setModel(model);
const isQuick = wanted === 'quick';
const SHARES = isQuick ? [0.05, 0.1, 0.3, 0.5] : [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];
const DRAWS = 5;
const SPLITS = splits === undefined ? (isQuick ? 1 : 2) : Number(splits);
const names = methods.split(',');
const folder = temporaryFolder();

const add = (lists, key, value) => {
  lists[key] ??= [];
  lists[key].push(value);
};
const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviationOf = (values) => {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
};

/** The rows to select from, damaged, and those held out: a fifth. */
async function split(corpus, damage, seed) {
  const order = randomOrder(corpus.matrix.rows, seededRandom(seed, 0x5e1));
  const held = Math.round(order.length / 5);
  const part = (rows) => ({
    texts: corpus.texts && Array.from(rows, (row) => corpus.texts[row]),
    labels: Int32Array.from(rows, (row) => corpus.labels[row]),
    matrix: takeRows(corpus.matrix, rows),
  });
  return { train: await damaged(part(order.slice(held)), damage, seed), test: part(order.slice(0, held)) };
}

async function keptOf({ matrix, labels }, budgets, seed) {
  const { scores } = await difficultyScores(matrix, { seed });
  const graphs = {};
  const kept = {};
  for (const name of names) {
    const k = K[name] ?? 10;
    graphs[k] ??= await buildGraph(matrix, { k });
    const input = { rows: matrix.rows, vectors: matrix, graph: graphs[k], scores, labels, seed };
    kept[name] = await keptAtEach(name, input, budgets);
  }
  return kept;
}

/** Accuracy and macro-F1 per job, a list of rows, and learner. */
async function learn({ train, test }, jobs) {
  const vectors = join(folder, 'vectors.npy');
  const all = { data: new Float32Array(train.matrix.data.length + test.matrix.data.length), cols: train.matrix.cols };
  all.data.set(train.matrix.data);
  all.data.set(test.matrix.data, train.matrix.data.length);
  const rows = train.matrix.rows + test.matrix.rows;
  await writeNpy(vectors, all.data, [rows, all.cols]);
  const path = join(folder, 'jobs.json');
  const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
  writeFileSync(
    path,
    JSON.stringify({
      vectors,
      texts: train.texts ? [...train.texts, ...test.texts] : null,
      train: range(0, train.matrix.rows),
      test: range(train.matrix.rows, rows),
      trainLabels: Array.from(train.labels),
      testLabels: Array.from(test.labels),
      jobs: jobs.map((job) => Array.from(job)),
    }),
  );
  return rival('train.py', [path]);
}

console.log(machine());
const cells = [];
const corpora = isQuick ? QUICK : wanted === 'all' ? Object.keys(CORPORA) : wanted.split(',');
for (const corpusName of corpora) {
  const corpus = await CORPORA[corpusName]();
  for (const damage of damages.split(',')) {
    /** Per method, or draw, and share and learner: [accuracy, macro-F1] of each split. */
    const found = {};
    const made = {};
    for (let seed = 0; seed < SPLITS; seed++) {
      const parts = await split(corpus, damage, seed);
      const rows = parts.train.matrix.rows;
      const budgets = SHARES.map((share) => Math.round(share * rows));
      const keptBy = await keptOf(parts.train, budgets, seed);
      for (let draw = 0; draw < DRAWS; draw++) {
        const order = randomOrder(rows, seededRandom(100 * seed + draw, 0xd4a), budgets.at(-1));
        keptBy[`random ${draw}`] = budgets.map((budget) => order.slice(0, budget));
      }
      const jobs = Object.entries(keptBy).flatMap(([name, lists]) => lists.map((kept, b) => ({ name, b, kept })));
      const results = await learn(
        parts,
        jobs.map(({ kept }) => kept),
      );
      jobs.forEach(({ name, b, kept }, j) => {
        for (const [learner, values] of Object.entries(results[j])) add(found, `${name}|${b}|${learner}`, values);
        const share = kept.reduce((sum, row) => sum + parts.train.made[row], 0) / kept.length;
        add(made, `${name}|${b}`, share);
      });
    }
    const learners = [...new Set(Object.keys(found).map((key) => key.split('|')[2]))];
    const valuesAt = (name, b, learner, part) => meanOf(found[`${name}|${b}|${learner}`].map((values) => values[part]));
    for (const name of names) {
      for (const learner of learners) {
        const gains = SHARES.map((share, b) => {
          const draws = Array.from({ length: DRAWS }, (_, draw) => valuesAt(`random ${draw}`, b, learner, 0));
          const drawsF1 = Array.from({ length: DRAWS }, (_, draw) => valuesAt(`random ${draw}`, b, learner, 1));
          const gain = valuesAt(name, b, learner, 0) - meanOf(draws);
          const gainF1 = valuesAt(name, b, learner, 1) - meanOf(drawsF1);
          const of = model === BUNDLED_MODEL ? {} : { model };
          const place = { corpus: corpusName, ...of, damage, method: name, learner, share };
          const madeShare = meanOf(made[`${name}|${b}`]);
          cells.push({ ...place, random: meanOf(draws), gain, deviation: deviationOf(draws), gainF1, made: madeShare });
          return gain;
        });
        const line = gains.map((gain) => `${gain < 0 ? '−' : '+'}${Math.abs(gain).toFixed(3).slice(1)}`).join(' ');
        console.log(`${corpusName}, ${damage}, ${name}, ${learner}:`.padEnd(48), line);
      }
      if (damage === 'junk' || damage === 'near-duplicates') {
        const shares = SHARES.map((_, b) => meanOf(made[`${name}|${b}`]).toFixed(2)).join(' ');
        console.log(`  share of ${damage} kept:`.padEnd(48), shares);
      }
    }
    if (!isQuick) keepCells();
  }
}

/** Put the cells beside those of earlier runs, in place of older ones of the same corpus, damage and method. */
function keepCells() {
  const path = `${ROOT}bench/results/train.json`;
  const keyOf = (cell) => `${cell.corpus} ${cell.damage} ${cell.method} ${cell.model ?? BUNDLED_MODEL}`;
  const now = new Set(cells.map(keyOf));
  const earlier = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).cells : [];
  const rounded = cells.map((cell) => ({
    ...cell,
    splits: SPLITS,
    ...Object.fromEntries(
      ['random', 'gain', 'deviation', 'gainF1', 'made'].map((name) => [name, +cell[name].toFixed(5)]),
    ),
  }));
  record('train', { draws: DRAWS, cells: [...earlier.filter((cell) => !now.has(keyOf(cell))), ...rounded] });
}
console.log(
  `\ngain in accuracy over ${DRAWS} random draws, at ${SHARES.map((share) => `${100 * share} %`).join(' / ')} kept`,
);
for (const method of names) {
  const own = cells.filter((cell) => cell.method === method);
  const below = (deviations) => own.filter(({ gain, deviation }) => gain < -deviations * deviation).length;
  const mean = meanOf(own.map(({ gain }) => gain));
  console.log(
    `${method.padEnd(20)} mean ${mean < 0 ? '−' : '+'}${Math.abs(mean).toFixed(4)}; of ${own.length} cells ${below(1)} below random by a deviation, ${below(2)} by two`,
  );
}
