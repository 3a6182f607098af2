import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openRows, openRowsInTurns, readRows } from '@coreset/rows';
import { afterEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { turnAtEachStep } from '../../../test/turns.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A folder with these files, each with a row of text. */
function folderWith(...names: string[]): string {
  const folder = temporaryFolder();
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), '{"text":"a"}\n');
  }
  return folder;
}

const images = async (path: string): Promise<unknown[]> => (await readRows(path)).map(({ image }) => image);

test('links to folders are followed once, also in circles', async () => {
  const folder = folderWith('a.png', 'b.png', 'in/c.png', 'in/deep/d.png');
  const outside = folderWith('e.png', 'more/f.png');
  for (const [link, to] of [
    ['loop', '.'],
    ['loop2', '.'],
    ['in/up', '../..'],
    ['0first', 'in'],
    ['out', outside],
    ['out2', outside],
    ['self', 'self'],
    ['linked.png', 'a.png'],
    ['gone.png', 'nowhere.png'],
  ])
    symlinkSync(to, join(folder, link));
  symlinkSync(folder, join(outside, 'back'));
  expect(await images(folder)).toEqual([
    'a.png',
    'b.png',
    'gone.png',
    'in/c.png',
    'in/deep/d.png',
    'linked.png',
    'out/e.png',
    'out/more/f.png',
  ]);
});

test('a path without links comes first, in whatever order a system lists them', async () => {
  const numbers = Array.from({ length: 8 }, (_, i) => i);
  const folder = folderWith(...numbers.map((i) => `in${i}/a.png`));
  for (const i of numbers) symlinkSync(`in${i}`, join(folder, `${i % 2 ? 'a' : 'z'}${i}`));
  expect(await images(folder)).toEqual(numbers.map((i) => `in${i}/a.png`));
});

test('files of rows are found once, whatever links lead to them, in a folder or by a pattern', () => {
  const folder = folderWith('a.jsonl', 'in/b.jsonl');
  for (const link of ['loop', '0loop', 'in/loop']) symlinkSync(folder, join(folder, link));
  const wanted = [join(folder, 'a.jsonl'), join(folder, 'in/b.jsonl')];
  const paths = (input: string): string[] => openRows(input).parts.map(({ path }) => path);
  expect(paths(folder)).toEqual(wanted);
  expect(paths(join(folder, '**/*.jsonl'))).toEqual(wanted);
});

test('a folder that is called like an image is a folder', async () => {
  expect(await images(folderWith('album.jpg/a.png'))).toEqual(['album.jpg/a.png']);
  expect(() => openRows(folderWith('album.jpg/notes.doc'))).toThrow(
    /is a folder with neither images nor files of rows/,
  );
});

test('what systems leave in folders is passed over', async () => {
  const names = ['._a.png', '.hidden/b.png', '__MACOSX/a.png', 'in/@eaDir/a.png', 'a.png', 'in/_kept.jpe', 'c.JFIF'];
  expect(await images(folderWith(...names))).toEqual(['a.png', 'c.JFIF', 'in/_kept.jpe']);
  const shards = folderWith(
    '.a.jsonl',
    '_a.jsonl',
    '_in/b.jsonl',
    'x.coreset/c.jsonl',
    'state.json',
    'd.jsonl.gz',
    'e.JSONL',
  );
  expect(() => openRows(shards)).toThrow(/d\.jsonl\.gz: named \.gz but not gzipped/);
});

test('a name with a line break is refused', () => {
  expect(() => openRows(folderWith('a.png', 'b\nc.png'))).toThrow(
    /: the name "b\\nc\.png" has a line break, and a line of the kept paths is one; rename it$/,
  );
});

test('pictures of other kinds are told, by one line', () => {
  const notices: string[] = [];
  const onNotice = (notice: string): unknown => notices.push(notice);
  openRows(folderWith('a.png', 'b.HEIC', 'in/c.heic', 'd.svg', 'e.mp4', 'f.CR2', 'README.md', 'notes.txt'), {
    onNotice,
  });
  expect(notices).toEqual([
    expect.stringMatching(
      /: pictures of kinds that are not read are passed over \(2 \.heic, 1 \.cr2, 1 \.mp4, 1 \.svg\); convert them to JPEG or PNG$/,
    ),
  ]);
  expect(() => openRows(folderWith('b.HEIC'))).toThrow(
    /holds pictures of kinds that are not read \(1 \.heic\); convert them to JPEG or PNG$/,
  );
});

test('a listing stops with its signal', async () => {
  const folder = folderWith('a.png');
  for (let i = 0; i < 30; i++) mkdirSync(join(folder, `${i}`));
  const controller = new AbortController();
  turnAtEachStep();
  setImmediate(() => controller.abort(new Error('stopped')));
  await expect(openRowsInTurns([folder], {}, controller.signal)).rejects.toThrow('stopped');
  const file = await openRowsInTurns([folder], {}, new AbortController().signal);
  expect(file.format).toBe('folder');
});
