import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Matrix, readNpy, seededRandom, writeNpy } from '@coreset/core';
import { type PruneOptions, plan, prune } from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { readReportPage } from '../../../test/report-page.ts';
import { clusteredMatrix, coreset, corpusRows, temporaryFolder } from '../../../test/support.ts';
import { openInput } from '../dist/input/open-input.js';
import { openOthers } from '../dist/input/other-inputs.js';
import { EarlierRun } from '../dist/run/earlier-run.js';
import { RunDirectory, type StageOutcome } from '../dist/run/run-directory.js';
import { otherStage } from '../dist/stages/other-stages.js';
import { embedStage } from '../dist/stages/stages.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const newRunDir = (): string => join(mkdtempSync(at('run-')), 'run');
const jsonl = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const lines = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const ROWS = 200;
/** Vectors of many lengths. */
const vectors = clusteredMatrix(ROWS, 6);
/** Rows of another file: some are rows of the first times a factor, some lie near to one, some are far from all. */
const others: Matrix = clusteredMatrix(40, 6, 77, 40);
const random = seededRandom(3);
for (let i = 0; i < ROWS; i++) {
  const length = 10 ** (4 * random.uniform() - 2);
  for (let c = 0; c < 6; c++) vectors.data[i * 6 + c] *= length;
}
for (let c = 0; c < 6; c++) {
  others.data[5 * 6 + c] = 7 * vectors.data[20 * 6 + c];
  others.data[9 * 6 + c] = vectors.data[33 * 6 + c] / 3 + (c === 0 ? 0.001 : 0);
}

const texts = corpusRows(60).map(({ text }, i) => ({ id: `n${i}`, text, section: `g${i}` }));
const test0 = [
  { id: 'far', text: 'The weather in Lisbon is mild in winter, and the trams are yellow.' },
  { id: 'same', text: `  ${texts[7].text}\r\n` },
  { id: 'near', text: `${texts[11].text}!` },
];

function cosine(i: number, j: number): number {
  let [dot, a, b] = [0, 0, 0];
  for (let c = 0; c < 6; c++) {
    const [x, y] = [vectors.data[i * 6 + c], others.data[j * 6 + c]];
    dot += x * y;
    a += x * x;
    b += y * y;
  }
  return dot / Math.sqrt(a * b);
}

/** The other row nearest to a row of the vectors. */
function nearestOther(row: number): { other: number; similarity: number } {
  const all = Array.from({ length: others.rows }, (_, other) => cosine(row, other));
  const similarity = Math.max(...all);
  return { other: all.indexOf(similarity), similarity };
}

beforeAll(async () => {
  await writeNpy(at('vectors.npy'), vectors.data, [ROWS, 6]);
  await writeNpy(at('others.npy'), others.data, [others.rows, 6]);
  await writeNpy(at('wide.npy'), clusteredMatrix(9, 7).data, [9, 7]);
  writeFileSync(at('texts.jsonl'), jsonl(texts));
  writeFileSync(at('test.jsonl'), jsonl(test0));
  writeFileSync(at('no ids.jsonl'), jsonl([{ text: texts[7].text }]));
  writeFileSync(at('column.jsonl'), jsonl(Array.from({ length: 9 }, (_, i) => ({ vector: [i, 1, 1, 0, 0, 2] }))));
});

const run = async (
  input: string,
  options: Partial<PruneOptions>,
): Promise<{ runDir: string; result: Awaited<ReturnType<typeof prune>>; dropped: Record<string, unknown>[] }> => {
  const runDir = options.runDir ?? newRunDir();
  const result = await prune(at(input), { keep: '50%', threads: 1, ...options, runDir });
  return { runDir, result, dropped: lines(result.files.dropped) };
};

