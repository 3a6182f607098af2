import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowOf } from '@coreset/core';
import { type EmbedOptions, embedTexts } from '@coreset/embedder';
import { describe, expect, test } from 'vitest';
import { ROOT, temporaryFolder } from '../../../test/support.ts';

const GOLDEN = join(ROOT, 'models/tiny');

/** Made by make.py of that folder: what sentence-transformers gives, and what is changed in the files of a model before. */
const golden: {
  texts: string[];
  vectors: Record<string, number[][]>;
  changes: Record<string, [file: string, fields: object][]>;
} = JSON.parse(readFileSync(join(GOLDEN, 'golden.json'), 'utf8'));

/** The folder of a model with the changes that its name asks for. */
function folderOf(name: string): string {
  const folder = join(temporaryFolder(), 'model');
  cpSync(join(GOLDEN, name.split(',')[0]), folder, { recursive: true });
  for (const [file, fields] of golden.changes[name] ?? []) {
    const path = join(folder, file);
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...fields }));
  }
  return folder;
}

async function leastCosine(name: string, options: EmbedOptions): Promise<number> {
  const vectors = await embedTexts(golden.texts, { model: folderOf(name), dtype: 'fp32', threads: 1, ...options });
  const cosines = golden.vectors[name].map((vector, row) =>
    vector.reduce((sum, value, c) => sum + value * rowOf(vectors, row)[c], 0),
  );
  return Math.min(...cosines);
}

describe('the vectors of sentence-transformers', () => {
  test.each(Object.keys(golden.vectors))('of the model %s', async (name) => {
    expect(await leastCosine(name, {})).toBeGreaterThan(0.99999);
    expect(await leastCosine(name, { batchSize: 5 })).toBeGreaterThan(0.99999);
  });

  test('are others where the model is not followed', async () => {
    expect(await leastCosine('mean', { pooling: 'cls' })).toBeLessThan(0.98);
    expect(await leastCosine('mean', { maxTokens: 23 })).toBeLessThan(0.9999);
    expect(await leastCosine('last', { pooling: 'mean' })).toBeLessThan(0.98);
  });
});
