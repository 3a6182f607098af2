// The chain from embeddings to selection against the paper's algorithm in NumPy and scikit-learn, written the
// way its published code works (dense rows × rows distances, Python min() over all rows at each pick).
// Usage: node paper.mjs [rows]
import { join } from 'node:path';
import { takeRows, writeNpy } from '@coreset/core';
import { difficultyScores } from '@coreset/difficulty';
import { embedTexts } from '@coreset/embedder';
import { corpusTexts, machine, ownProcess, record, rival, temporaryFolder } from './support.mjs';

const rows = Number(process.argv[2] ?? 10000);
const all = await embedTexts(corpusTexts());
const matrix = takeRows(
  all,
  Int32Array.from({ length: rows }, (_, i) => i),
);
const { scores } = await difficultyScores(matrix);
const folder = temporaryFolder();
await writeNpy(join(folder, 'x.npy'), matrix.data, [rows, matrix.cols]);
await writeNpy(join(folder, 's.npy'), scores);

const args = [folder, 10, rows * 0.3];
const ours = ownProcess('paper-chain.mjs', args);
const theirs = rival('paper.py', args);
const same = new Set(theirs.selected);
const agreeing = ours.selected.filter((row) => same.has(row)).length / ours.selected.length;
console.log(machine());
for (const [name, { first, seconds, megabytes }] of Object.entries({ coreset: ours, "the paper's way": theirs })) {
  console.log(`${name}: first call ${first.toFixed(2)} s, warm ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB`);
}
console.log(
  `${(theirs.first / ours.first).toFixed(1)} × faster at the first call, ${(theirs.seconds / ours.seconds).toFixed(1)} × warm; ` +
    `${(100 * agreeing).toFixed(1)} % of the rows are the same`,
);
const figures = ({ first, seconds, megabytes }) => ({ first, seconds, megabytes });
record('paper', { rows, ours: figures(ours), theirs: figures(theirs), agreeing });