describe('rows too near to those of another file', () => {
  test.each([0.99, 0.97, 0.9])('of vectors that are not of length 1: exactly those with a cosine of %d', async (s) => {
    const { result, dropped } = await run('vectors.npy', { against: at('others.npy'), againstSimilarity: s });
    const near = Array.from({ length: ROWS }, (_, row) => ({ row, ...nearestOther(row) })).filter(
      ({ similarity }) => similarity >= s,
    );
    expect(near.length).toBeGreaterThan(0);
    const found = dropped.filter(({ reason }) => reason === 'against');
    expect(found.map(({ row, against }) => [row, against])).toEqual(near.map(({ row, other }) => [row, other]));
    found.forEach(({ similarity }, i) => {
      expect(similarity).toBeCloseTo(near[i].similarity, 12);
    });
    expect(result.reasons.against).toBe(near.length);
    // The share is one of the rows that are left.
    expect(result.kept).toBe(Math.round((ROWS - near.length) / 2));
    for (const { row } of near) expect(result.order).not.toContain(row);
    expect(dropped.length + result.kept).toBe(ROWS);
  });

  test('of texts: equal ones have a similarity of 1, the ids are told, and nothing of that file is output', async () => {
    const args = ['--keep', '30', '--against', 'test.jsonl', '--run-dir', 'texts', '--json'];
    const { status, stdout, stderr } = coreset(['prune', 'texts.jsonl', ...args], { cwd: folder });
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/^plan: .* against < 1 s, nearest < 1 s, /);
    const { reasons, kept, files, seconds } = JSON.parse(stdout);
    expect([reasons.against, kept]).toEqual([2, 30]);
    expect(Object.keys(seconds).slice(0, 4)).toEqual(['embed', 'against', 'nearest', 'difficulty']);
    const dropped = lines(join(folder, files.dropped)).filter(({ reason }) => reason === 'against');
    const similarity = expect.any(Number);
    expect(dropped).toEqual([
      { row: 7, id: 'n7', reason: 'against', similarity: 1, against: 1, againstId: 'same' },
      { row: 11, id: 'n11', reason: 'against', similarity, against: 2, againstId: 'near' },
    ]);
    expect(dropped[1].similarity).toBeLessThan(1);
    const ids = lines(join(folder, files.kept)).map(({ id }) => id);
    expect(ids.every((id) => /^n\d+$/.test(String(id)))).toBe(true);
    expect(ids).not.toContain('n7');
    for (const name of ['kept.jsonl', 'dropped.jsonl'])
      expect(readFileSync(join(folder, 'texts', name), 'utf8')).not.toContain('Lisbon');
    const { shown } = await readReportPage(join(folder, 'texts', 'report.html'));
    expect(shown.texts).toHaveLength(shown.rows.length);
    expect(shown.texts?.join('\n')).not.toContain('Lisbon');
    const again = coreset(['prune', 'texts.jsonl', ...args, '--against-similarity', '1'], { cwd: folder });
    const result = JSON.parse(again.stdout);
    expect(result.reasons.against).toBe(1);
    expect(result.reused).toEqual(['embed', 'against', 'nearest', 'difficulty', 'graph', 'map']);
  });

  test('another file is embedded anew, the corpus is not; the plan knows both', async () => {
    const runDir = newRunDir();
    await run('texts.jsonl', { runDir, against: at('test.jsonl') });
    writeFileSync(at('test 2.jsonl'), jsonl(test0.slice(0, 2)));
    const options = { keep: '50%', runDir, against: at('test 2.jsonl') };
    const { stages } = await plan(at('texts.jsonl'), options);
    const planned = stages.filter(({ reused }) => reused).map(({ stage }) => stage);
    expect(planned).toEqual(['embed', 'difficulty', 'graph', 'map']);
    expect(stages.map(({ stage }) => stage)).toEqual([
      'embed',
      'against',
      'nearest',
      'difficulty',
      'graph',
      'select',
      'map',
      'write',
      'report',
    ]);
    const { result } = await run('texts.jsonl', options);
    expect(result.reused).toEqual(planned);
    expect(result.reasons.against).toBe(1);
  });

  test('rows with nothing to embed are numbered as the other file numbers them', async () => {
    writeFileSync(at('with empty.jsonl'), jsonl([{ id: 'empty', text: '' }, ...test0]));
    const { dropped } = await run('texts.jsonl', { against: at('with empty.jsonl'), onBadRow: 'skip' });
    expect(dropped.filter(({ reason }) => reason === 'against')).toMatchObject([
      { against: 2, againstId: 'same' },
      { against: 3, againstId: 'near' },
    ]);
  });

  test('a field of ids that the other file lacks is no error', async () => {
    const { dropped } = await run('texts.jsonl', { against: at('no ids.jsonl'), id: 'section', onBadRow: 'skip' });
    expect(dropped.filter(({ reason }) => reason === 'against')).toEqual([
      { row: 7, id: 'g7', reason: 'against', similarity: 1, against: 0 },
    ]);
  });

  test('vectors may lie in a column in the one and in a file in the other', async () => {
    await writeNpy(at('one.npy'), Float32Array.of(3, 1, 1, 0, 0, 2), [1, 6]);
    const options = { vector: 'vector', against: at('one.npy'), againstSimilarity: 1, keep: 4 };
    const { dropped } = await run('column.jsonl', options);
    expect(dropped.filter(({ reason }) => reason === 'against')).toEqual([
      { row: 3, reason: 'against', similarity: 1, against: 0 },
    ]);
  });

  test.each<[string, string, string[], RegExp]>([
    [
      'a number out of its range',
      'texts.jsonl',
      ['--against', 'test.jsonl', '--against-similarity', '1.2'],
      /^--against-similarity must be above 0 and at most 1, got 1.2$/,
    ],
    ['no number', 'texts.jsonl', ['--against', 'test.jsonl', '--against-similarity', '0'], /at most 1, got 0$/],
    ['a similarity to nothing', 'texts.jsonl', ['--against-similarity', '0.9'], /means nothing without --against/],
    ['a file that is not there', 'texts.jsonl', ['--against', 'gone.jsonl'], /cannot read gone.jsonl: no such file/],
    [
      'a field that it lacks',
      'texts.jsonl',
      ['--text', 'section', '--against', 'test.jsonl'],
      /^test.jsonl: there is no field 'section' \(--text\); the fields are id, text$/,
    ],
    [
      'vectors against texts',
      'texts.jsonl',
      ['--against', 'others.npy'],
      /^--against others.npy holds vectors, but texts.jsonl is compared by texts; name a file of texts$/,
    ],
    [
      'texts against vectors',
      'vectors.npy',
      ['--against', 'test.jsonl'],
      /^--against test.jsonl holds rows, but vectors.npy is compared by vectors; /,
    ],
    [
      'vectors of another length',
      'vectors.npy',
      ['--against', 'wide.npy'],
      /^--against wide.npy has vectors of 7 numbers, vectors.npy of 6; /,
    ],
    [
      'itself',
      'texts.jsonl',
      ['--against', 'texts.jsonl'],
      /^texts.jsonl: nothing is left to select: 60 too near to one of --against texts.jsonl$/,
    ],
    [
      'more rows than are left',
      'texts.jsonl',
      ['--against', 'test.jsonl', '--keep', '59'],
      /^without the rows that are left out \(2 too near to one of --against test.jsonl\), keep '59' is more than the 58 rows/,
    ],
    ['rows to keep away from alone', 'texts.jsonl', ['--away', 'test.jsonl'], /^--away means nothing without --toward/],
    [
      'rows that no method looks at',
      'texts.jsonl',
      ['--toward', 'test.jsonl', '--method', 'random'],
      /^--toward means nothing to random; it is used by toward$/,
    ],
    [
      'an output in its place',
      'texts.jsonl',
      ['--against', 'test.jsonl', '--out', 'test.jsonl'],
      /^--out test.jsonl is the input itself/,
    ],
  ])('%s is refused in one line, and nothing is written', (_, input, args, message) => {
    const keep = args.includes('--keep') ? [] : ['--keep', '5'];
    const runDir = `refused-${readdirSync(folder).length}`;
    const command = ['prune', input, ...keep, ...args, '--run-dir', runDir, '--quiet'];
    const before = readFileSync(at('test.jsonl'), 'utf8');
    const { status, stdout, stderr } = coreset(command, { cwd: folder });
    expect(stderr).toMatch(/^coreset: [^\n]*\n$/);
    expect(stderr.slice('coreset: '.length).trimEnd()).toMatch(message);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(existsSync(join(folder, runDir, 'kept.jsonl'))).toBe(false);
    expect(readFileSync(at('test.jsonl'), 'utf8')).toBe(before);
  });
});

