import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowOf } from '@coreset/core';
import { type EmbeddedBlock, embedImages, embedStream, embedTexts } from '@coreset/embedder';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type Colour, png, type TinyModel, writeTinyModel } from '../../../test/images.ts';
import { temporaryFolder } from '../../../test/support.ts';

const RED: Colour = [255, 0, 0];
const BLUE: Colour = [0, 0, 255];
const GREY: Colour = [51, 51, 51];

const folder = temporaryFolder();
const files = { red: await png(RED), blue: await png(BLUE), both: await png(RED, BLUE, 8), grey: await png(GREY) };
const path = (name: string): string => join(folder, `${name}.png`);
for (const [name, bytes] of Object.entries(files)) writeFileSync(path(name), bytes);

function model(kind: TinyModel): string {
  const where = join(folder, kind);
  writeTinyModel(where, kind);
  return where;
}

function near(actual: Float32Array, expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 2);
}

describe('the vector of an image', () => {
  test('is the mean over all places of a map of features', async () => {
    const raw = await embedImages([path('red'), path('both'), path('grey')], { model: model('map'), normalise: false });
    expect(raw).toMatchObject({ rows: 3, cols: 3 });
    near(rowOf(raw, 0), [1, 0, 0]);
    near(rowOf(raw, 1), [0.5, 0, 0.5]);
    near(rowOf(raw, 2), [0.2, 0.2, 0.2]);
  });

  test('is the first of its tokens, or their mean when asked', async () => {
    const tokens = model('tokens');
    near(rowOf(await embedImages([path('both')], { model: tokens, normalise: false }), 0), [1, 0, 0]);
    near(
      rowOf(await embedImages([path('both')], { model: tokens, pooling: 'mean', normalise: false }), 0),
      [0.5, 0, 0.5],
    );
    near(rowOf(await embedImages([path('both')], { model: tokens, pooling: 'last', normalise: false }), 0), [0, 0, 1]);
  });

  test('is what the part for images of a model of images and texts gives', async () => {
    const { data } = await embedImages([path('both')], { model: model('embeds'), normalise: false });
    near(data, [1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1]);
  });

  test('has length 1 and depends on the image alone', async () => {
    const names = Object.keys(files);
    const many = Array.from({ length: 40 }, (_, i) => path(names[i % names.length]));
    const options = { model: model('map') };
    const [one, three, batched] = [
      await embedImages(many, { ...options, threads: 1 }),
      await embedImages(many, { ...options, threads: 3 }),
      await embedImages(many, { ...options, batchSize: 3 }),
    ];
    expect(three).toEqual(one);
    expect(batched).toEqual(one);
    near(rowOf(one, 3), [Math.sqrt(1 / 3), Math.sqrt(1 / 3), Math.sqrt(1 / 3)]);
    expect(rowOf(one, 4)).toEqual(rowOf(one, 0));
  });
});

test('an image that is cut short counts as far as it goes', async () => {
  const large = await png(RED, BLUE, 64);
  writeFileSync(path('cut'), large.subarray(0, large.length - 14));
  const notices: string[] = [];
  const onNotice = (notice: string): unknown => notices.push(notice);
  const { data } = await embedImages([path('cut')], { model: model('map'), normalise: false, onNotice });
  expect(data[0]).toBeGreaterThan(0.1);
  expect(data[1]).toBe(0);
  expect(notices).toEqual(['1 of 1 images are cut short or damaged, of which what is there counts']);
});

test('an image that cannot be read has zeros in place of a vector when asked, and the block names its row', async () => {
  writeFileSync(path('text'), 'no image at all');
  const files = [path('red'), path('text'), path('grey')];
  const normalising = join(folder, 'normalising');
  writeTinyModel(normalising, 'map');
  const config = join(normalising, 'preprocessor_config.json');
  const half = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5], do_normalize: true };
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), ...half }));
  const options = { model: normalising, modality: 'image', onEmpty: 'zeros', threads: 1 } as const;
  for (const batchSize of [1, 3]) {
    const blocks: EmbeddedBlock[] = [];
    for await (const block of embedStream(files, { ...options, normalise: false, batchSize })) blocks.push(block);
    const [block] = blocks;
    expect(block.empty).toEqual([1]);
    expect([...block.readings.tokens]).toEqual([1, 0, 1]);
    expect([...block.readings.lost]).toEqual([0, 0, 0]);
    near(block.data, [1, -1, -1, 0, 0, 0, -0.6, -0.6, -0.6]);
  }
});

test('what is wrong is said in one line', async () => {
  const options = { model: model('map') };
  writeFileSync(path('broken'), 'no image at all');
  await expect(embedImages([path('red')], {} as { model: string })).rejects.toThrow(
    /^images need a model, and none is bundled: .*--model/,
  );
  await expect(embedImages([path('none')], options)).rejects.toThrow(/^cannot read the image .*none\.png: /);
  await expect(embedImages([path('red'), path('broken')], options)).rejects.toThrow(
    /^cannot read the image .*broken\.png: /,
  );
  await expect(embedImages(['https://example.org/a.png'], options)).rejects.toThrow(/^cannot read the image https:/);
  const byEdge = model('tokens');
  const size = { size: { shortest_edge: 224 }, image_processor_type: 'CLIPImageProcessor' };
  writeFileSync(join(byEdge, 'preprocessor_config.json'), JSON.stringify(size));
  const line = { width: 1, height: 9000, channels: 3, background: 'red' } as const;
  await sharp({ create: line }).toFile(path('line'));
  await expect(embedImages([path('line')], { model: byEdge })).rejects.toThrow(
    /^cannot prepare .*line\.png for the model: 1 × 9000 pixels would become 224 × 2016000, which are too many$/,
  );
  await expect(embedImages([3 as unknown as string], options)).rejects.toThrow(
    /row 0 is number, not the path of an image/,
  );
  await expect(embedImages([path('red')], { model: folder })).rejects.toThrow(
    /lacks config.json, preprocessor_config.json, onnx\/model_quantized.onnx/,
  );
  await expect(embedTexts(['a'], options)).rejects.toThrow(/lacks tokenizer.json/);
});
