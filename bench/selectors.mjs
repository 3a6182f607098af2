// Who wins? Accuracy of a linear probe trained on what each method keeps of three corpora, at five budgets,
// over seeded splits. Usage: node selectors.mjs [debian|mnist|digits|all] [splits] [method,…]

import { takeRows } from '@coreset/core';
import { difficultyScores } from '@coreset/difficulty';
import { buildGraph } from '@coreset/graph';
import { linearProbe } from '@coreset/metrics';
import { METHODS } from '@coreset/selector';
import { CORPORA, split } from './experiment-data.mjs';
import { K, keptAtEach } from './kept.mjs';
import { machine, record } from './support.mjs';

const [
  corpora = 'all',
  splits = '5',
  methods = 'random,facility-location,auto,d2,k-center,moderate,prototypes-hard,prototypes-easy,ccs,graph-cut,semdedup,uniform,d2-cutoff,herding,hierarchical,density,subzero',
] = process.argv.slice(2);
const SHARES = [0.02, 0.05, 0.1, 0.3, 0.5];

function meanAndSpread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squared = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, spread: Math.sqrt(squared / Math.max(1, values.length - 1)) };
}

async function accuracies(name, train, test, graphs, scores, seed) {
  const rows = train.matrix.rows;
  const budgets = SHARES.map((share) => Math.round(share * rows));
  const graph = METHODS[name].needs.includes('graph') ? graphs[K[name] ?? 10] : undefined;
  const input = { rows, vectors: train.matrix, graph, scores, labels: train.labels, seed };
  const result = [];
  for (const kept of await keptAtEach(name, input, budgets)) {
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
    const graphs = {};
    for (const k of [10, ...Object.values(K)]) graphs[k] = await buildGraph(train.matrix, { k });
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
