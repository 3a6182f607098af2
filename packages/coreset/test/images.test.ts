import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prune } from 'coreset';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Colour, png, writeTinyModel } from '../../../test/images.ts';
import { python } from '../../../test/python.ts';
import { readReportPage } from '../../../test/report-page.ts';
import { coreset, temporaryFolder } from '../../../test/support.ts';

/** A picture of a telephone, as `.jpg`. */
const HEIC = fileURLToPath(new URL('cases/heic-named-jpg/IMG_0001.jpg', import.meta.url));

/** 60,000 × 60,000 pixels in a few bytes. */
const HUGE_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAA6mAAAOpgAQAAAACoqUjvAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
);

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
  const args = ['prune', 'photos.jsonl', '--image', 'photo', '--keep', '5', '--method', 'k-center'];
  const first = run([...args, '--json']);
  expect(first.stderr).toMatch(/^plan: about \d+ s \(embed /);
  expect(first.status, first.stderr).toBe(0);
  const result = JSON.parse(first.stdout);
  expect(result).toMatchObject({ rows: 41, kept: 5, duplicates: 20 });
  const kept = readFileSync(join(folder, result.files.kept), 'utf8');
  expect(kept).toContain(line(names[40], 40));
  expect(kept.split('\n').length).toBe(6);
  const { shown } = await readReportPage(join(folder, result.files.report));
  expect(shown.images).toContain('../photos/a%20b/%3Cblue%3E.png');

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
  expect(piped.stdout).toMatch(/^kept +5 of 41 rows/);
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
    /photos\.jsonl, which cannot be read as an image \(Input file contains unsupported image format\);/,
  );
  writeFileSync(join(folder, 'long.jsonl'), `${line('x'.repeat(300), 0)}${line('\0', 1)}`);
  const tooLong = run(['prune', 'long.jsonl', '--image', 'photo', '--keep', '1']);
  expect(tooLong.status).toBe(2);
  expect(tooLong.stderr).toMatch(/^coreset: long.jsonl: row 0 has no image, .*x, which is not there; .*\n$/);
  const skipped = run([...args, '--on-bad-row', 'skip', '--json']);
  expect(JSON.parse(skipped.stdout)).toMatchObject({ rows: 6, kept: 1 });
  expect(readFileSync(join(folder, 'gaps.coreset/dropped.jsonl'), 'utf8').match(/nothing to embed/g)).toHaveLength(4);
});

