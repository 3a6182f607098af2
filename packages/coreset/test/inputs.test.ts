import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { writeNpy } from '@coreset/core';
import { prune } from 'coreset';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clusteredMatrix, coreset, corpusRows, ROOT, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const rows = corpusRows(60);
const lines = rows.map((row) => `${JSON.stringify(row)}\n`);
const COMMAND = join(ROOT, 'packages/coreset/bin/coreset.js');

const run = (args: string[], input?: string): ReturnType<typeof coreset> => coreset(args, { cwd: folder, input });
const text = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');
const json = <T>(...path: string[]): T => JSON.parse(text(...path));

beforeAll(() => {
  for (const name of ['a', 'b', 'shards/lang=en', 'shards/lang=de']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'a/data.jsonl'), lines.slice(0, 30).join('').trimEnd());
  writeFileSync(join(folder, 'b/data.jsonl'), lines.slice(30).join(''));
  writeFileSync(join(folder, 'shards/lang=en/part-0.jsonl'), lines.slice(0, 30).join('').trimEnd());
  writeFileSync(join(folder, 'shards/lang=de/part-0.jsonl'), lines.slice(30).join(''));
  writeFileSync(join(folder, 'shards/_SUCCESS'), '');
  writeFileSync(join(folder, 'all.jsonl'), lines.join(''));
  cpSync(new URL('cases', import.meta.url), join(folder, 'cases'), { recursive: true });
});

