// How the time of approximate neighbour search grows with the rows of one corpus.
// Usage: node growth.mjs EMBEDDINGS.npy ROWS ROWS …; after one run of the smallest that does not count, the median of up to
// five, as many as half a minute has room for.
import { buildGraph, estimateRecall } from '@coreset/graph';
import { firstRows, machine, median, record } from './support.mjs';

const [path, ...sizes] = process.argv.slice(2);
if (sizes.length < 2) throw new Error('usage: node growth.mjs EMBEDDINGS.npy ROWS ROWS …');
const OPTIONS = { k: 10, groupDuplicates: false, backend: 'ivf' };
const counts = sizes.map(Number).sort((a, b) => a - b);

console.log(machine());
await buildGraph((await firstRows(path, counts[0])).matrix, OPTIONS);
const figures = [];
for (const wanted of counts) {
  const { matrix, rows } = await firstRows(path, wanted);
  const runs = [];
  let graph;
  do {
    const start = performance.now();
    graph = await buildGraph(matrix, OPTIONS);
    runs.push((performance.now() - start) / 1000);
  } while (runs.length < 5 && (runs.length + 1) * runs[0] < 30);
  const seconds = median(runs);
  const recall = await estimateRecall(matrix, graph, OPTIONS.k, { sampleSize: 1000 });
  console.log(`${rows} rows: ${seconds.toFixed(2)} s, recall ${recall.toFixed(3)}`);
  figures.push({ rows, seconds, recall });
}

/** The slope of a line through the logarithms. */
function exponent() {
  const x = figures.map(({ rows }) => Math.log(rows));
  const y = figures.map(({ seconds }) => Math.log(seconds));
  const mean = (values) => values.reduce((sum, value) => sum + value) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  return mean(x.map((value, i) => (value - mx) * (y[i] - my))) / mean(x.map((value) => (value - mx) ** 2));
}
console.log(`grows as rows^${exponent().toFixed(2)}`);
record('growth', { figures, exponent: exponent() });
