import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRows, readRows, requireWritableAs, writeKeptFiles, writeKeptRows } from '@coreset/rows';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { KeptFiles, runHere, some } from './made-tables.ts';

const folder = temporaryFolder();

beforeAll(() => {
  runHere('joined_arrow_files.py', folder);
});

function filesIn(name: string): string[] {
  const names = readdirSync(join(folder, name)).filter((file) => /\.(arrow|feather)$/.test(file));
  return names.sort().map((file) => `${name}/${file}`);
}

const SHARDS = [
  'files',
  'zstd',
  'streams',
  'mixed',
  'mixed-from-stream',
  'equal',
  'empty-first',
  'replaced',
  'polars',
  'pandas',
  'dataset',
];

describe('several Arrow files as one corpus', () => {
  test('the kept file equals what pyarrow takes of all, whatever their dictionaries', async () => {
    const kept = new KeptFiles(folder);
    for (const name of SHARDS) {
      const file = openRows(join(folder, name));
      const rows = (await readRows(join(folder, name), [])).length;
      for (const [label, keep] of Object.entries({ some: some(0.4), all: () => true, none: () => false })) {
        const out = `${name}-${label}.arrow`;
        await requireWritableAs(file, join(folder, out));
        await writeKeptRows(file, keep, join(folder, out));
        kept.add(filesIn(name), out, keep, rows);
      }
    }
    // Each shard to a file of its own.
    const dataset = openRows(join(folder, 'dataset'));
    await writeKeptFiles(dataset, some(0.4), join(folder, 'each'));
    for (const [p, start] of (await dataset.starts()).slice(0, -1).entries()) {
      const { name, file } = dataset.parts[p];
      const rows = (await readRows(file.path, [])).length;
      kept.add([`dataset/${name}`], `each/${name}`, (row) => some(0.4)(start + row), rows);
    }
    expect(kept.compare('arrow_compare.py')).toEqual({});
  });

  test('a folder of save_to_disk is one corpus, without the files that describe it', async () => {
    const dataset = openRows(join(folder, 'dataset'));
    expect(dataset.parts.map(({ name }) => name)).toEqual(
      [0, 1, 2, 3].map((shard) => `data-0000${shard}-of-00004.arrow`),
    );
    const texts = await readRows(join(folder, 'dataset'), ['text']);
    expect(texts).toEqual(Array.from({ length: 2500 }, (_, i) => ({ text: `row ${i}` })));
  });

  test.skipIf(process.platform === 'win32')('more files than a process can hold open', () => {
    mkdirSync(join(folder, 'many'));
    for (let i = 0; i < 140; i++) copyFileSync(join(folder, `zstd/${i % 3}.arrow`), join(folder, `many/${i}.arrow`));
    const program = `import { openRows, requireWritableAs, writeKeptRows } from ${JSON.stringify(import.meta.resolve('@coreset/rows'))};
      const rows = openRows('many');
      await requireWritableAs(rows, 'many.arrow');
      await writeKeptRows(rows, () => true, 'many.arrow');`;
    const limited = 'ulimit -n 128; "$0" --input-type=module -e "$1"';
    execFileSync('sh', ['-c', limited, process.execPath, program], { cwd: folder });
    expect(readFileSync(join(folder, 'many.arrow')).length).toBeGreaterThan(140 * 1000);
  });

  test('files with the same dictionaries keep their bytes', async () => {
    mkdirSync(join(folder, 'same'));
    await writeKeptRows(openRows(join(folder, 'equal/2.arrow')), () => true, join(folder, 'same/0.arrow'));
    const twice = [join(folder, 'equal/2.arrow'), join(folder, 'same/0.arrow')];
    await writeKeptRows(openRows(twice), () => true, join(folder, 'twice.arrow'));
    const [one, two] = ['equal/2.arrow', 'twice.arrow'].map((name) => readFileSync(join(folder, name)));
    // The bodies of the batches of rows, which zstd packs so that none is like another.
    expect(two.includes(one.subarray(one.length >> 1, (one.length >> 1) + 200))).toBe(true);
    expect(two.length).toBeLessThan(one.length * 2);
  });
});

describe('Arrow files that cannot be one, told before any work', () => {
  test.each([
    ['types', "0.arrow and PATH have different columns, first 'when' (timestamp[us, UTC] beside timestamp[us]); give"],
    ['more', "0.arrow and PATH have different columns, first 'n'; give files"],
    ['too-many', "1.arrow and PATH have together more categories in 'label' than its numbers of 8 bits can tell apart"],
    ['pandas', "and PATH order the categories of 'grade' differently; write each to its own file with --out DIR/"],
  ])('%s', async (name, message) => {
    const inputs = filesIn(name).map((path) => join(folder, path));
    if (name === 'pandas') inputs.push(join(folder, 'other-order.feather'));
    const file = openRows(inputs);
    const told = async (use: Promise<void>): Promise<string> =>
      use.then(
        () => 'nothing',
        (error) => (error as Error).message.replaceAll(/(?<=and )\S.*?\.(arrow|feather)/g, 'PATH'),
      );
    expect(await told(requireWritableAs(file, 'kept.arrow'))).toContain(message);
    expect(await told(writeKeptRows(file, () => true, join(folder, 'never.arrow')))).toContain(message);
    await requireWritableAs(file.parts[0].file, 'kept.arrow');
  });
});
