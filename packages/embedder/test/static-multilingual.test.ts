import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpyMatrix, rowOf } from '@coreset/core';
import { embedTexts } from '@coreset/embedder';
import { expect, test } from 'vitest';
import { ROOT } from '../../../test/support.ts';

const REFERENCE = join(ROOT, 'models/multilingual-reference');
const MODEL = { model: 'static-multilingual', threads: 1 };

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, c) => sum + value * b[c], 0);
}

test('static-multilingual gives the vectors of model2vec in ten languages', async () => {
  const texts: string[] = JSON.parse(readFileSync(join(REFERENCE, 'texts.json'), 'utf8'));
  const expected = await readNpyMatrix(join(REFERENCE, 'static-vectors-fp16.npy'));
  const vectors = await embedTexts(texts, MODEL);
  expect([vectors.rows, vectors.cols]).toEqual([expected.rows, expected.cols]);
  for (const [row, text] of texts.entries())
    expect(dot(rowOf(vectors, row), rowOf(expected, row)), text.slice(0, 80)).toBeGreaterThan(0.9999);
});

test('most sentences are nearest to their translations', async () => {
  const english = [
    'The dog sleeps.',
    'Water boils at a hundred degrees.',
    'He plays the guitar.',
    'The bank lends money.',
  ];
  const others = [
    ['Der Hund schläft.', 'Wasser kocht bei hundert Grad.', 'Er spielt Gitarre.', 'Die Bank verleiht Geld.'],
    ['Собака спит.', 'Вода кипит при ста градусах.', 'Он играет на гитаре.', 'Банк даёт деньги в кредит.'],
    ['犬が眠っている。', '水は百度で沸騰する。', '彼はギターを弾く。', '銀行はお金を貸す。'],
    ['كلب ينام.', 'يغلي الماء عند مائة درجة.', 'يعزف على الجيتار.', 'البنك يقرض المال.'],
  ];
  const vectors = await embedTexts([...english, ...others.flat()], MODEL);
  const nearest = others.flat().map((_, i) => {
    const cosines = english.map((__, e) => dot(rowOf(vectors, english.length + i), rowOf(vectors, e)));
    return cosines.indexOf(Math.max(...cosines));
  });
  const right = nearest.filter((e, i) => e === i % english.length);
  expect(right.length).toBeGreaterThan(0.8 * nearest.length);
});
