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
function report(name, seconds, recall) {
  console.log(`${name.padEnd(34)} ${seconds.toFixed(2).padStart(8)} s   recall ${recall.toFixed(3)}`);
  figures.push({ name, seconds, recall });
}

for (const [name, options] of [
  ['coreset exact', { backend: 'exact' }],
  ['coreset ivf', { backend: 'ivf' }],
  ['coreset auto', { backend: 'auto' }],
]) {
  let graph;
  const seconds = median(
    await time(async () => {
      graph = await buildGraph(matrix, { k: K, groupDuplicates: false, ...options });
    }, 2),
  );
  report(name, seconds, await estimateRecall(matrix, graph, K, {}));
}
for (const { name, seconds, recall } of rival('graph.py', [file, K])) report(name, seconds, recall);

const flat = figures.find(({ name }) => name === 'faiss IndexFlat').seconds;
console.log(`\nexact: ${(figures[0].seconds / flat).toFixed(2)} × faiss flat`);
record(`graph-${rows}`, { rows, cols: matrix.cols, k: K, figures, exactToFlat: figures[0].seconds / flat });