describe('of images that are damaged, or no images in spite of their names,', () => {
  const from = (name: string): string => join(folder, 'damaged', name);
  const args = ['prune', 'damaged', '--keep', '2', '--k', '2'];
  mkdirSync(join(folder, 'damaged'));
  /** Many colours, so that much is cut off. */
  const noise = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => (i * 7919 + (i >> 4) * 104729) >> 3);
  const picture = sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
  const cut = async (name: string, share: number): Promise<void> => {
    const whole = await picture.toFormat(name.split('.')[1] as 'png').toBuffer();
    writeFileSync(from(name), whole.subarray(0, whole.length * share));
  };

  beforeAll(async () => {
    for (const i of [0, 20, 40]) copyFileSync(join(folder, 'photos', names[i]), from(`good ${i}.png`));
    writeFileSync(from('trailing.jpg'), Buffer.concat([await picture.jpeg().toBuffer(), Buffer.alloc(99, 'x')]));
  });

  test('those that cannot be read as their beginning shows stop the run before the work', async () => {
    const bad: [string, () => unknown, RegExp][] = [
      ['empty.jpg', () => writeFileSync(from('empty.jpg'), ''), /Input file contains unsupported image format/],
      ['heic.jpg', () => copyFileSync(HEIC, from('heic.jpg')), /heif: .*HEVC/],
      ['cut.webp', () => cut('cut.webp', 0.5), /webp: unable to parse image/],
      ['huge.png', () => writeFileSync(from('huge.png'), HUGE_PNG), /Input image exceeds pixel limit/],
    ];
    for (const [name, make, reason] of bad) {
      await make();
      const { status, stderr } = run([...args, '--quiet']);
      expect(stderr).toMatch(/^coreset: damaged: row \d+ has no image, field 'image' is the file .*\n$/);
      expect(stderr).toMatch(
        new RegExp(`${name}, which cannot be read as an image \\(.*${reason.source}.*\\); mend it or choose`),
      );
      expect(status).toBe(2);
      expect(existsSync(join(folder, 'damaged.coreset/embeddings.npy'))).toBe(false);
      rmSync(from(name));
    }
    for (const [, make] of bad) await make();
    const { stdout, stderr } = run([...args, '--on-bad-row', 'skip', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 8, kept: 2 });
    expect(stderr).toMatch(/4 rows have nothing to embed and are left out, the first: damaged: row 0 has no image/);
    for (const [name] of bad) rmSync(from(name));
  });

  test('those that only decoding shows stop the run, are left out or kept; what can be read of others counts', async () => {
    for (const name of ['cut.avif', 'cut.gif', 'cut.png', 'cut.jpeg']) await cut(name, 0.6);
    copyFileSync(from('cut.avif'), from('cut again.avif'));
    const skipped = run([...args, '--on-bad-row', 'skip', '--json']);
    expect(skipped.status, skipped.stderr).toBe(0);
    expect(JSON.parse(skipped.stdout)).toMatchObject({ rows: 9, kept: 2 });
    expect(JSON.parse(skipped.stdout)).not.toHaveProperty('reading');
    expect(skipped.stderr).toMatch(/3 of 9 images are cut short or damaged, .*; the first: .*cut\.gif\n/);
    expect(skipped.stderr).toMatch(/3 of 9 images have no vector.*; the first: .*cut again\.avif\n/);
    const dropped = readFileSync(join(folder, 'damaged.coreset/dropped.jsonl'), 'utf8');
    expect(dropped).toMatch(/"id":"cut again\.avif","reason":"nothing to embed"/);
    // What is left of one of the others is black, of which this model makes zeros.
    expect(dropped.match(/nothing to embed/g)).toHaveLength(3);

    const pattern =
      /coreset: damaged: row 0 has no image, field 'image' is the file .*cut again\.avif, which cannot be read.*; mend it or choose --on-bad-row skip or keep\n$/;
    // The vectors of the run before are there.
    for (const more of [[], ['--run-dir', 'fresh']]) {
      const { status, stderr } = run([...args, ...more]);
      expect(stderr).toMatch(pattern);
      expect(status).toBe(2);
    }
    const kept = run(['prune', 'damaged', '--keep', '4', '--k', '2', '--on-bad-row', 'keep', '--json']);
    expect(kept.status, kept.stderr).toBe(0);
    expect(readFileSync(join(folder, 'damaged.coreset/kept.txt'), 'utf8')).toMatch(/^cut again\.avif\ncut\.avif\n/);

    const embedded = run(['embed', 'damaged', '--on-bad-row', 'skip', '--out', 'damaged.npy']);
    expect(embedded.stdout).toBe('embeddings of 6 rows (3 rows with nothing to embed left out): damaged.npy\n');
    expect(embedded.stderr).toMatch(/3 of 9 images have no vector.*; the first: .*cut again\.avif\n/);
    expect(run(['embed', 'damaged', '--out', 'fail.npy']).stderr).toMatch(pattern);
    expect(existsSync(join(folder, 'fail.npy'))).toBe(false);
  });
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

test('an image that changes while others are embedded is found out', async () => {
  const onProgress = ({ stage, done }: { stage: string; done: number }): void => {
    if (stage === 'embed' && done === 0) writeFileSync(join(folder, 'photos', names[3]), 'no image');
  };
  const before = readFileSync(join(folder, 'photos', names[3]));
  const options = { keep: 5, k: 5, model, runDir: join(folder, 'changing'), onProgress };
  await expect(prune(join(folder, 'photos'), options)).rejects.toThrow(/red 3\.png|changed while it was read/);
  expect(existsSync(join(folder, 'changing/embeddings.npy'))).toBe(false);
  writeFileSync(join(folder, 'photos', names[3]), before);
  const touch = ({ stage, done }: { stage: string; done: number }): void => {
    if (stage === 'embed' && done === 0) utimesSync(join(folder, 'photos', names[4]), 5, 5);
  };
  await expect(prune(join(folder, 'photos'), { ...options, onProgress: touch })).rejects.toThrow(
    /red 4\.png changed while it was read; run the same command again/,
  );
});
