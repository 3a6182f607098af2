// What bench/paper.mjs runs in a process of its own, as it runs the rival: FOLDER with x.npy and s.npy, K, BUDGET.
import { join } from 'node:path';
import { readNpyMatrix, readNpyVector } from '@coreset/core';
import { buildGraph } from '@coreset/graph';
import { d2Select, keptRows } from '@coreset/selector';
import { median, peakMegabytes, time } from './support.mjs';

const [folder, k, budget] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const matrix = readNpyMatrix(join(folder, 'x.npy'));
const scores = readNpyVector(join(folder, 's.npy'));
const before = peakMegabytes();
let kept;
const chain = async () => {
  const graph = await buildGraph(matrix, { k, groupDuplicates: false });
  kept = keptRows(d2Select(graph, scores, { budget, dropDuplicates: false }));
};
const start = performance.now();
await chain();
const first = (performance.now() - start) / 1000;
const megabytes = peakMegabytes() - before;
// The just-in-time compiler takes some calls to get there.
const seconds = median(await time(chain, 9));
console.log(JSON.stringify({ first, seconds, megabytes, selected: [...kept] }));
