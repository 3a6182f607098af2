import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpyMatrix } from '@coreset/core';
import { embedTexts } from '@coreset/embedder';
import { plan } from 'coreset';
import { expect, test } from 'vitest';
import { coreset, corpusRows, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const path = join(folder, 'rows.jsonl');

const texts = [...new Set(corpusRows(100).map(({ text }) => text))].slice(0, 40);
/** The text of each row: several shards, with repeats of rows in other shards, and some that are new late. */
const which = Array.from({ length: 2600 }, (_, row) => {
  if (row < 30) return row;
  return row % 300 === 0 ? 30 + row / 300 : (row * 7) % 30;
});
// White space does not count.
const rows = which.map((text, row) => ({ text: row % 2 ? texts[text] : ` ${texts[text].replaceAll(' ', '\n ')}` }));
writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

test('a text that repeats is embedded once, and every row has its vector', async () => {
  const { status, stderr } = coreset(['embed', 'rows.jsonl', '--out', 'rows.npy'], { cwd: folder });
  expect(status, stderr).toBe(0);
  expect(stderr).toContain('note: 2562 of 2600 rows repeat an earlier one, which is embedded once\n');
  expect(stderr).toContain('38 of 38');
  const { data, cols } = readNpyMatrix(join(folder, 'rows.npy'));
  const expected = await embedTexts(texts);
  which.forEach((text, row) => {
    const vector = data.subarray(row * cols, (row + 1) * cols);
    if (!Buffer.from(vector).equals(Buffer.from(expected.data.subarray(text * cols, (text + 1) * cols))))
      expect(vector, `row ${row}`).toEqual(expected.data.subarray(text * cols, (text + 1) * cols));
  });
});

test('the plan counts it once', async () => {
  const differing = join(folder, 'differing.jsonl');
  writeFileSync(differing, rows.map(({ text }, row) => `${JSON.stringify({ text: `${row} ${text}` })}\n`).join(''));
  const embedding = async (input: string): Promise<number> => (await plan(input, { keep: 10 })).stages[0].seconds;
  expect(await embedding(path)).toBeLessThan((await embedding(differing)) / 3);
});
