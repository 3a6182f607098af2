// k-means against faiss.Kmeans at the same number of iterations on the same vectors; seconds and inertia.
// Usage: node kmeans.mjs EMBEDDINGS.npy [rows] [prototypes]

import { kmeans, prototypeDistance } from '@coreset/difficulty';
import { firstRows, machine, median, record, rival, time } from './support.mjs';

const [path, wanted = '50000', count = '500'] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: node kmeans.mjs EMBEDDINGS.npy [rows] [prototypes]');
const ITERATIONS = 10;
const { matrix, rows, file } = await firstRows(path, Number(wanted));

let prototypes;
const ours = median(
  await time(async () => {
    ({ prototypes } = await kmeans(matrix, { prototypes: Number(count), iterations: ITERATIONS, tolerance: 0 }));
  }),
);
const { distances } = await prototypeDistance(matrix, prototypes);
const inertia = distances.reduce((sum, distance) => sum + distance * distance, 0);
const { seconds, inertia: theirInertia } = rival('kmeans.py', [file, count, ITERATIONS]);
const theirs = median(seconds);
console.log(machine());
console.log(`${rows} × ${matrix.cols}, ${count} prototypes, ${ITERATIONS} iterations`);
console.log(
  `coreset ${ours.toFixed(2)} s, inertia ${inertia.toFixed(0)}; faiss ${theirs.toFixed(2)} s, inertia ${theirInertia.toFixed(0)}`,
);
console.log(`ratio ${(ours / theirs).toFixed(2)}, inertia ratio ${(inertia / theirInertia).toFixed(4)}`);
record(`kmeans-${rows}`, {
  rows,
  prototypes: Number(count),
  ours,
  theirs,
  ratio: ours / theirs,
  inertiaRatio: inertia / theirInertia,
});
