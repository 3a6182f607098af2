import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Progress, writeNpy } from '@coreset/core';
import { type PruneOptions, prune } from 'coreset';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { clusteredMatrix, coreset, corpusRows, temporaryFolder } from '../../../test/support.ts';

const base = temporaryFolder();
const lines = corpusRows(40).map((row) => `${JSON.stringify(row)}\n`);
/** Results of each stage alone, for whoever starts behind it. */
const made = join(base, 'made');
let folder: string;

beforeAll(async () => {
  mkdirSync(made);
  const { data } = clusteredMatrix(40, 8);
  await writeNpy(join(made, 'vectors.npy'), data, [40, 8]);
  const run = (...args: string[]) => expect(coreset(args, { cwd: made })).toMatchObject({ status: 0 });
  run('score', 'vectors.npy', '--prototypes', '3', '--out', 'scores.npy');
  run('graph', 'vectors.npy', '--k', '3', '--out', 'g');
});

let tests = 0;
beforeEach(() => {
  folder = join(base, `test ${tests++}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.jsonl'), lines.join(''));
  for (const name of ['vectors.npy', 'scores.npy']) copyFileSync(join(made, name), join(folder, name));
  mkdirSync(join(folder, 'g'));
  for (const name of readdirSync(join(made, 'g'))) copyFileSync(join(made, 'g', name), join(folder, 'g', name));
});

const text = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** All files below the folder of the test with their bytes. */
function contents(): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'base64')]));
}

describe('an output that is an input is refused, and nothing is written', () => {
  test.each([
    ['embed', 'embed a.jsonl --out a.jsonl', /--out a.jsonl is the input itself/],
    ['embed, by another way to it', 'embed a.jsonl --out ./g/../a.jsonl', /a.jsonl is the input itself/],
    ['score', 'score vectors.npy --out vectors.npy', /--out vectors.npy is the input itself/],
    ['graph', 'graph g/distances.npy --out g', /--out g.distances.npy is the input itself/],
    ['select, scores', 'select --graph g --scores s.json --keep 3 --out s.json', /--out s.json is the input itself/],
    [
      'select, a file of the graph',
      'select --graph g --keep 3 --method d2 --scores scores.npy --out g/distances.npy',
      /is the input itself/,
    ],
    ['prune', 'prune a.jsonl --keep 3 --out a.jsonl', /--out a.jsonl is the input itself/],
    [
      'prune, vectors',
      'prune a.jsonl --keep 3 --embeddings vectors.npy --emit mask --out vectors.npy',
      /--out vectors.npy is the input itself/,
    ],
    [
      'prune, scores',
      'prune a.jsonl --keep 3 --scores scores.npy --emit mask --out scores.npy',
      /--out scores.npy is the input itself/,
    ],
    [
      'prune, the run directory of the kept file',
      'prune kept.jsonl --keep 3 --run-dir .',
      /--out kept.jsonl is the input itself/,
    ],
    [
      'prune, scores that the run would write',
      'prune a.jsonl --keep 3 --scores difficulty.npy --run-dir .',
      /difficulty.npy is read, and a run in . writes its own difficulty.npy in its place/,
    ],
    [
      'prune, what an earlier run told',
      'prune dropped.jsonl --keep 3 --run-dir .',
      /dropped.jsonl is read, and a run in . writes its own/,
    ],
    ['compare', 'compare compare.csv --text text --run-dir .', /compare.csv is read, and a run in . writes its own/],
    [
      'prune, into the folder of shards',
      'prune shards --keep 3 --out shards/kept.jsonl',
      /--out shards.kept.jsonl lies in the folder shards, which is read; name a place outside of it/,
    ],
    [
      'prune, a run in the folder of shards',
      'prune shards --keep 3 --run-dir shards/run',
      /--run-dir .* lies in the folder shards, which is read/,
    ],
    ['prune, each shard over itself', 'prune shards --keep 3 --out shards/', /is the input itself/],
    [
      'prune, into the model',
      'prune a.jsonl --keep 3 --model model --out model/kept.json',
      /lies in the folder model, which is read/,
    ],
  ])('%s', (_, command, message) => {
    copyFileSync(join(folder, 'a.jsonl'), join(folder, 'kept.jsonl'));
    copyFileSync(join(folder, 'a.jsonl'), join(folder, 'dropped.jsonl'));
    copyFileSync(join(folder, 'scores.npy'), join(folder, 'difficulty.npy'));
    writeFileSync(join(folder, 's.json'), '[]');
    writeFileSync(join(folder, 'compare.csv'), 'text\na\nb\nc\n');
    for (const name of ['shards', 'model']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'shards/a.jsonl'), lines.slice(0, 20).join(''));
    writeFileSync(join(folder, 'shards/b.jsonl'), lines.slice(20).join(''));
    const before = contents();
    const { status, stderr } = coreset(command.split(' '), { cwd: folder });
    expect(stderr).toMatch(message);
    expect(stderr.split('\n').length).toBe(2);
    expect(status).toBe(2);
    expect(contents()).toEqual(before);
  });

  test('under another name: links, and a second name of the file', async () => {
    symlinkSync('a.jsonl', join(folder, 'link.jsonl'));
    linkSync(join(folder, 'a.jsonl'), join(folder, 'second.jsonl'));
    symlinkSync('.', join(folder, 'here'));
    for (const out of ['link.jsonl', 'second.jsonl', 'here/a.jsonl'])
      await expect(
        prune(join(folder, 'a.jsonl'), { keep: 3, out: join(folder, out), runDir: join(folder, 'r') }),
        out,
      ).rejects.toThrow(/is the input .*a.jsonl itself; name another file/);
    expect(text('a.jsonl')).toBe(lines.join(''));
  });

  test('what only looks like one is written', async () => {
    mkdirSync(join(folder, 'b.jsonl.d'));
    const out = join(folder, 'b.jsonl.d/a.jsonl');
    const { kept } = await prune(join(folder, 'a.jsonl'), { keep: 3, out, runDir: join(folder, 'r') });
    expect(readFileSync(out, 'utf8').trimEnd().split('\n').length).toBe(kept);
  });
});

test('kept rows go where standard output, a pipe or an open file is', () => {
  const args = ['prune', 'a.jsonl', '--keep', '3', '--quiet', '--out'];
  const { stdout: rows, stderr: summary } = coreset([...args, '/dev/stdout'], { cwd: folder });
  expect(rows.trimEnd().split('\n').length).toBe(3);
  expect(summary).toMatch(/kept +3 of 40 rows/);
  const shell = `${process.execPath} ${join(import.meta.dirname, '../bin/coreset.js')} ${args.join(' ')}`;
  const bash = spawnSync(
    'bash',
    ['-c', `${shell} >(tr a-z A-Z > upper; touch done); while [ ! -e done ]; do sleep 0.05; done`],
    { cwd: folder, encoding: 'utf8' },
  );
  expect(bash.status, bash.stderr).toBe(0);
  expect(text('upper')).toBe(rows.toUpperCase());
  expect(coreset(['embed', 'a.jsonl', '--out', '/dev/stdout'], { cwd: folder }).stderr).toBe(
    'coreset: cannot write /dev/stdout: it is no regular file, and vectors are written to one bit by bit\n',
  );
});

describe('what only the last stage needs is tried before the first', () => {
  const stagesOf = async (input: string, options: Partial<PruneOptions>): Promise<string[]> => {
    const seen: string[] = [];
    const onProgress = ({ stage }: Progress): void => void seen.push(stage);
    await expect(
      prune(join(folder, input), { keep: 3, runDir: join(folder, 'r'), onProgress, ...options }),
    ).rejects.toThrow();
    return [...new Set(seen)];
  };

  test('values of several types in a field that becomes a Parquet column', async () => {
    const mixed = lines.map((line, i) => line.replace('}', i === 39 ? ',"x":"late"}' : ',"x":1}'));
    writeFileSync(join(folder, 'mixed.jsonl'), mixed.join(''));
    const out = join(folder, 'kept.parquet');
    expect(await stagesOf('mixed.jsonl', { out })).not.toContain('embed');
    await expect(prune(join(folder, 'mixed.jsonl'), { keep: 3, out, runDir: join(folder, 'r') })).rejects.toThrow(
      /mixed.jsonl: row 39, field 'x' is a text, in a row before it is an integer/,
    );
    expect(existsSync(join(folder, 'r'))).toBe(false);
    expect(existsSync(out)).toBe(false);
  });

  test('a damaged page of a Parquet column that is not embedded', async () => {
    python(
      `import pyarrow as pa, pyarrow.parquet as pq, re
t = pa.table({'text': [f'text {i}' for i in range(400)], 'other': pa.array(range(400), pa.int64())})
pq.write_table(t, 'good.parquet', use_dictionary=False, compression='gzip', row_group_size=200)
b = bytearray(open('good.parquet', 'rb').read())
at = pq.ParquetFile('good.parquet').metadata.row_group(1).column(1).data_page_offset
b[at + 40:at + 60] = bytes(20)
open('bad.parquet', 'wb').write(b)`,
      [],
      folder,
    );
    expect(await stagesOf('bad.parquet', {})).not.toContain('embed');
    expect(existsSync(join(folder, 'r'))).toBe(false);
  });

  test('the trial is not repeated when nothing changed', async () => {
    const options = { keep: 3, out: join(folder, 'kept.csv'), runDir: join(folder, 'r') };
    expect((await prune(join(folder, 'a.jsonl'), options)).reused).toEqual([]);
    expect((await prune(join(folder, 'a.jsonl'), options)).reused).toEqual([
      'check',
      'embed',
      'difficulty',
      'graph',
      'select',
      'map',
    ]);
    const parquet = await prune(join(folder, 'a.jsonl'), { ...options, out: join(folder, 'kept.parquet') });
    expect(parquet.reused).not.toContain('check');
  });
});

describe('an input that changes during the run is found out', () => {
  /** Prune, and do something once a stage has begun. */
  const whileIn = (
    stage: string,
    input: string | string[],
    change: () => void,
    options: Partial<PruneOptions> = {},
  ) => {
    let isDone = false;
    const onProgress = (progress: Progress): void => {
      if (isDone || progress.stage !== stage) return;
      isDone = true;
      change();
    };
    const paths = [input].flat().map((name) => join(folder, name));
    return prune(paths, {
      keep: 10,
      runDir: join(folder, 'r'),
      out: join(folder, 'kept.jsonl'),
      onProgress,
      ...options,
    });
  };
  const reverse = (name = 'a.jsonl'): void =>
    writeFileSync(
      join(folder, name),
      text(name)
        .split(/(?<=\n)/)
        .reverse()
        .join(''),
    );

  test.each(['embed', 'graph'])('other rows of the same size, during %s', async (stage) => {
    await expect(whileIn(stage, 'a.jsonl', () => reverse())).rejects.toThrow(
      /a.jsonl changed while it was read; run the same command again$/,
    );
    expect(existsSync(join(folder, 'kept.jsonl'))).toBe(false);
    const { order } = await whileIn('', 'a.jsonl', () => {});
    const fresh = await prune(join(folder, 'a.jsonl'), { keep: 10, runDir: join(folder, 'fresh') });
    expect(order).toEqual(fresh.order);
    expect(text('kept.jsonl')).toBe(text('fresh/kept.jsonl'));
  });

  test('with the old time of change put back', async () => {
    const change = (): void => {
      reverse();
      utimesSync(join(folder, 'a.jsonl'), 1, 1);
    };
    utimesSync(join(folder, 'a.jsonl'), 1, 1);
    await expect(whileIn('graph', 'a.jsonl', change)).rejects.toThrow(/a.jsonl changed while it was read/);
  });

  test('fewer rows, or no file any more', async () => {
    const cut = (): void => writeFileSync(join(folder, 'a.jsonl'), lines.slice(0, 20).join(''));
    await expect(whileIn('graph', 'a.jsonl', cut)).rejects.toThrow(/a.jsonl changed while it was read/);
    writeFileSync(join(folder, 'a.jsonl'), lines.join(''));
    await expect(whileIn('graph', 'a.jsonl', () => rmSync(join(folder, 'a.jsonl')))).rejects.toThrow(
      /cannot read .*a.jsonl: no such file/,
    );
    expect(existsSync(join(folder, 'kept.jsonl'))).toBe(false);
  });

  test('one of several files', async () => {
    copyFileSync(join(folder, 'a.jsonl'), join(folder, 'b.jsonl'));
    await expect(whileIn('embed', ['a.jsonl', 'b.jsonl'], () => reverse('b.jsonl'))).rejects.toThrow(
      /b.jsonl changed while/,
    );
  });

  test('vectors beside the rows', async () => {
    const change = (): void => {
      const bytes = readFileSync(join(folder, 'vectors.npy'));
      writeFileSync(join(folder, 'vectors.npy'), bytes.fill(0, bytes.length - 4));
    };
    const options = { embeddings: join(folder, 'vectors.npy') };
    await expect(whileIn('graph', 'a.jsonl', change, options)).rejects.toThrow(/vectors.npy changed while it was read/);
  });

  test('not one that has only been touched, or copied over itself', async () => {
    const change = (): void => writeFileSync(join(folder, 'a.jsonl'), lines.join(''));
    expect((await whileIn('embed', 'a.jsonl', change)).kept).toBe(10);
  });
});

describe('standard output and numbers of open files', () => {
  const shell = (script: string) =>
    spawnSync(
      'bash',
      [
        '-c',
        script.replaceAll(
          'PRUNE',
          `"${process.execPath}" "${join(import.meta.dirname, '../bin/coreset.js')}" prune a.jsonl --embeddings vectors.npy --keep 3 --quiet`,
        ),
      ],
      { cwd: folder, encoding: 'utf8' },
    );

  test.each([
    'PRUNE --out - >> a.jsonl',
    'PRUNE --out /dev/stdout >> a.jsonl',
    'PRUNE --out /proc/self/fd/1 1<> a.jsonl',
  ])('that are the input are refused: %s', (script) => {
    const { status, stderr } = shell(script);
    expect(stderr).toMatch(/^coreset: standard output goes into the input .*a\.jsonl itself/);
    expect(status).toBe(2);
    expect(text('a.jsonl')).toBe(lines.join(''));
  });

  test.runIf(process.platform === 'linux').each([
    ['PRUNE --out /dev/fd/9', 'no file is open under this number'],
    ['PRUNE --out /dev/fd/5', 'no file is open under this number'],
    ['PRUNE --out /dev/fd/999999999999', 'no file is open under this number'],
    ['PRUNE --out /dev/fd/9 9< scores.npy', 'what is open under this number is open for reading alone'],
    ['PRUNE --out /dev/stdin < scores.npy', 'what is open under this number is open for reading alone'],
  ])('that nobody opened, or not for writing, are refused before the work: %s', (script, message) => {
    const { status, stderr } = shell(script);
    expect(stderr).toMatch(new RegExp(`^coreset: cannot write /dev/\\S+: ${message}\\n$`));
    expect(status).toBe(2);
    expect(existsSync(join(folder, 'a.coreset'))).toBe(false);
  });
});

test('a run directory with a pipe among its files is refused, one with a damaged manifest is used', async () => {
  const options = { keep: 3, runDir: join(folder, 'r'), embeddings: join(folder, 'vectors.npy') };
  const { order } = await prune(join(folder, 'a.jsonl'), options);
  const manifest = JSON.parse(text('r/manifest.json'));
  for (const files of [undefined, null, {}, 5]) {
    const stages = Object.fromEntries(
      Object.entries(manifest.stages).map(([name, stage]) => [name, { ...(stage as object), files }]),
    );
    writeFileSync(join(folder, 'r/manifest.json'), JSON.stringify({ ...manifest, stages }));
    const again = await prune(join(folder, 'a.jsonl'), options);
    expect(again.reused).toEqual([]);
    expect(again.order).toEqual(order);
  }
  for (const name of ['manifest.json', 'embeddings.npy', 'report.html', 'lock']) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    const runDir = join(folder, `with ${name}`);
    mkdirSync(runDir);
    spawnSync('mkfifo', [join(runDir, name)]);
    await expect(prune(join(folder, 'a.jsonl'), { ...options, runDir })).rejects.toThrow(/is no regular file/);
  }
});
