import type { Diagnostics } from '@coreset/core';
import { difficultyScores, type KmeansOptions, kmeans } from '@coreset/difficulty';
import { exactQmax } from '@coreset/kernels';
import { expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';

test.each(['kernel', 'ml-kmeans'] as const)('k-means tells what it was asked and what it did (%s)', async (backend) => {
  const vectors = clusteredMatrix(700, 6);
  let told: Diagnostics = {};
  const options: KmeansOptions = { prototypes: 5, metric: 'cosine', seed: 4, sampleSize: 100, iterations: 50, backend };
  const plain = await kmeans(vectors, options);
  const found = await kmeans(vectors, {
    ...options,
    onDiagnostics: (stage, facts) => {
      expect(stage).toBe('difficulty');
      told = { ...told, ...facts };
    },
  });
  expect(found).toEqual(plain);
  expect(found.iterations).toBeLessThan(50);
  expect(told).toEqual({
    source: 'prototype distance',
    backend,
    prototypes: 5,
    metric: 'cosine',
    seed: 4,
    maxIterations: 50,
    tolerance: 0.001,
    trainingRows: 500,
    iterations: found.iterations,
    inertia: found.inertia,
    ...(backend === 'kernel' && { trainedBy: 'floats' }),
  });
});

test('and by what the rows were assigned: codes, or floats where they are too coarse', async () => {
  // So many rows × prototypes × columns are worth codes.
  const vectors = clusteredMatrix(9000, 128, 3, 40);
  const trainedBy = async (): Promise<Diagnostics> => {
    let told: Diagnostics = {};
    const onDiagnostics = (_: string, facts: Diagnostics): void => {
      told = facts;
    };
    await difficultyScores(vectors, { prototypes: 900, iterations: 2, tolerance: 0, onDiagnostics });
    return told;
  };
  expect(await trainedBy()).toMatchObject({ trainedBy: 'codes', qmax: await exactQmax(), iterations: 2 });
  vectors.data.fill(1e5, 0, vectors.cols);
  const coarse = await trainedBy();
  expect(coarse).toMatchObject({ trainedBy: 'floats', iterations: 2 });
  expect(coarse).not.toHaveProperty('qmax');
});