describe('several files are one corpus', () => {
  test('by names, by a pattern, and as a folder of shards: the same picks as of one file', () => {
    const whole = JSON.parse(run(['prune', 'all.jsonl', '--keep', '20', '--json', '--out', 'whole.jsonl']).stdout);
    expect(whole.kept).toBe(20);
    const { order } = json<{ order: number[] }>('all.coreset/selection.json');
    for (const [given, runDir] of [
      [['a/data.jsonl', 'b/data.jsonl'], 'data-and-1-more.coreset'],
      [['{a,b}/*.jsonl'], `${basename(folder)}.coreset`],
    ] as const) {
      const { status, stdout, stderr } = run(['prune', ...given, '--keep', '20', '--json', '--out', 'kept.jsonl']);
      expect(status, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ rows: 60, kept: 20, files: { runDir } });
      expect(json<{ order: number[] }>(runDir, 'selection.json').order).toEqual(order);
      expect(text('kept.jsonl')).toBe(text('whole.jsonl'));
    }
  });

  test('--out DIR/ writes a file for each, under its name; folders named key=value are fields', () => {
    const { status, stderr } = run([
      'prune',
      'shards',
      '--keep',
      '20',
      '--method',
      'd2-per-class',
      '--labels',
      'lang',
      '--out',
      'kept/',
    ]);
    expect(status, stderr).toBe(0);
    const kept = ['lang=de', 'lang=en'].map((name) => text('kept', name, 'part-0.jsonl').trimEnd().split('\n'));
    expect(kept.flat().length).toBe(20);
    for (const line of kept[0]) expect(lines.slice(30)).toContain(`${line}\n`);
    for (const line of kept[1]) expect(lines.slice(0, 30)).toContain(`${line}\n`);
    expect(run(['prune', 'shards', '--keep', '20']).status).toBe(0);
    expect(text('shards.coreset/kept/lang=en/part-0.jsonl').trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    expect(run(['prune', 'shards', '--keep', '20', '--out', 'shards/']).stderr).toMatch(/is the input itself/);
    expect(text('shards/lang=de/part-0.jsonl')).toBe(lines.slice(30).join(''));
  });

  test('CSV files with one header make one with one header; other headers are refused', () => {
    writeFileSync(join(folder, 'one.csv'), 'id,text\n1,a cat\n2,a dog');
    writeFileSync(join(folder, 'two.csv'), 'id,text\n3,a fish\n4,a bird\n');
    writeFileSync(join(folder, 'other.csv'), 'id,title,text\n5,x,a snake\n');
    expect(run(['prune', 'one.csv', 'two.csv', '--keep', '100%', '--out', 'both.csv']).status).toBe(0);
    expect(text('both.csv')).toBe('id,text\n1,a cat\n2,a dog\n3,a fish\n4,a bird\n');
    const { status, stderr } = run(['prune', 'one.csv', 'other.csv', '--keep', '100%', '--out', 'never.csv']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/other.csv/);
    expect(existsSync(join(folder, 'never.csv'))).toBe(false);
  });

  test.each([
    ['two kinds', ['all.jsonl', 'one.csv'], /all.jsonl is jsonl, one.csv is csv; several files must be of one format/],
    ['one twice', ['all.jsonl', './all.jsonl'], /given twice/],
    ['a pattern of nothing', ['*.parquet'], /\*.parquet: no file matches/],
    ['an unknown address', ['s3://bucket/a.jsonl'], /s3 addresses cannot be read/],
  ])('%s: one line, exit code 2', (_, inputs, message) => {
    const { status, stderr } = run(['prune', ...inputs, '--keep', '3', '--run-dir', 'never']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
    expect(status).toBe(2);
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });
});

describe('a run directory belongs to one input', () => {
  test('files of one name in different folders have each their own', () => {
    expect(JSON.parse(run(['prune', 'a/data.jsonl', '--keep', '3', '--json']).stdout).files.runDir).toBe(
      'data.coreset',
    );
    const second = JSON.parse(run(['prune', 'b/data.jsonl', '--keep', '3', '--json']).stdout);
    expect(second.files.runDir).toMatch(/^data-[0-9a-f]{8}\.coreset$/);
    expect(second.reused).toEqual([]);
    const again = JSON.parse(run(['prune', 'b/data.jsonl', '--keep', '3', '--json']).stdout);
    expect(again).toMatchObject({ files: second.files, reused: ['embed', 'difficulty', 'graph', 'select', 'map'] });
    const first = JSON.parse(run(['prune', 'a/data.jsonl', '--keep', '3', '--json']).stdout);
    expect(first).toMatchObject({
      files: { runDir: 'data.coreset' },
      reused: ['embed', 'difficulty', 'graph', 'select', 'map'],
    });
  });

  test('one that was asked for is not taken from another input', () => {
    const { status, stderr } = run(['prune', 'b/data.jsonl', '--keep', '3', '--run-dir', 'data.coreset']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/data.coreset holds the results of .*a\/data.jsonl, not of b\/data.jsonl/);
  });
});

describe('what is piped in', () => {
  const csv = `n;text\n${rows.map(({ text }, n) => `${n};"${text.replaceAll('"', '""')}"`).join('\n')}\n`;

  test('is read as it looks, or as it is said to be', () => {
    const asJson = run(['prune', '-', '--keep', '3', '--quiet'], JSON.stringify(rows));
    expect(asJson.stdout, asJson.stderr).toMatch(/^kept +3 of 60 rows/);
    expect(json<unknown[]>('stdin.coreset/kept.json').length).toBe(3);
    const named = run(['prune', '-', '--keep', '3', '--quiet', '--input-format', 'csv', '--text', 'text'], csv);
    expect(named.stdout, named.stderr).toMatch(/^kept +3 of 60 rows/);
    expect(text('stdin.coreset/kept.csv').split('\n')[0]).toBe('n;text');
    const unclear = run(['prune', '-', '--keep', '3', '--quiet'], 'a line\nanother\n');
    expect(unclear.status).toBe(2);
    expect(unclear.stderr).toMatch(/--input-format/);
  });

  test('leaves nothing where it cannot be read; an empty one and a second are said so', () => {
    const refused = (input: string, ...given: string[]): string => {
      mkdirSync(join(folder, 'piped'), { recursive: true });
      const { status, stderr } = coreset(['prune', ...given, '--keep', '3'], { cwd: join(folder, 'piped'), input });
      expect(status).toBe(2);
      expect(readdirSync(join(folder, 'piped'))).toEqual([]);
      return stderr;
    };
    expect(refused('a,b\n1,2\n', '-')).toMatch(/^coreset: what is piped in does not look like/);
    expect(refused('', '-')).toBe('coreset: nothing is piped in: standard input is empty\n');
    expect(refused(lines.join(''), '-', '-')).toBe('coreset: standard input is given twice; it can be read once\n');
  });

  test('may come through /dev/stdin and process substitution', () => {
    const shell = (command: string): ReturnType<typeof spawnSync> =>
      spawnSync('bash', ['-c', command], {
        cwd: join(folder, 'cases/fifo-and-dev-stdin'),
        encoding: 'utf8',
        timeout: 60_000,
      });
    const coresetCommand = `"${process.execPath}" "${COMMAND}"`;
    for (const command of [
      `cat a.jsonl | ${coresetCommand} prune /dev/stdin --keep 3 --quiet`,
      `${coresetCommand} prune <(zcat a.jsonl.gz) --keep 3 --quiet`,
    ]) {
      const { status, stdout, stderr } = shell(command);
      expect(status, String(stderr)).toBe(0);
      expect(stdout).toMatch(/^kept +3 of \d+ rows/);
    }
    const fifo = shell(`mkfifo in.jsonl; ${coresetCommand} prune in.jsonl --keep 3`);
    expect(fifo.stderr).toMatch(/in.jsonl is no regular file; pipe it into -/);
    expect(fifo.status).toBe(2);
  });
});

describe('ids', () => {
  test.each([
    ['repeated', 'rows 0 and 1 have the same id "doc1"'],
    ['null', "row 0, field 'id' is null"],
    ['object', "row 0, field 'id' is an object"],
  ])('a field named id that holds none is not used, and that is said: %s', (name, why) => {
    const path = `cases/id-not-unique/${name}.jsonl`;
    const { status, stderr } = run(['prune', path, '--keep', '2', '--run-dir', `ids ${name}`]);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain(`field 'id' is not used to tell rows: ${path}: ${why}`);
    const asked = run(['prune', path, '--keep', '2', '--id', 'id', '--run-dir', 'never']);
    expect(asked.status).toBe(2);
    expect(asked.stderr).toContain(`${why}`);
    const none = run(['prune', path, '--keep', '2', '--id', 'none', '--run-dir', `ids ${name}`]);
    expect(none.stderr).not.toContain('is not used');
    const emitted = run(['prune', path, '--keep', '2', '--emit', 'ids', '--run-dir', `ids ${name}`]);
    expect(emitted.status).toBe(2);
    expect(emitted.stderr).toMatch(/--emit ids needs ids/);
  });

  test.each(['near', 'far'])('64-bit numbers keep their digits: %s', (name) => {
    const path = `cases/jsonl-64-bit-ids/${name}.jsonl`;
    const { status, stderr } = run(['prune', path, '--keep', '3', '--run-dir', name]);
    expect(status, stderr).toBe(0);
    const ids = text(path).match(/\d{19}/g) ?? [];
    const dropped = text(name, 'dropped.jsonl');
    for (const line of dropped.trim().split('\n')) expect(line).toContain(`"id":${ids[JSON.parse(line).row]},`);
    expect(run(['prune', path, '--keep', '3', '--run-dir', name, '--emit', 'ids', '--out', 'ids.txt']).status).toBe(0);
    const kept = json<{ kept: number[] }>(name, 'selection.json').kept;
    expect(text('ids.txt')).toBe(kept.map((row) => `${ids[row]}\n`).join(''));
  });
});

describe('what is embedded', () => {
  test('several fields, a path, a template, chat turns', () => {
    const nested = rows.map(({ id, text, section }) => ({ id, doc: { body: text }, section }));
    writeFileSync(join(folder, 'nested.jsonl'), nested.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const chats = rows.map(({ id, text }) => ({
      id,
      messages: [
        { role: 'user', content: 'What is it?' },
        { role: 'assistant', content: text },
      ],
    }));
    writeFileSync(join(folder, 'chats.jsonl'), chats.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const embed = (file: string, ...args: string[]): Buffer => {
      const { status, stderr } = run(['embed', file, ...args, '--out', 'e.npy']);
      expect(status, stderr).toBe(0);
      return readFileSync(join(folder, 'e.npy'));
    };
    const plain = embed('all.jsonl');
    expect(embed('nested.jsonl', '--text', 'doc.body').equals(plain)).toBe(true);
    expect(embed('chats.jsonl', '--turns', 'assistant').equals(plain)).toBe(true);
    expect(embed('chats.jsonl').equals(plain)).toBe(false);
    const both = embed('nested.jsonl', '--text', 'section', '--text', 'doc.body');
    expect(both.equals(embed('nested.jsonl', '--template', '{section}\\n{doc.body}'))).toBe(true);
    expect(both.equals(plain)).toBe(false);
  });

  test('the field that is chosen where none is asked for is told', () => {
    writeFileSync(join(folder, 'posts.jsonl'), '{"title":"a","body":"a long one"}\n{"title":"b","body":"another"}\n');
    expect(run(['embed', 'posts.jsonl', '--out', 'p.npy']).stderr).toMatch(
      /note: what is embedded is body; --text names another/,
    );
    expect(run(['embed', 'posts.jsonl', '--text', 'body', '--out', 'p.npy']).stderr).not.toMatch(/what is embedded/);
    expect(run(['embed', 'all.jsonl', '--out', 'p.npy']).stderr).not.toMatch(/what is embedded/);
  });

  test('vectors of their own: beside the rows, in a column, as a file', async () => {
    const { data } = clusteredMatrix(60, 8);
    await writeNpy(join(folder, 'v.npy'), data, [60, 8]);
    const withVectors = rows.map((row, i) => ({ ...row, v: Array.from(data.subarray(i * 8, i * 8 + 8)) }));
    writeFileSync(join(folder, 'vectors.jsonl'), withVectors.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const orders = [['v.npy'], ['all.jsonl', '--embeddings', 'v.npy'], ['vectors.jsonl', '--vector', 'v']].map(
      (args, i) => {
        const { status, stderr } = run(['prune', ...args, '--keep', '12', '--run-dir', `vectors ${i}`]);
        expect(status, stderr).toBe(0);
        return json<{ order: number[] }>(`vectors ${i}`, 'selection.json').order;
      },
    );
    expect(orders[1]).toEqual(orders[0]);
    expect(orders[2]).toEqual(orders[0]);
    expect(text('vectors 1', 'kept.jsonl').trimEnd().split('\n').length).toBe(12);
    const wrong = run(['prune', 'a/data.jsonl', '--embeddings', 'v.npy', '--keep', '3', '--run-dir', 'never']);
    expect(wrong.stderr).toMatch(/v.npy has 60 vectors for the 30 rows of a\/data.jsonl/);
    const missing = withVectors.map((row, i) => (i === 7 ? { ...row, v: null } : row));
    writeFileSync(join(folder, 'missing.jsonl'), missing.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const refused = run(['prune', 'missing.jsonl', '--vector', 'v', '--keep', '3', '--run-dir', 'never']);
    expect(refused.stderr).toMatch(/missing.jsonl: row 7 has no vector, field 'v' is null/);
    const skipped = run(['prune', 'missing.jsonl', '--vector', 'v', '--keep', '3', '--on-bad-row', 'skip']);
    expect(skipped.status, skipped.stderr).toBe(0);
  });

  test('what contradicts another option, or is not there, is refused', () => {
    for (const [args, message] of [
      [['--text', 'text', '--template', '{text}'], /--text and --template/],
      [['--text', 'text', '--vector', 'section'], /--text and --vector each say what is embedded/],
      [['--text', 'txet'], /no field 'txet' \(--text\); did you mean 'text'\?/],
      [['--turns', 'user'], /--turns counts for chats alone/],
      [['--image-folder', '.'], /--image-folder means nothing to rows without --image/],
      [['--embeddings', 'v.npy', '--long', 'mean'], /--long means nothing to vectors of your own/],
      [['--embeddings', 'v.npy', '--on-bad-row', 'skip'], /--on-bad-row means nothing to vectors in a file/],
      [['--vector', 'v', '--max-tokens', '128'], /--max-tokens means nothing to vectors of your own/],
    ] as const) {
      const { status, stderr } = run(['prune', 'all.jsonl', ...args, '--keep', '3', '--run-dir', 'never']);
      expect(stderr).toMatch(message);
      expect(status).toBe(2);
    }
  });
});

describe('bad rows', () => {
  const mixed = [
    ...lines.slice(0, 20),
    '{"id": "x", "text": \n',
    '{"id": "nan", "text": NaN}\n',
    ...lines.slice(20, 40),
  ];

  beforeAll(() => {
    writeFileSync(join(folder, 'mixed.jsonl'), mixed.join(''));
  });

  test('a line that cannot be read is skipped when asked, and that is said', () => {
    expect(run(['prune', 'mixed.jsonl', '--keep', '4', '--run-dir', 'never']).stderr).toMatch(
      /mixed.jsonl, line 21: broken JSON/,
    );
    const { status, stderr } = run([
      'prune',
      'mixed.jsonl',
      '--keep',
      '25%',
      '--on-bad-row',
      'skip',
      '--out',
      'skipped.jsonl',
    ]);
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/2 rows have nothing to embed and are left out.*1 cannot be read, the first: .*line 21/);
    expect(text('skipped.jsonl').trimEnd().split('\n').length).toBe(10);
  });

  test('rows that are kept without being embedded count', () => {
    const { status, stdout, stderr } = run(['prune', 'mixed.jsonl', '--keep', '50%', '--on-bad-row', 'keep', '--json']);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 42, kept: 21 });
    const few = run(['prune', 'mixed.jsonl', '--keep', '2', '--on-bad-row', 'keep']);
    expect(few.status).toBe(2);
    expect(few.stderr).toMatch(/keeps 2 rows that have nothing to embed, and --keep '2' asks for 2 in all/);
    writeFileSync(join(folder, 'nothing.jsonl'), '{"text":""}\n{"text":null}\n');
    for (const how of ['keep', 'skip']) {
      const { status, stderr } = run([
        'prune',
        'nothing.jsonl',
        '--keep',
        '50%',
        '--on-bad-row',
        how,
        '--run-dir',
        'never',
      ]);
      expect(status).toBe(2);
      expect(stderr).toMatch(/nothing is left to select|no row has a text/);
      expect(existsSync(join(folder, 'never'))).toBe(false);
    }
  });
});

test('an option that means nothing to the input is refused, not ignored', async () => {
  await writeNpy(join(folder, 'v.npy'), clusteredMatrix(20, 4).data, [20, 4]);
  const refused: [string[], RegExp][] = [
    [['all.jsonl', '--member', 'x'], /--member means nothing to jsonl rows without --embeddings/],
    [['all.jsonl', '--input-format', 'csv'], /--input-format csv counts for piped input alone, and all.jsonl is none/],
    [['v.npy', '--text', 'x'], /--text means nothing to npy rows/],
    [['v.npy', '--turns', 'user'], /--turns means nothing to npy rows/],
    [['v.npy', '--vector', 'x'], /--vector means nothing to npy rows/],
  ];
  for (const [args, message] of refused) {
    const { status, stderr } = run(['prune', ...args, '--keep', '5']);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  }
});

describe('an address', () => {
  let server: Server;
  let base: string;
  const requests: { url?: string; range?: string; status: number }[] = [];
  const body = lines.join('');
  let cutAt: number | undefined;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { url } = request;
      const range = request.headers.range as string | undefined;
      const start = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
      let status = range ? 206 : 200;
      if (url !== '/data/all.jsonl') status = 404;
      else if (request.headers['if-none-match'] === '"v1"') status = 304;
      requests.push({ url, range, status });
      if (status >= 300) return void response.writeHead(status).end();
      const bytes = Buffer.from(body).subarray(start);
      response.writeHead(status, { etag: '"v1"', 'content-length': bytes.length });
      if (cutAt === undefined) return void response.end(bytes);
      response.write(bytes.subarray(0, cutAt), () => response.destroy());
      cutAt = undefined;
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test('is fetched once; a fetch that broke off goes on where it was', async () => {
    const runDir = join(folder, 'fetched.coreset');
    cutAt = 2000;
    await expect(prune(`${base}/data/all.jsonl`, { keep: 5, runDir })).rejects.toThrow(
      /connection ended after 2000 bytes/,
    );
    const result = await prune(`${base}/data/all.jsonl`, { keep: 5, runDir });
    expect(result).toMatchObject({ rows: 60, kept: 5 });
    expect(requests.at(-1)).toMatchObject({ range: 'bytes=2000-', status: 206 });
    expect(readFileSync(join(runDir, 'fetched/all.jsonl'), 'utf8')).toBe(body);
    const again = await prune(new URL(`${base}/data/all.jsonl`), { keep: 5, runDir });
    expect(again.reused).toEqual(['embed', 'difficulty', 'graph', 'select', 'map']);
    expect(requests.at(-1)?.status).toBe(304);
    expect(readdirSync(join(runDir, 'fetched'))).toEqual(['all.jsonl', 'all.jsonl.source']);
  });

  test('that is not there, or of no server: one line', async () => {
    const runDir = join(folder, 'never');
    await expect(prune(`${base}/nowhere.jsonl`, { keep: 5, runDir })).rejects.toThrow(
      /cannot fetch .*nowhere.jsonl: the server answers 404/,
    );
    await expect(prune('http://127.0.0.1:9/x.jsonl', { keep: 5, runDir })).rejects.toThrow(
      /cannot fetch http.*:9\/x.jsonl: /,
    );
  });
});
