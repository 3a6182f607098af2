import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { matrixOf, npyHeader, readNpy, writeNpy } from '@coreset/core';
import { type PruneOptions, plan, prune } from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Colour, png, writeTinyModel } from '../../../test/images.ts';
import { clusteredMatrix, coreset, corpusRows, temporaryFolder } from '../../../test/support.ts';
import { firstWithContent } from '../dist/stages/contents.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const newRunDir = (): string => join(mkdtempSync(at('run-')), 'run');
const jsonl = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Some texts are there twice, and row 5 has nothing to embed. */
const rows = corpusRows(90).map(({ text }, i) => ({ id: `n${i}`, text: i === 5 ? '' : i === 30 ? 'again' : text }));
rows[40].text = rows[3].text;
const FIRST = 60;
const options = { threads: 1, onBadRow: 'skip' } as const;
const base = at('base');
let picks: number[];

interface Ran {
  order: number[];
  runDir: string;
  notices: string[];
  result: Awaited<ReturnType<typeof prune>>;
}

async function run(input: string, more: Partial<PruneOptions>): Promise<Ran> {
  const notices: string[] = [];
  const runDir = more.runDir ?? newRunDir();
  const onNotice = (notice: string): void => {
    notices.push(notice);
  };
  const result = await prune(at(input), { keep: 30, ...options, onNotice, ...more, runDir });
  return { order: Array.from(result.order), runDir, notices, result };
}

const same = (one: string, other: string, name: string): boolean =>
  readFileSync(join(one, name)).equals(readFileSync(join(other, name)));

beforeAll(async () => {
  writeFileSync(at('first.jsonl'), jsonl(rows.slice(0, FIRST)));
  // New rows before, between and behind, and row 12 is there no more.
  const grown = [...rows.slice(FIRST, 70), ...rows.slice(0, 12), ...rows.slice(70, 75), ...rows.slice(13, FIRST)];
  writeFileSync(at('grown.jsonl'), jsonl([...grown, ...rows.slice(75)]));
  picks = (await run('first.jsonl', { keep: 20, runDir: base })).order;
});

const idsOf = (input: string, order: number[]): string[] => {
  const ids = readFileSync(at(input), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).id);
  return order.map((row) => ids[row]);
};

