import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { png, writeTinyModel } from '../../../test/images.ts';
import { readReportPage } from '../../../test/report-page.ts';
import { coreset, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
cpSync(new URL('cases/unknown-words', import.meta.url), folder, { recursive: true });

const run = (...args: string[]): ReturnType<typeof coreset> => coreset(args, { cwd: folder });

interface Dropped {
  row: number;
  reason: string;
  duplicateOf?: number;
  by: number | null;
}

const droppedOf = (name: string): Dropped[] =>
  readFileSync(join(folder, `${name}.coreset/dropped.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const write = (name: string, texts: string[]): void =>
  writeFileSync(join(folder, name), texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));

describe.each([
  ['amharic', 6],
  ['thai', 4],
  ['emoji', 6],
])('%s, of which the model knows no word', (name, rows) => {
  test('is kept whole when all is asked for, and what the model cannot read is said', () => {
    const { status, stdout, stderr } = run('prune', `${name}.jsonl`, '--keep', '100%');
    expect(status, stderr).toBe(0);
    expect(stdout).toContain(`kept      ${rows} of ${rows} rows (100 %): `);
    expect(stdout).not.toContain('dropped');
    expect(stderr).toMatch(/\d rows? ha(s|ve) the same vector as an earlier row, but other content/);
    expect(stderr).toMatch(/the model does not know 100 % of the tokens, and \d of \d rows are mostly such.*--model/);
    expect(readFileSync(join(folder, `${name}.coreset/kept.jsonl`), 'utf8')).toBe(
      readFileSync(join(folder, `${name}.jsonl`), 'utf8'),
    );
  });

  test('loses no more than was asked for, and not as duplicates', async () => {
    const { status, stdout } = run('prune', `${name}.jsonl`, '--keep', '50%', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kept: rows / 2, duplicates: 0, reading: { mostlyUnknownRows: rows } });
    const dropped = droppedOf(name);
    expect(dropped.length).toBe(rows / 2);
    for (const { reason, by } of dropped) {
      expect(reason).toBe('indistinguishable');
      expect(dropped.map(({ row }) => row)).not.toContain(by);
    }
    const page = await readReportPage(join(folder, `${name}.coreset/report.html`));
    expect(page.reasons).toMatchObject([{ reason: 'indistinguishable', count: rows / 2 }]);
    expect(page.notes.join('\n')).toMatch(/does not know 100 % of the tokens/);
    const manifest = JSON.parse(readFileSync(join(folder, `${name}.coreset/manifest.json`), 'utf8'));
    expect(manifest.findings).toMatchObject({ duplicates: 0, reading: { mostlyUnknownRows: rows } });
  });
});

test('texts that the model takes for one another are no duplicates: case, indentation, what lies behind its limit', () => {
  const header = 'This file is part of a program that is distributed under the terms of a licence. '.repeat(40);
  const texts = [
    'He lives in the US now.',
    'he lives in the us now.',
    'for x in y:\n  if x:\n    print(x)\nprint(y)',
    'for x in y:\n  if x:\n    print(x)\n    print(y)',
    `${header} This one sorts a list of names.`,
    `${header} That one draws a map of the city.`,
  ];
  write('alike.jsonl', texts);
  const { status, stdout, stderr } = run('prune', 'alike.jsonl', '--keep', '100%', '--json');
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ kept: 6, duplicates: 0, indistinguishable: 3, reading: { cutRows: 2 } });
  expect(stderr).toMatch(/2 of 6 rows have more than 256 tokens.*--long mean/);
  const whole = run('prune', 'alike.jsonl', '--keep', '100%', '--json', '--long', 'mean');
  expect(JSON.parse(whole.stdout)).toMatchObject({ indistinguishable: 2, reading: { cutRows: 0 } });
});

test('a duplicate names the first row with its text, and the kept row that stands for it', async () => {
  const texts = [
    'an editor of texts',
    'a chess engine',
    'an editor of texts',
    'a weather map',
    'an editor of texts \r\n',
  ];
  write('repeated.jsonl', texts);
  const { stdout } = run('prune', 'repeated.jsonl', '--keep', '3', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ kept: 3, duplicates: 2, indistinguishable: 0 });
  expect(droppedOf('repeated')).toMatchObject([
    { row: 2, reason: 'duplicate', duplicateOf: 0, by: 0 },
    { row: 4, reason: 'duplicate', duplicateOf: 0, by: 0 },
  ]);
  const { reasons, shown } = await readReportPage(join(folder, 'repeated.coreset/report.html'));
  expect(reasons).toMatchObject([{ reason: 'duplicate', count: 2, meaning: 'the same content as another row' }]);
  expect([...shown.duplicateOf.filter((row) => row >= 0)]).toEqual([0, 0]);
  run('prune', 'repeated.jsonl', '--keep', '1', '--method', 'd2');
  const kept = JSON.parse(readFileSync(join(folder, 'repeated.coreset/selection.json'), 'utf8')).kept[0];
  for (const { row, reason, duplicateOf, by } of droppedOf('repeated')) {
    if (reason !== 'duplicate') continue;
    expect(duplicateOf).toBe(0);
    expect([null, kept]).toContain(by);
    expect([2, 4]).toContain(row);
  }
  const both = run('prune', 'repeated.jsonl', '--keep', '100%', '--duplicates', 'keep', '--json');
  expect(JSON.parse(both.stdout)).toMatchObject({ kept: 5 });
});

test('images are duplicates when their bytes are equal, not when they look alike to the model', async () => {
  const model = join(folder, 'model');
  writeTinyModel(model, 'map');
  const red = await png([255, 0, 0]);
  const alike = Buffer.concat([red, Buffer.from('after the end')]);
  for (const [name, bytes] of Object.entries({ a: red, b: red, c: alike, d: await png([0, 0, 255]) }))
    writeFileSync(join(folder, `${name}.png`), bytes);
  writeFileSync(join(folder, 'pictures.txt'), 'a.png\nb.png\nc.png\nd.png\n');
  const args = ['prune', 'pictures.txt', '--image', 'text', '--model', model, '--keep', '100%', '--json'];
  const { status, stdout, stderr } = run(...args);
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ kept: 3, duplicates: 1, indistinguishable: 1 });
  expect(droppedOf('pictures')).toMatchObject([{ row: 1, reason: 'duplicate', duplicateOf: 0, by: 0 }]);
});
