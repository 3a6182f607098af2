// The chain from embeddings to selection against the paper's algorithm in NumPy and scikit-learn, written the
// way its published code works (dense rows × rows distances, Python min() over all rows at each pick).
// Usage: node paper.mjs [rows]
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeRows, writeNpy } from '@coreset/core';
import { difficultyScores } from '@coreset/difficulty';
import { embedTexts } from '@coreset/embedder';
import { buildGraph } from '@coreset/graph';
import { d2Select, keptRows } from '@coreset/selector';
import { corpusTexts, machine, median, record, rival, time } from './support.mjs';

const rows = Number(process.argv[2] ?? 10000);
const all = await embedTexts(corpusTexts());
const matrix = takeRows(
  all,
  Int32Array.from({ length: rows }, (_, i) => i),
);
const { scores } = await difficultyScores(matrix);
const folder = mkdtempSync(join(tmpdir(), 'coreset-bench-'));
await writeNpy(join(folder, 'x.npy'), matrix.data, [rows, matrix.cols]);
await writeNpy(join(folder, 's.npy'), scores);

const before = process.memoryUsage.rss();
let kept;
const chain = async () => {
  const graph = await buildGraph(matrix, { k: 10, groupDuplicates: false });
  kept = keptRows(d2Select(graph, scores, { budget: rows * 0.3, dropDuplicates: false }));
};
// The just-in-time compiler takes some calls to get there, so the first is told apart.
const start = performance.now();
await chain();
const first = (performance.now() - start) / 1000;
const ours = median(await time(chain, 9));
const ourMegabytes = process.resourceUsage().maxRSS / 2 ** 10 - before / 2 ** 20;
const { seconds, megabytes, selected } = rival('paper.py', [folder, 10, rows * 0.3]);
const same = new Set(selected);
const agreeing = kept.filter((row) => same.has(row)).length / kept.length;
console.log(machine());
console.log(
  `${rows} rows: coreset ${ours.toFixed(2)} s (the first call ${first.toFixed(2)} s), ${ourMegabytes.toFixed(0)} MB; the paper's way ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB`,
);
console.log(`${(seconds / ours).toFixed(1)} × faster; ${(100 * agreeing).toFixed(1)} % of the rows are the same`);
record('paper', {
  rows,
  ours,
  first,
  ourMegabytes,
  theirs: seconds,
  theirMegabytes: megabytes,
  faster: seconds / ours,
  agreeing,
});
