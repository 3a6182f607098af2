// Embedding throughput against Python onnxruntime + tokenizers (one session, two threads, length-sorted
// batches of 32) with the same model file on the same texts, in the same run.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embedTexts } from '@coreset/embedder';
import { corpusTexts, machine, median, ROOT, record, rival, temporaryFolder, time } from './support.mjs';

const MODEL = `${ROOT}models/all-MiniLM-L6-v2`;
// Texts that repeat are embedded once, which Python's way does not do: they would not tell about speed.
const lines = [...new Set(corpusTexts())];
// Mixed lengths: 1 to 30 descriptions joined to one text, up to the model's 256 tokens and beyond.
const mixed = [];
for (let i = 0, at = 0; mixed.length < 5000; i++) {
  const count = 1 + ((i * 7919) % 30);
  mixed.push(Array.from({ length: count }, (_, j) => lines[(at + j) % lines.length]).join('. '));
  at += count;
}

console.log(machine());
const rows = [];
for (const [name, texts] of [
  [`${lines.length.toLocaleString('en')} short descriptions`, lines],
  ['5,000 texts of mixed length', mixed],
]) {
  const path = join(temporaryFolder(), 'texts.json');
  writeFileSync(path, JSON.stringify(texts));
  const ours = texts.length / median(await time(() => embedTexts(texts)));
  const { seconds } = rival('embed.py', [MODEL, path]);
  const theirs = texts.length / median(seconds);
  console.log(
    `${name}: coreset ${ours.toFixed(0)} texts/s, Python ${theirs.toFixed(0)} texts/s, ratio ${(ours / theirs).toFixed(2)}`,
  );
  rows.push({ name, ours, theirs, ratio: ours / theirs });
}
record('embed', { rows });