describe('a run that builds on an earlier one', () => {
  test('embeds new rows alone, with the bytes of a whole run, and keeps what was kept first', async () => {
    const whole = await run('grown.jsonl', {});
    const { order, runDir, notices, result } = await run('grown.jsonl', { base });
    for (const name of ['embeddings.npy', 'readings.npy', 'contents.npy'])
      expect(same(runDir, whole.runDir, name), name).toBe(true);
    expect(notices).toContain(`of 88 rows the vectors of 58 are copied from ${base}`);
    const before = idsOf('first.jsonl', picks);
    const still = before.filter((id) => id !== 'n12');
    expect(idsOf('grown.jsonl', order).slice(0, still.length)).toEqual(still);
    expect(order.length).toBe(30);
    const gone = `1 of the 20 rows that ${base} kept is not in ${at('grown.jsonl')} any more`;
    expect(notices.includes(gone)).toBe(before.includes('n12'));
    expect(result.kept).toBe(30);
    expect(idsOf('grown.jsonl', whole.order)).not.toEqual(idsOf('grown.jsonl', order));
  });

  test('says how many of the rows that were kept are gone', async () => {
    const gone = picks.filter((row) => row !== 3 && row !== 40).slice(0, 4);
    const left = rows.slice(0, FIRST).filter((_, row) => !gone.includes(row));
    writeFileSync(at('fewer.jsonl'), jsonl(left));
    const { order, notices } = await run('fewer.jsonl', { base });
    expect(notices).toContain(`4 of the 20 rows that ${base} kept are not in ${at('fewer.jsonl')} any more`);
    expect(idsOf('fewer.jsonl', order).slice(0, 16)).toEqual(
      idsOf('first.jsonl', picks).filter((id) => !gone.includes(Number(id.slice(1)))),
    );
  });

  test('copies the vectors that are there', async () => {
    const other = at('other base');
    cpSync(base, other, { recursive: true });
    const { data, shape } = readNpy(join(other, 'embeddings.npy'));
    const changed = Float32Array.from(data as Float32Array);
    // Row 8 of the embeddings is row 9 of the input, behind the empty one.
    changed.fill(0.25, 8 * shape[1], 9 * shape[1]);
    await writeNpy(join(other, 'embeddings.npy'), changed, shape);
    const manifest = JSON.parse(readFileSync(join(other, 'manifest.json'), 'utf8'));
    const sha256 = createHash('sha256')
      .update(readFileSync(join(other, 'embeddings.npy')))
      .digest('hex');
    manifest.stages.embed.files['embeddings.npy'] = sha256;
    writeFileSync(join(other, 'manifest.json'), JSON.stringify(manifest));
    const { runDir } = await run('grown.jsonl', { base: other });
    const copied = readNpy(join(runDir, 'embeddings.npy'));
    const row = 10 + 9 - 1;
    const vector = (copied.data as Float32Array).subarray(row * shape[1], (row + 1) * shape[1]);
    expect(vector.every((value) => value === 0.25)).toBe(true);
    expect((copied.data as Float32Array).filter((value) => value === 0.25).length).toBe(shape[1]);
  });

  test('the plan does not count their embedding', async () => {
    const embedOf = ({ stages }: Awaited<ReturnType<typeof plan>>) => stages.find(({ stage }) => stage === 'embed');
    const all = embedOf(await plan(at('grown.jsonl'), { keep: 30, ...options, runDir: newRunDir() }));
    const rest = embedOf(await plan(at('grown.jsonl'), { keep: 30, ...options, runDir: newRunDir(), base }));
    expect((rest?.disk ?? 0) / (all?.disk ?? 1)).toBeCloseTo(30 / 88, 2);
    expect(rest?.seconds).toBeLessThan(all?.seconds ?? 0);
  });

  test('what is too near to another file goes, though it was kept before', async () => {
    writeFileSync(at('test.jsonl'), jsonl([rows[picks[2]]]));
    const { order } = await run('grown.jsonl', { base, against: at('test.jsonl'), againstSimilarity: 1 });
    const ids = idsOf('grown.jsonl', order);
    const [id] = idsOf('first.jsonl', [picks[2]]);
    expect(ids).not.toContain(id);
    const left = idsOf('first.jsonl', picks).filter((one) => one !== id && one !== 'n12');
    expect(ids.slice(0, left.length)).toEqual(left);
  });

  test.each([
    ['in a file', 'vectors', undefined],
    ['in a column', 'columns', 'vector'],
  ])('of vectors %s keeps what was kept first', async (_, name, vector) => {
    const { data } = clusteredMatrix(80, 5, 4);
    const matrix = matrixOf(data, 80, 5);
    const write = async (count: number, from: number): Promise<string> => {
      const part = matrix.data.slice(from * 5, count * 5);
      if (vector === undefined) {
        await writeNpy(at(`${name}.npy`), part, [count - from, 5]);
        return `${name}.npy`;
      }
      const lines = Array.from({ length: count - from }, (_, i) => ({
        vector: Array.from(part.slice(i * 5, i * 5 + 5)),
      }));
      writeFileSync(at(`${name}.jsonl`), jsonl(lines));
      return `${name}.jsonl`;
    };
    const plain = { vector, onBadRow: undefined };
    const before = await run(await write(60, 0), { ...plain, keep: 10 });
    // The first three rows are gone.
    const { order, result } = await run(await write(80, 3), { ...plain, keep: 20, base: before.runDir });
    const still = before.order.filter((row) => row >= 3).map((row) => row - 3);
    expect(order.slice(0, still.length)).toEqual(still);
    expect(result.kept).toBe(20);
  });

  test('of images copies those whose files have the same bytes, whatever they are called', async () => {
    const model = at('model');
    writeTinyModel(model, 'map');
    const write = async (into: string, shades: number[]): Promise<void> => {
      mkdirSync(at(into));
      for (const shade of shades) writeFileSync(at(`${into}/${into}-${shade}.png`), await png([shade, 9, 0] as Colour));
    };
    await write('a', [10, 60, 110, 160]);
    await write('b', [10, 60, 110, 160, 210, 250]);
    const plain = { model, onBadRow: undefined, k: 2 };
    const before = await run('a', { ...plain, keep: 2 });
    const { runDir, notices } = await run('b', { ...plain, keep: 4, base: before.runDir });
    expect(notices).toContain(`of 6 rows the vectors of 4 are copied from ${before.runDir}`);
    const whole = await run('b', { ...plain, keep: 4 });
    expect(same(runDir, whole.runDir, 'embeddings.npy')).toBe(true);
  });
});

describe('a run that builds on what is in its own directory', () => {
  test('goes on after it was stopped, and leaves what any run leaves', async () => {
    const name = 'grows.jsonl';
    const runDir = at('grows');
    writeFileSync(at(name), jsonl(rows.slice(0, FIRST)));
    expect((await run(name, { keep: 20, runDir })).order).toEqual(picks);
    writeFileSync(at(name), readFileSync(at('grown.jsonl')));
    for (const stopAt of ['embed', 'difficulty', 'graph']) {
      const onProgress = ({ stage, done }: { stage: string; done: number }): void => {
        if (stage === stopAt && done > 0) throw new Error('stopped');
      };
      await expect(run(name, { runDir, base: runDir, onProgress })).rejects.toThrow('stopped');
    }
    const { order } = await run(name, { runDir, base: runDir });
    expect(order).toEqual((await run('grown.jsonl', { base })).order);
    expect(existsSync(join(runDir, '.base'))).toBe(false);
    // The same command again keeps the same rows.
    expect((await run(name, { runDir, base: runDir })).order).toEqual(order);
  });
});

