import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpyMatrix, rowOf } from '@coreset/core';
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

test('every row has the vector of its text, however often that repeats', async () => {
  const { status, stderr } = coreset(['embed', 'rows.jsonl', '--out', 'rows.npy'], { cwd: folder });
  expect(status, stderr).toBe(0);
  expect(stderr).toContain('embed: 2,600 of 2,600 (100 %)');
  const embedded = readNpyMatrix(join(folder, 'rows.npy'));
  const expected = await embedTexts(texts);
  which.forEach((text, row) => {
    expect(rowOf(embedded, row), `row ${row}`).toEqual(rowOf(expected, text));
  });
});

test('the plan counts it once', async () => {
  const differing = join(folder, 'differing.jsonl');
  writeFileSync(differing, rows.map(({ text }, row) => `${JSON.stringify({ text: `${row} ${text}` })}\n`).join(''));
  const embedding = async (input: string): Promise<number> => (await plan(input, { keep: 10 })).stages[0].seconds;
  expect(await embedding(path)).toBeLessThan((await embedding(differing)) / 3);
});
