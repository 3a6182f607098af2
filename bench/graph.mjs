// Neighbour search against faiss flat and IVF, hnswlib and pynndescent on the same vectors, in the same run.
// Usage: node graph.mjs EMBEDDINGS.npy [rows]. Make the embeddings of a large real corpus first, for example
// with `coreset embed`; the bundled corpus has only 12,000 rows.

import { buildGraph, estimateRecall } from '@coreset/graph';
import { firstRows, machine, median, record, rival, time } from './support.mjs';

const [path, wanted = '50000'] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: node graph.mjs EMBEDDINGS.npy [rows]');
const K = 10;
const { matrix, rows, file } = await firstRows(path, Number(wanted));

console.log(machine());
console.log(`${rows} × ${matrix.cols}, k = ${K}`);
const figures = [];
function report(name, seconds, recall, scaled) {
  console.log(`${name.padEnd(34)} ${seconds.toFixed(2).padStart(8)} s   recall ${recall.toFixed(3)}`);
  figures.push({ name, seconds, recall, scaled });
}

for (const backend of ['exact', 'ivf', 'auto']) {
  if (backend === 'exact' && rows > 100_000) continue;
  let graph;
  const seconds = median(
    await time(async () => {
      graph = await buildGraph(matrix, { k: K, groupDuplicates: false, backend });
    }, 3),
  );
  report(`coreset ${backend}`, seconds, await estimateRecall(matrix, graph, K, { sampleSize: 4000 }));
}
const ours = figures.length;
for (const { name, seconds, recall, scaled } of rival('graph.py', [file, K])) report(name, seconds, recall, scaled);

const best = (candidates) => candidates.filter(({ recall }) => recall >= 0.99).sort((a, b) => a.seconds - b.seconds)[0];
const fastest = best(figures.slice(0, ours));
const rivals = figures.slice(ours);
const bestRival = best(rivals);
const ratio = fastest.seconds / bestRival.seconds;
console.log(`\nrecall ≥ 0.99: ${fastest.name} ${ratio.toFixed(2)} × ${bestRival.name}`);
const exact = figures.find(({ name }) => name === 'coreset exact');
const exactToFlat = exact && exact.seconds / rivals[0].seconds;
if (exact) console.log(`exact: ${exactToFlat.toFixed(2)} × faiss flat`);
record(`graph-${rows}`, { rows, cols: matrix.cols, k: K, figures, exactToFlat, ratio, bestRival: bestRival.name });
