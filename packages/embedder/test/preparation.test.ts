import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbedOptions, embedStream } from '@coreset/embedder';
import { expect, test } from 'vitest';
import { ROOT } from '../../../test/support.ts';
import { PREPARATION } from '../dist/cache/model-fingerprint.js';

const FILE = join(import.meta.dirname, 'cases/prepared.json');
const TEXTS = [
  'a text editor',
  'ΟΔΟΣ Éditeur',
  '数据𠀀挖掘',
  'x😀y',
  ' spaces\tand\nlines ',
  'long '.repeat(50),
  'don’t—stop',
  '\ud800',
];
const MODELS: EmbedOptions[] = [
  { model: 'mean' },
  { model: 'mean', long: 'mean', normalise: false },
  { model: 'cls', maxTokens: 12 },
  { model: 'last' },
];

interface Prepared {
  preparation: number;
  vectors: number[][];
  readings: number[][];
}

async function prepare(): Promise<Prepared> {
  const vectors: number[][] = [];
  const readings: number[][] = [];
  for (const { model, ...options } of MODELS) {
    const folder = join(ROOT, 'models/tiny', `${model}`);
    for await (const block of embedStream(TEXTS, { model: folder, dtype: 'fp32', threads: 1, ...options })) {
      vectors.push(Array.from(block.data, (value) => Math.round(1e5 * value) / 1e5));
      readings.push(...Object.values(block.readings).map((numbers: Int32Array) => Array.from(numbers)));
    }
  }
  return { preparation: PREPARATION, vectors, readings };
}

// Caches outlive versions of this package.
test('a change of what texts become raises PREPARATION, and then UPDATE_PREPARED=1 writes it anew', async () => {
  const now = await prepare();
  if (process.env.UPDATE_PREPARED) writeFileSync(FILE, `${JSON.stringify(now)}\n`);
  const before: Prepared = JSON.parse(readFileSync(FILE, 'utf8'));
  expect(now.preparation).toBe(before.preparation);
  expect(now.readings).toEqual(before.readings);
  for (const [m, numbers] of now.vectors.entries())
    for (const [i, value] of numbers.entries()) expect(value).toBeCloseTo(before.vectors[m][i], 3);
});
