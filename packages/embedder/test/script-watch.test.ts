import { embedStream, embedTexts, emptySummary, readingNotices } from '@coreset/embedder';
import { describe, expect, test } from 'vitest';
import { isOfOtherScript } from '../dist/script-watch.js';

const RUSSIAN = 'Кошка спит на окне, собака сторожит дом.';
const ENGLISH = 'The cat sleeps at the window, the dog guards the house.';

async function noticesOf(texts: string[], model: string): Promise<string[]> {
  const notices: string[] = [];
  await embedTexts(texts, { model, onEmpty: 'zeros', threads: 1, onNotice: (notice) => notices.push(notice) });
  return notices.filter((notice) => notice.includes('script'));
}

describe('the script of a text', () => {
  test.each([RUSSIAN, 'Η γάτα κοιμάται', '猫が窓辺で眠る', '고양이가 잔다', 'القط نائم', 'แมวนอนหลับ'])('%s', (text) => {
    expect(isOfOtherScript(text)).toBe(true);
  });

  test.each([
    ENGLISH,
    'Die Katze schläft, größer als je zuvor',
    'Con mèo ngủ trên cửa sổ',
    'E = ħω, λ = 3 μm, and Σ over all states',
    `${ENGLISH} 猫`,
    '🎉🎉 12 %',
    '',
  ])('%s is in Latin letters, or in none', (text) => {
    expect(isOfOtherScript(text)).toBe(false);
  });
});

describe('a corpus in another script', () => {
  test('the English models name the multilingual one, which names nobody', async () => {
    const texts = [ENGLISH, ...Array.from({ length: 4 }, (_, i) => `${RUSSIAN} ${i}`)];
    expect(await noticesOf(texts, 'static')).toEqual([
      '4 of 5 rows are in another script than Latin; static-minilm was trained on English and tells them apart by letters at best: --model static-multilingual knows a hundred languages',
    ]);
    expect(await noticesOf(texts, 'static-multilingual')).toEqual([]);
  });

  test('a few such rows are no matter', async () => {
    const texts = [RUSSIAN, ...Array.from({ length: 10 }, (_, i) => `${ENGLISH} ${i}`)];
    expect(await noticesOf(texts, 'static')).toEqual([]);
  });

  test('it is said once, before the first rows are done', async () => {
    const events: string[] = [];
    const texts = Array.from({ length: 600 }, (_, i) => `${RUSSIAN} ${i}`);
    const onNotice = (notice: string) => events.push(notice);
    for await (const { rows } of embedStream(texts, { model: 'static', threads: 1, onNotice })) events.push(`${rows}`);
    expect(events.filter((event) => event.includes('script'))).toHaveLength(1);
    expect(events[0]).toMatch(/^256 of the first 256 rows are in another script/);
  });
});

test('unknown tokens name the multilingual model, but to those who use it', () => {
  const summary = {
    rows: 10,
    tokens: 100,
    unknownTokens: 50,
    mostlyUnknownRows: 4,
    cutRows: 0,
    lostTokens: 0,
    emptyRows: 0,
  };
  expect(readingNotices(summary, { maxTokens: 256 })[0]).toMatch(
    /use a model for their language \(--model static-mult/,
  );
  const folder = new URL('../../../models/static-multilingual', import.meta.url).pathname;
  const [notice] = readingNotices(summary, { maxTokens: 256, source: { kind: 'local', folder } });
  expect(notice).toMatch(/, and 4 of 10 rows are mostly such: .*; use a model for their language \(--model\)$/);
});

test('a handful of rows of unknown tokens is said, without advice', () => {
  const summary = { ...emptySummary(), rows: 504, tokens: 40_000, unknownTokens: 20, mostlyUnknownRows: 1 };
  expect(readingNotices(summary, { maxTokens: 256 })).toEqual([
    '1 of 504 rows is mostly tokens that the model does not know (less than 0.1 % of all tokens)',
  ]);
  expect(readingNotices({ ...summary, mostlyUnknownRows: 5 }, { maxTokens: 256 })).toEqual([
    '5 of 504 rows are mostly tokens that the model does not know (less than 0.1 % of all tokens): it cannot tell them apart',
  ]);
  for (const more of [{ mostlyUnknownRows: 6 }, { unknownTokens: 401 }])
    expect(readingNotices({ ...summary, ...more }, { maxTokens: 256 })[0]).toMatch(/use a model for their language/);
});
