// The three corpora of docs/selectors.md, each with a seeded split: rows to select from, held-out rows.
import { createRequire } from 'node:module';
import { createMatrix, randomOrder, seededRandom, takeRows } from '@coreset/core';
import { embedTexts } from '@coreset/embedder';
import { readRows } from '@coreset/rows';
import { ROOT, rival } from './support.mjs';

const LARGEST_SECTIONS = 26;

async function debian() {
  const all = await readRows(`${ROOT}test/corpora/debian-packages-12k.jsonl`, ['text', 'section']);
  const counts = new Map();
  for (const { section } of all) counts.set(section, (counts.get(section) ?? 0) + 1);
  const sections = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, LARGEST_SECTIONS)
    .map(([name]) => name);
  const rows = all.filter(({ section }) => sections.includes(section));
  const matrix = await embedTexts(rows.map(({ text }) => text));
  return { matrix, labels: Int32Array.from(rows, ({ section }) => sections.indexOf(section)) };
}

function mnist() {
  const require = createRequire(import.meta.url);
  const digits = Array.from({ length: 10 }, (_, digit) => require(`mnist/src/digits/${digit}.json`).data);
  const labels = [];
  const total = digits.reduce((sum, data) => sum + data.length / 784, 0);
  const matrix = createMatrix(total, 784);
  digits.forEach((data, digit) => {
    matrix.data.set(data, labels.length * 784);
    for (let i = 0; i < data.length / 784; i++) labels.push(digit);
  });
  return { matrix, labels: Int32Array.from(labels) };
}

function sklearnDigits() {
  const { data, labels } = rival('digits.py', []);
  const matrix = createMatrix(labels.length, 64);
  matrix.data.set(data);
  return { matrix, labels: Int32Array.from(labels) };
}

export const CORPORA = { debian, mnist, digits: sklearnDigits };

/** A fifth of the rows is held out. */
export function split({ matrix, labels }, seed) {
  const order = randomOrder(matrix.rows, seededRandom(1000 + seed));
  const held = Math.round(matrix.rows / 5);
  const part = (rows) => ({ matrix: takeRows(matrix, rows), labels: Int32Array.from(rows, (row) => labels[row]) });
  return { train: part(order.slice(held)), test: part(order.slice(0, held)) };
}
