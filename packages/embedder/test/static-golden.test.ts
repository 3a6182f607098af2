import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowOf } from '@coreset/core';
import { embedTexts } from '@coreset/embedder';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../../test/support.ts';

const FOLDER = join(ROOT, 'models/tiny-static');

/** Made by make.py of that folder: what Model2Vec and sentence-transformers give. */
const golden: { texts: string[]; vectors: Record<string, number[][]> } = JSON.parse(
  readFileSync(join(FOLDER, 'golden.json'), 'utf8'),
);

/** Python adds in float32, and gives numbers of its table's type: these two have halves. */
const PRECISION = 2e-6;
const HALVES: Record<string, number> = { mapped: 1e-3, distilled: 1e-3 };

describe('the vectors of Model2Vec and sentence-transformers', () => {
  test.each(Object.entries(golden.vectors))('of the static model %s', async (name, expected) => {
    const vectors = await embedTexts(golden.texts, { model: join(FOLDER, name), threads: 1, onEmpty: 'zeros' });
    expect(vectors.cols).toBe(expected[0].length);
    for (const [row, vector] of expected.entries()) {
      const found = rowOf(vectors, row);
      const apart = vector.map((value, c) => Math.abs(value - found[c]));
      expect(Math.max(...apart), golden.texts[row].slice(0, 80)).toBeLessThan(HALVES[name] ?? PRECISION);
    }
  });
});
