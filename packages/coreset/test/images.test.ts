import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Colour, png, writeTinyModel } from '../../../test/images.ts';
import { python } from '../../../test/python.ts';
import { coreset, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const model = join(folder, 'model');
writeTinyModel(model, 'map');
mkdirSync(join(folder, 'photos/a b'), { recursive: true });

/** Many shades of red, two of each, and one blue image. */
const names = Array.from({ length: 41 }, (_, i) => (i < 40 ? `red ${i}.png` : 'a b/<blue>.png'));
for (const [i, name] of names.entries()) {
  const colour: Colour = i < 40 ? [255, 4 * (i >> 1), 0] : [0, 0, 255];
  writeFileSync(join(folder, 'photos', name), await png(colour));
}
const line = (name: string, i: number): string => `${JSON.stringify({ id: `p${i}`, photo: `photos/${name}` })}\n`;
writeFileSync(join(folder, 'photos.jsonl'), names.map(line).join(''));

const run = (args: string[], input?: string): ReturnType<typeof coreset> =>
  coreset([...args, '--model', model], { cwd: folder, input });

test('images are pruned by what they look like, with pictures in the report', async () => {
  const args = ['prune', 'photos.jsonl', '--image', 'photo', '--keep', '5', '--k', '5'];
  const first = run([...args, '--json']);
  expect(first.stderr).toMatch(/^plan: about \d+ s \(embed /);
  expect(first.status, first.stderr).toBe(0);
  const result = JSON.parse(first.stdout);
  expect(result).toMatchObject({ rows: 41, kept: 5, duplicates: 20 });
  const kept = readFileSync(join(folder, result.files.kept), 'utf8');
  expect(kept).toContain(line(names[40], 40));
  expect(kept.split('\n').length).toBe(6);
  const page = readFileSync(join(folder, result.files.report), 'utf8');
  expect(page).toContain('src="../photos/a%20b/%3Cblue%3E.png"');
  expect(page).toContain('photos/a b/&lt;blue&gt;.png');

  const again = run([...args, '--json']);
  expect(JSON.parse(again.stdout).reused).toContain('embed');
  writeFileSync(join(folder, 'photos', names[0]), await png([0, 255, 0]));
  const changed = run([...args, '--json']);
  expect(JSON.parse(changed.stdout).reused).not.toContain('embed');
  expect(readFileSync(join(folder, result.files.kept), 'utf8')).toContain(line(names[0], 0));
  utimesSync(join(folder, 'photos', names[0]), 1, 1);
  expect(JSON.parse(run([...args, '--json']).stdout).reused).not.toContain('embed');
});

test('paths may come as lines of text, from another folder, or on standard input', () => {
  writeFileSync(join(folder, 'list.txt'), names.map((name) => `${name}\n`).join(''));
  const fromText = run(['embed', 'list.txt', '--image', 'text', '--image-folder', 'photos', '--out', 'a.npy']);
  expect(fromText.stdout).toBe('embeddings of 41 rows: a.npy\n');
  expect(run(['embed', 'photos.jsonl', '--image', 'photo', '--out', 'b.npy']).status).toBe(0);
  expect(readFileSync(join(folder, 'a.npy')).equals(readFileSync(join(folder, 'b.npy')))).toBe(true);
  const piped = run(['prune', '-', '--image', 'photo', '--keep', '5', '--k', '5'], names.map(line).join(''));
  expect(piped.status, piped.stderr).toBe(0);
  expect(piped.stdout).toMatch(/^kept 5 of 41 rows/);
});

test('a folder of images is a corpus', async () => {
  const { status, stdout, stderr } = run(['prune', 'photos/', '--keep', '5', '--k', '5', '--seed', '1', '--json']);
  expect(status, stderr).toBe(0);
  const { files } = JSON.parse(stdout);
  // photos.coreset is that of photos.jsonl.
  expect(files.kept).toMatch(/^photos-[0-9a-f]{8}\.coreset\/kept\.txt$/);
  const kept = readFileSync(join(folder, files.kept), 'utf8').trimEnd().split('\n');
  expect(kept).toHaveLength(5);
  for (const name of kept) expect(names).toContain(name);
  const dropped = readFileSync(join(folder, files.dropped), 'utf8');
  expect(dropped).toMatch(/"id":"red \d+\.png","reason":"duplicate"/);
  const again = run(['prune', 'photos', '--keep', '5', '--k', '5', '--seed', '1', '--json']);
  expect(JSON.parse(again.stdout).reused).toContain('select');
  writeFileSync(join(folder, 'photos/new.png'), await png([9, 9, 9]));
  const more = JSON.parse(run(['prune', 'photos', '--keep', '5', '--k', '5', '--json']).stdout);
  expect(more.rows).toBe(42);
  expect(more.reused).not.toContain('embed');
});

test('rows without their image stop the run, or are left out when asked', () => {
  writeFileSync(
    join(folder, 'gaps.jsonl'),
    `${line(names[1], 1)}{"id":"x","photo":"photos/gone.png"}\n{"id":"y"}\n{"id":"z","photo":"photos"}\n{"id":"w","photo":"photos.jsonl"}\n${line(names[40], 40)}`,
  );
  const args = ['prune', 'gaps.jsonl', '--image', 'photo', '--keep', '1'];
  const stopped = run(args);
  expect(stopped.status).toBe(2);
  expect(stopped.stderr).toMatch(
    /^coreset: gaps.jsonl: row 1 has no image, field 'photo' is the file .*gone\.png, which is not there; mend it or choose --on-bad-row skip or keep\n$/,
  );
  writeFileSync(join(folder, 'none.jsonl'), '{"id":"w","photo":"photos.jsonl"}\n');
  expect(run(['prune', 'none.jsonl', '--image', 'photo', '--keep', '1']).stderr).toMatch(
    /photos\.jsonl, which is no image;/,
  );
  writeFileSync(join(folder, 'long.jsonl'), `${line('x'.repeat(300), 0)}${line('\0', 1)}`);
  const tooLong = run(['prune', 'long.jsonl', '--image', 'photo', '--keep', '1']);
  expect(tooLong.status).toBe(2);
  expect(tooLong.stderr).toMatch(/^coreset: long.jsonl: row 0 has no image, .*x, which is not there; .*\n$/);
  const skipped = run([...args, '--on-bad-row', 'skip', '--json']);
  expect(JSON.parse(skipped.stdout)).toMatchObject({ rows: 6, kept: 1 });
  expect(readFileSync(join(folder, 'gaps.coreset/dropped.jsonl'), 'utf8').match(/nothing to embed/g)).toHaveLength(4);
});

test('images as bytes in a table are told from what they are not', () => {
  python(
    "import pyarrow as pa, pyarrow.parquet as pq; pq.write_table(pa.table({'image': [{'bytes': b'x', 'path': None}]}), 'bytes.parquet')",
    [],
    folder,
  );
  const { status, stderr } = run(['prune', 'bytes.parquet', '--image', 'image', '--keep', '1']);
  expect(stderr).toMatch(/row 0 has no image, field 'image' is an image itself, of which only files are read/);
  expect(status).toBe(2);
});

test('options that do not go together are named', () => {
  for (const [args, message] of [
    [['--image', 'photo', '--text', 'id'], /--text and --image each say what is embedded; give one of them/],
    [['--image', 'pictures'], /no field 'pictures' \(--image\).* fields are id, photo/],
  ] as const) {
    const { status, stderr } = run(['prune', 'photos.jsonl', '--keep', '1', ...args]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  }
  const { status, stderr } = coreset(['prune', 'photos.jsonl', '--keep', '1', '--image', 'photo'], { cwd: folder });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^coreset: images need a model, and none is bundled/);
});
