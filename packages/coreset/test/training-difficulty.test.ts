// Difficulty from training dynamics in the commands, and in the library's prune and pruneRows.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { matrixFrom, openNpyVectors, readNpyVector, writeNpy } from '@coreset/core';
import { type DifficultyOptions, difficultyScores } from '@coreset/difficulty';
import { type PruneOptions, plan, prune, pruneRows } from 'coreset';
import { beforeAll, expect, test } from 'vitest';
import { clusteredMatrix, coreset, corpusRows, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const ROWS = 240;
const { data, cols } = clusteredMatrix(ROWS, 6);
const vectorOf = (row: number): number[] => Array.from(data.subarray(row * cols, (row + 1) * cols));
/** What has a vector is of class b where its first number is low, but for a few rows; row 7 has none. */
const BAD = 7;
const rows = Array.from({ length: ROWS }, (_, row) => ({
  id: `n${row}`,
  vector: row === BAD ? null : vectorOf(row),
  class: row === BAD ? null : vectorOf(row)[0] > 0 !== (row % 17 === 0) ? 'a' : 'b',
  other: row % 3,
  same: 'x',
  score: row,
}));
const good = rows.filter(({ vector }) => vector !== null);

beforeAll(async () => {
  writeFileSync(at('rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await writeNpy(at('vectors.npy'), data, [ROWS, cols]);
  writeFileSync(at('classes.txt'), rows.map((row) => `${row.class}\n`).join(''));
});

async function run(
  options: Partial<PruneOptions>,
): Promise<{ order: number[]; difficulty: Float64Array; reused: string[] }> {
  const runDir = options.runDir ?? join(mkdtempSync(at('run-')), 'run');
  const given = { keep: 40, vector: 'vector', onBadRow: 'skip', threads: 1, ...options, runDir } as const;
  const { order, reused } = await prune(at('rows.jsonl'), given);
  return {
    order: Array.from(order),
    difficulty: readNpyVector(join(runDir, 'difficulty.npy')) as Float64Array,
    reused,
  };
}

const expected = async (options: DifficultyOptions): Promise<Float64Array> =>
  (await difficultyScores(matrixFrom(good.map(({ vector }) => vector as number[])), options)).scores;
const classes = good.map((row) => (row.class === 'a' ? 0 : 1));

test('prune takes the difficulty of the rows that have a vector, with labels or pseudo-labels', async () => {
  const labelled = await run({ difficulty: 'aum', labels: 'class', seed: 3 });
  expect(labelled.difficulty).toEqual(await expected({ difficulty: 'aum', labels: classes, seed: 3 }));
  const pseudo = await run({ difficulty: 'entropy', prototypes: 6 });
  expect(pseudo.difficulty).toEqual(await expected({ difficulty: 'entropy', prototypes: 6 }));
});

test('the picks of auto, d2, d2-cutoff, ccs, moderate and prototypes-hard follow it', async () => {
  for (const method of ['auto', 'd2', 'd2-cutoff', 'ccs', 'moderate', 'prototypes-hard'] as const) {
    const orders = await Promise.all(
      [{}, { difficulty: 'el2n' } as const].map(async (options) => (await run({ ...options, method })).order),
    );
    expect(orders[0], method).not.toEqual(orders[1]);
  }
  // As of scores that are brought.
  const picks = async (options: Partial<PruneOptions>): Promise<number[]> =>
    (await run({ difficulty: 'el2n', ...options })).order;
  expect(await picks({})).toEqual(await picks({ difficultyWeight: 0.5 }));
  expect(await picks({})).not.toEqual(await picks({ difficultyWeight: 0 }));
  const plain = (await run({})).order;
  expect((await run({ difficulty: 'prototype' })).order).toEqual(plain);
});

test('a run takes an earlier difficulty again only where all that it depends on is the same', async () => {
  const runDir = at('reuse');
  const isReused = async (options: Partial<PruneOptions>): Promise<boolean> =>
    (await run({ runDir, ...options })).reused.includes('difficulty');
  const aum = { difficulty: 'aum', labels: 'class' } as const;
  expect(await isReused(aum)).toBe(false);
  for (const change of [{ difficulty: 'el2n' }, { labels: 'other' }, { labels: undefined }, { seed: 1 }] as const) {
    expect(await isReused({ ...aum, ...change }), JSON.stringify(change)).toBe(false);
    expect(await isReused({ ...aum, ...change })).toBe(true);
    expect(await isReused(aum)).toBe(false);
  }
  const pseudo = { difficulty: 'aum' } as const;
  expect(await isReused(pseudo)).toBe(false);
  expect(await isReused({ ...pseudo, prototypes: 4 })).toBe(false);
  // Labels that are for the method alone leave the prototype distance as it is.
  expect(await isReused({ method: 'moderate' })).toBe(false);
  expect(await isReused({ method: 'moderate', labels: 'class' })).toBe(true);
  expect(await isReused({ method: 'moderate', difficulty: 'prototype' })).toBe(true);
});

test('pruneRows keeps what prune keeps', async () => {
  const options = { keep: 40, threads: 1, vector: (row: (typeof rows)[number]) => row.vector as number[] };
  const numberOf = (row: number): number => rows.indexOf(good[row]);
  const labelled = await pruneRows(good, { ...options, difficulty: 'aum', label: (row) => row.class as string });
  expect(Array.from(labelled.order, numberOf)).toEqual((await run({ difficulty: 'aum', labels: 'class' })).order);
  const pseudo = await pruneRows(good, { ...options, difficulty: 'forgetting', prototypes: 5 });
  expect(Array.from(pseudo.order, numberOf)).toEqual((await run({ difficulty: 'forgetting', prototypes: 5 })).order);
  for (const [wrong, message] of [
    [{ label: () => 1 }, /^the labels have one class only/],
    [{ label: (row: (typeof rows)[number]) => row.id }, /^the labels have a class of its own for each of 239 rows/],
    [{ score: () => 1 }, /^--difficulty means nothing beside --scores/],
    [{ method: 'random' }, /^--difficulty aum means nothing to random; it is used by auto, d2,/],
    [{ label: (row: (typeof rows)[number]) => row.other, prototypes: 3 }, /^prototypes means nothing beside labels/],
  ] as const)
    await expect(pruneRows(good, { ...options, difficulty: 'aum', ...wrong })).rejects.toThrow(message);
});

test('the plan knows what a training takes, and tells of pseudo-classes', async () => {
  const notices: string[] = [];
  const seconds = async (options: Partial<PruneOptions>): Promise<number> => {
    const onNotice = (line: string): number => notices.push(line);
    const { stages } = await plan(at('vectors.npy'), { keep: 40, runDir: at('none'), onNotice, ...options });
    return stages.find(({ stage }) => stage === 'difficulty')?.seconds ?? 0;
  };
  const labels = at('classes.txt');
  const many = at('many.txt');
  writeFileSync(many, rows.map((_, row) => `${row >> 1}\n`).join(''));
  const plain = await seconds({});
  const few = await seconds({ difficulty: 'aum', labels });
  expect(await seconds({ difficulty: 'aum', labels: many })).toBeGreaterThan(few);
  expect(notices).toEqual([]);
  expect(await seconds({ difficulty: 'aum', prototypes: 9 })).toBeGreaterThan(plain);
  expect(notices).toEqual([
    'without labels difficulty aum is that of pseudo-classes: which of 9 k-means prototypes is nearest to a row',
  ]);
});

test('coreset prune --difficulty aum --labels section, on rows of the corpus', () => {
  const corpus = at('corpus.jsonl');
  writeFileSync(
    corpus,
    corpusRows(160)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  );
  const args = [
    'prune',
    corpus,
    '--keep',
    '40',
    '--difficulty',
    'aum',
    '--labels',
    'section',
    '--run-dir',
    at('corpus'),
  ];
  const { status, stdout, stderr } = coreset([...args, '--json']);
  expect(stderr).not.toMatch(/^coreset:/m);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ rows: 160, kept: 40 });
  const { stages } = JSON.parse(readFileSync(join(at('corpus'), 'manifest.json'), 'utf8'));
  const sections = new Set(corpusRows(160).map(({ section }) => section));
  expect(stages.difficulty.diagnostics).toMatchObject({
    measure: 'aum',
    classesFrom: 'labels',
    classes: sections.size,
  });
});

test('coreset score --difficulty el2n, with labels in a file or without', async () => {
  const score = (...args: string[]): ReturnType<typeof coreset> =>
    coreset(['score', at('vectors.npy'), '--out', at('scores.npy'), '--difficulty', 'el2n', ...args]);
  const labels = rows.map((row) => ['a', 'b', null].indexOf(row.class));
  const vectors = openNpyVectors(at('vectors.npy'));
  expect(score('--labels', at('classes.txt')).stdout).toBe(
    `difficulty el2n of 240 rows from 3 classes: ${at('scores.npy')}\n`,
  );
  expect(readNpyVector(at('scores.npy'))).toEqual(
    (await difficultyScores(vectors, { difficulty: 'el2n', labels })).scores,
  );
  const pseudo = score('--json', '--prototypes', '6');
  expect(JSON.parse(pseudo.stdout)).toMatchObject({ rows: 240, difficulty: 'el2n', prototypes: 6 });
  expect(pseudo.stderr).toContain('without labels difficulty el2n is that of pseudo-classes: which of 6 k-means');
  const { scores } = await difficultyScores(vectors, { difficulty: 'el2n', prototypes: 6 });
  expect(readNpyVector(at('scores.npy'))).toEqual(scores);
});

test('what means nothing, or cannot be trained on, is refused in a line before any work', () => {
  writeFileSync(at('short.txt'), 'a\nb\n');
  const prunes: [string[], string][] = [
    [['--difficulty', 'elm'], "argument 'elm' is invalid. Allowed choices are prototype, aum, el2n, forgetting,"],
    [['--difficulty', 'aum', '--scores', 'score'], '--difficulty means nothing beside --scores'],
    [['--difficulty', 'prototype', '--scores', 'score'], '--difficulty means nothing beside --scores'],
    [
      ['--difficulty', 'aum', '--method', 'random'],
      '--difficulty aum means nothing to random; it is used by auto, d2,',
    ],
    [['--difficulty', 'aum', '--labels', 'class', '--prototypes', '4'], 'prototypes means nothing beside labels'],
    [
      ['--difficulty', 'aum', '--prototypes', '1'],
      'prototypes, the classes of difficulty aum, must be a whole number from 2',
    ],
    [['--difficulty', 'aum', '--labels', 'same'], 'the labels have one class only: training dynamics need from 2'],
    [['--difficulty', 'aum', '--labels', 'id'], 'the labels have a class of its own for each of 239 rows'],
    [['--difficulty', 'aum', '--labels', at('short.txt')], '2 labels for 240 rows; one per row is needed'],
    [
      ['--labels', 'class'],
      '--labels means nothing to auto; it is used by d2-per-class, moderate, --difficulty aum|el2n|',
    ],
    [['--difficulty', 'prototype', '--labels', 'class'], '--labels means nothing to auto'],
  ];
  const common = ['--keep', '40', '--vector', 'vector', '--on-bad-row', 'skip', '--run-dir', at('refused')];
  const scores: [string[], string][] = [
    [['--labels', at('classes.txt')], 'labels mean nothing to difficulty prototype; they are used by aum,'],
    [
      ['--difficulty', 'aum', '--labels', at('classes.txt'), '--metric', 'cosine'],
      'metric means nothing beside labels',
    ],
    [['--difficulty', 'aum', '--labels', at('short.txt')], '2 labels for 240 rows; one per row is needed'],
  ];
  const calls: [string[], string][] = [
    ...prunes.map(([args, message]): [string[], string] => [['prune', at('rows.jsonl'), ...common, ...args], message]),
    ...scores.map(([args, message]): [string[], string] => [
      ['score', at('vectors.npy'), '--out', at('no.npy'), ...args],
      message,
    ]),
  ];
  for (const [args, message] of calls) {
    const { status, stderr } = coreset(args);
    expect(stderr).toMatch(/^(note: [^\n]*\n)?coreset: [^\n]*\n$/);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  }
});