test('rows to select for, and those to keep away from, are embedded like the corpus and used again', async () => {
  const runDir = newRunDir();
  const embed = async (options: object): Promise<StageOutcome[]> => {
    const input = await openInput([at('texts.jsonl')], options);
    const opened = await openOthers(input, { toward: [at('test.jsonl')], away: [at('texts.jsonl')] }, options);
    const directory = new RunDirectory(runDir, [at('texts.jsonl')]);
    try {
      const embedded = await embedStage(directory, input, options);
      const toward = await otherStage(directory, 'toward', opened, embedded, options);
      const away = await otherStage(directory, 'away', opened, embedded, options);
      expect([toward?.vectors.rows, away?.vectors.rows, away?.vectors.cols]).toEqual([3, 60, 384]);
      expect(await otherStage(directory, 'against', opened, embedded, options)).toBeUndefined();
      const earlier = new EarlierRun(runDir);
      expect((await otherStage(earlier, 'toward', opened, embedded, options))?.hash).toBe(toward?.hash);
      return directory.outcomes;
    } finally {
      directory.close();
    }
  };
  const outcomes = await embed({ threads: 1 });
  expect(outcomes.map(({ stage, reused }) => [stage, reused])).toEqual([
    ['embed', false],
    ['toward', false],
    ['away', false],
  ]);
  expect((await embed({ threads: 1 })).every(({ reused }) => reused)).toBe(true);
  const { data } = readNpy(join(runDir, 'embeddings.npy'));
  expect(readNpy(join(runDir, 'away.npy')).data).toEqual(data);
});

test('rows like those that are selected for are kept, rows like those to keep away from are not', async () => {
  const kept = async (options: Partial<PruneOptions>): Promise<unknown[]> => {
    const { result, runDir } = await run('texts.jsonl', { keep: 3, toward: at('test.jsonl'), ...options });
    expect(JSON.parse(readFileSync(join(runDir, 'manifest.json'), 'utf8')).stages.select.diagnostics).toMatchObject({
      method: 'toward',
      targetRows: 3,
      awayRows: options.away === undefined ? 0 : 1,
    });
    return Array.from(result.order, (row) => texts[row].id);
  };
  expect(await kept({})).toEqual(expect.arrayContaining(['n7', 'n11']));
  const without = await kept({ away: at('no ids.jsonl') });
  expect(without).toContain('n11');
  expect(without).not.toContain('n7');
});
