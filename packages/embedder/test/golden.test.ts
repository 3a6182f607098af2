import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowOf } from '@coreset/core';
import { type EmbedOptions, embedTexts } from '@coreset/embedder';
import { describe, expect, test } from 'vitest';
import { ROOT, temporaryFolder } from '../../../test/support.ts';
import { activationOf } from '../dist/layers/activations.js';

const GOLDEN = join(ROOT, 'models/tiny');

/** Made by make.py of that folder: what sentence-transformers gives, and what is changed in the files of a model before. */
const golden: {
  texts: string[];
  vectors: Record<string, number[][]>;
  changes: Record<string, [file: string, fields: object][]>;
  /** Folders whose files take the place of those of a model. */
  overlays: Record<string, string>;
  /** What `encode` was given as its prompt. */
  prefixes: Record<string, string>;
  activations: { points: number[]; values: Record<string, number[]> };
} = JSON.parse(readFileSync(join(GOLDEN, 'golden.json'), 'utf8'));

/** The folder of a model with the changes that its name asks for. */
function folderOf(name: string): string {
  const folder = join(temporaryFolder(), 'model');
  cpSync(join(GOLDEN, name.split(',')[0]), folder, { recursive: true });
  if (name in golden.overlays) cpSync(join(GOLDEN, golden.overlays[name]), folder, { recursive: true });
  for (const [file, fields] of golden.changes[name] ?? []) {
    const path = join(folder, file);
    const changed = { ...JSON.parse(readFileSync(path, 'utf8')), ...fields };
    if (changed.pooling_mode === null) delete changed.pooling_mode; // as in versions that had none
    writeFileSync(path, JSON.stringify(changed));
  }
  return folder;
}

const length = (vector: ArrayLike<number>): number => Math.hypot(...Array.from(vector));

/** How near our vectors are to those of the library: the least cosine, and the greatest difference of lengths, as a share. */
async function nearness(name: string, options: EmbedOptions): Promise<{ cosine: number; lengths: number }> {
  const prefix = golden.prefixes[name];
  const given = { model: folderOf(name), dtype: 'fp32', threads: 1, prefix, ...options } as const;
  const vectors = await embedTexts(golden.texts, given);
  const pairs = golden.vectors[name].map((vector, row): [number[], Float32Array] => [vector, rowOf(vectors, row)]);
  return {
    cosine: Math.min(
      ...pairs.map(
        ([theirs, ours]) => theirs.reduce((sum, value, c) => sum + value * ours[c], 0) / length(theirs) / length(ours),
      ),
    ),
    lengths: Math.max(...pairs.map(([theirs, ours]) => Math.abs(length(ours) / length(theirs) - 1))),
  };
}

const leastCosine = async (name: string, options: EmbedOptions): Promise<number> =>
  (await nearness(name, options)).cosine;

describe('the vectors of sentence-transformers', () => {
  test.each(Object.keys(golden.vectors))('of the model %s', async (name) => {
    for (const options of [{}, { batchSize: 5 }]) {
      const { cosine, lengths } = await nearness(name, options);
      expect(cosine).toBeGreaterThan(0.99999);
      expect(lengths).toBeLessThan(1e-4);
    }
  });

  test('are others where the model is not followed', async () => {
    expect(await leastCosine('mean', { pooling: 'cls' })).toBeLessThan(0.98);
    expect(await leastCosine('mean', { maxTokens: 23 })).toBeLessThan(0.9999);
    expect(await leastCosine('last', { pooling: 'mean' })).toBeLessThan(0.98);
    expect(await leastCosine('mean, with a prefix', { prefix: '' })).toBeLessThan(0.98);
    expect((await nearness('mean, layers max', { normalise: true })).lengths).toBeGreaterThan(0.1);
  });
});

test.each(Object.entries(golden.activations.values))('the activation %s is that of torch', (name, values) => {
  const activation = activationOf(`torch.nn.modules.activation.${name}`, '');
  golden.activations.points.forEach((point, i) => {
    expect(activation(point)).toBeCloseTo(values[i], 12);
  });
});
