import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embedImages } from '@coreset/embedder';
import { describe, expect, test } from 'vitest';
import { writeTinyModel } from '../../../test/images.ts';
import { temporaryFolder } from '../../../test/support.ts';
import { readPixels } from '../dist/image-file.js';
import { loadImageProcessor } from '../dist/image-processor.js';
import { resizeLikePillow } from '../dist/pillow-resize.js';

/** What Pillow and Python's transformers give, made by pillow.py. */
const CASES = fileURLToPath(new URL('cases/pillow/', import.meta.url));
const read = (name: string): unknown => JSON.parse(readFileSync(join(CASES, name), 'utf8'));

interface Resized {
  from: [number, number];
  to: [number, number];
  filter: string;
  pixels: string;
}

/** The picture of pillow.py. */
function picture(width: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data.set(
        [((x >> 1) % 2) * 255, (5 * x + 3 * y) % 256, (((x * 7919 + y * 104729) % 251) * 31) % 256],
        3 * (y * width + x),
      );
  return data;
}

describe('a picture is resized to the same bits as by Pillow', () => {
  for (const { from, to, filter, pixels } of read('resized.json') as Resized[])
    test(`${from.join(' × ')} to ${to.join(' × ')}, ${filter}`, () => {
      const [width, height] = from;
      const resized = resizeLikePillow({ data: picture(width, height), width, height }, ...to, filter);
      expect(resized).toMatchObject({ width: to[0], height: to[1] });
      expect(Buffer.from(resized.data).equals(Buffer.from(pixels, 'base64'))).toBe(true);
    });
  test('or refused', () => {
    const one = { data: picture(1, 1), width: 1, height: 1 };
    expect(() => resizeLikePillow(one, 2, 2, 6)).toThrow(/^resample 6 is not known; use 0 to 5 or one of nearest, /);
    expect(() => resizeLikePillow(one, 2, 2, 'cubic')).toThrow(/^resample cubic is not known/);
  });
});

interface Processed {
  models: Record<string, object>;
  cases: { picture: string; model: string; shape: number[]; values: string }[];
}

const { models, cases } = read('processed.json') as Processed;
const folder = temporaryFolder();

/** A pixel of two levels, by the smallest std of the models. */
const TWO_LEVELS = 2 / 255 / 0.22;

describe('a model gets the numbers that Python gives it', () => {
  for (const name of Object.keys(models))
    test(name, async () => {
      const model = join(folder, name);
      mkdirSync(model);
      writeFileSync(join(model, 'preprocessor_config.json'), JSON.stringify(models[name]));
      const processor = await loadImageProcessor(model);
      const own = cases.filter(({ model }) => model === name);
      expect(own.length).toBeGreaterThan(0);
      for (const { picture, shape, values } of own) {
        const read = await readPixels(join(CASES, 'pictures', picture));
        if (!('picture' in read)) throw new Error(read.problem);
        const { data, dims } = await processor([read.picture]);
        expect(dims, picture).toEqual(shape);
        const bytes = Buffer.from(values, 'base64');
        const wanted = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
        const most = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(data[i]))), 0);
        expect(most, picture).toBeLessThan(TWO_LEVELS);
      }
    });
});

test('stripes look the same wherever they begin', async () => {
  const files = ['lines.png', 'lines-shifted.png'].map((file) =>
    fileURLToPath(new URL(`cases/shrinking-without-antialias/${file}`, import.meta.url)),
  );
  writeTinyModel(join(folder, 'map'), 'map');
  const { data } = await embedImages(files, { model: join(folder, 'map'), normalise: false });
  for (const value of data) expect(value).toBeCloseTo(32 / 255, 2);
});
