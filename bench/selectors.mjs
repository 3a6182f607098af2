// Who wins? Accuracy of a linear probe trained on what each method keeps of three corpora, at five budgets,
// over seeded splits. Usage: node selectors.mjs [debian|mnist|digits|all] [splits] [method,…]

import { takeRows } from '@coreset/core';
import { difficultyScores } from '@coreset/difficulty';
import { buildGraph } from '@coreset/graph';
import { linearProbe } from '@coreset/metrics';
import { METHODS, select } from '@coreset/selector';
import { CORPORA, split } from './experiment-data.mjs';
import { machine, record } from './support.mjs';

const [
  corpora = 'all',
  splits = '5',
  methods = 'random,facility-location,auto,d2,k-center,moderate,prototypes-hard,prototypes-easy,ccs,graph-cut,semdedup,uniform,d2-cutoff',
] = process.argv.slice(2);
const SHARES = [0.02, 0.05, 0.1, 0.3, 0.5];
const K = { auto: 32 };

function meanAndSpread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squared = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, spread: Math.sqrt(squared / Math.max(1, values.length - 1)) };
}

async function accuracies(name, train, test, graphs, scores, seed) {
  const rows = train.matrix.rows;
  const budget = Math.round(SHARES.at(-1) * rows);
  const graph = METHODS[name].needs.includes('graph') ? graphs[K[name] ?? 10] : undefined;
  const input = { rows, budget, vectors: train.matrix, graph, scores, labels: train.labels, seed };
  const { order } = await select(name, input);
  const result = [];
  for (const share of SHARES) {
    const kept = order.slice(0, Math.round(share * rows));
    result.push(
      await linearProbe(
        takeRows(train.matrix, kept),
        Int32Array.from(kept, (row) => train.labels[row]),
        test.matrix,
        test.labels,
      ),
    );
  }
  return result;
}

console.log(machine());
for (const corpus of corpora === 'all' ? Object.keys(CORPORA) : corpora.split(',')) {
  const data = await CORPORA[corpus]();
  const results = {};
  for (let seed = 0; seed < Number(splits); seed++) {
    const { train, test } = split(data, seed);
    const graphs = { 10: await buildGraph(train.matrix, { k: 10 }), 32: await buildGraph(train.matrix, { k: 32 }) };
    const { scores } = await difficultyScores(train.matrix, { prototypes: 100 });
    for (const name of methods.split(',')) {
      (results[name] ??= []).push(await accuracies(name, train, test, graphs, scores, seed));
    }
  }
  console.log(
    `\n${corpus}: ${data.matrix.rows} rows × ${data.matrix.cols}, ${splits} splits, share kept ${SHARES.join(' / ')}`,
  );
  const table = Object.entries(results).map(([name, runs]) => ({
    name,
    cells: SHARES.map((_, s) => meanAndSpread(runs.map((run) => run[s]))),
  }));
  for (const { name, cells } of table) {
    console.log(
      name.padEnd(18),
      cells.map(({ mean, spread }) => `${mean.toFixed(3)} ±${spread.toFixed(3)}`).join('  '),
    );
  }
  record(`selectors-${corpus}`, { splits: Number(splits), shares: SHARES, table });
}