describe('a base is refused in one line, and nothing is written,', () => {
  const damaged = (name: string, change: (folder: string) => void) => (): string => {
    const path = at(name);
    cpSync(base, path, { recursive: true });
    change(path);
    return name;
  };
  const withManifest =
    (change: (manifest: { version: string; stages: Record<string, unknown> }) => void) => (path: string) => {
      const manifest = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'));
      change(manifest);
      writeFileSync(join(path, 'manifest.json'), JSON.stringify(manifest));
    };
  const plain = ['--on-bad-row', 'skip'];
  test.each<[string, () => string, string[], RegExp]>([
    ['that is not there', () => 'gone', plain, /^--base gone is no folder; name the run directory of an earlier run$/],
    ['that is no run', () => '.', plain, /^--base \. is no run directory, /],
    ['without a name', () => '', plain, /^--base is empty; /],
    [
      'of another version',
      damaged(
        'older',
        withManifest((manifest) => {
          manifest.version = '0.0.1';
        }),
      ),
      plain,
      /^--base older is of version 0\.0\.1, this is /,
    ],
    [
      'that is not finished',
      damaged(
        'begun',
        withManifest(({ stages }) => {
          delete stages.select;
        }),
      ),
      plain,
      /^--base begun is not finished, its stage select has no result; /,
    ],
    [
      'with a file that is damaged',
      damaged('damaged', (path) => writeFileSync(join(path, 'contents.npy'), npyHeader('|u1', [0, 16]))),
      plain,
      /^--base damaged is damaged, contents\.npy is not what its run wrote; /,
    ],
    [
      'with a file that is missing',
      damaged('missing', (path) => rmSync(join(path, 'embeddings.npy'))),
      plain,
      /^--base missing is damaged, embeddings\.npy is not what its run wrote; /,
    ],
    [
      'of another limit',
      () => 'base',
      [...plain, '--max-tokens', '16'],
      /^--base base was embedded with maxTokens 256, here it is 16; /,
    ],
    [
      'of another pooling',
      () => 'base',
      [...plain, '--pooling', 'cls'],
      /^--base base was embedded with pooling "mean", here it is "cls"; /,
    ],
    [
      'of batches',
      () => 'base',
      [...plain, '--batch-size', '4'],
      /^--batch-size 4 makes a vector depend on the rows beside it, and --base copies vectors; /,
    ],
    [
      'of texts for vectors',
      () => 'base',
      ['--vector', 'vector'],
      /^--base base is a run of texts, and grown\.jsonl is compared by vectors; /,
    ],
    [
      'that kept more than is asked for',
      () => 'base',
      [...plain, '--keep', '10'],
      /^--base base kept \d+ rows that are still there, and --keep '10' asks for 10 in all; keep more$/,
    ],
    [
      'whose file would be replaced',
      () => 'base',
      [...plain, '--emit', 'mask', '--out', 'base/contents.npy'],
      /^--out base\/contents\.npy is the input itself; name another file$/,
    ],
  ])('one %s', (_, name, args, message) => {
    const given = name();
    const keep = args.includes('--keep') ? [] : ['--keep', '30'];
    const input = args.includes('--vector') ? 'columns.jsonl' : 'grown.jsonl';
    const command = ['prune', input, ...keep, ...args, '--base', given, '--run-dir', `refused ${given}`, '--quiet'];
    const { status, stdout, stderr } = coreset(command, { cwd: folder });
    const told = stderr.split('\n').filter((line) => !line.startsWith('note: '));
    expect(told.length).toBe(2);
    expect(told[0].replace('coreset: ', '').replaceAll('columns.jsonl', 'grown.jsonl')).toMatch(message);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(existsSync(join(folder, `refused ${given}`, 'kept.jsonl'))).toBe(false);
  });
});

test('equal contents are found by all of their bytes, those of nothing are not', () => {
  const bytes = (...numbers: number[]): number[] => Array.from({ length: 16 }, (_, i) => numbers[i % numbers.length]);
  const last = [...bytes(1).slice(0, 15), 2];
  const nothing = bytes(0);
  const others = Uint8Array.from([nothing, bytes(1), last, bytes(1), bytes(3)].flat());
  const contents = Uint8Array.from([bytes(3), last, bytes(1), nothing, bytes(9), [...bytes(9).slice(0, 15), 8]].flat());
  expect(Array.from(firstWithContent(contents, others))).toEqual([4, 2, 1, -1, -1, -1]);
});
