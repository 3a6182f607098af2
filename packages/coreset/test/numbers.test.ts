import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpy } from '@coreset/core';
import { writeGraph } from '@coreset/graph';
import { openRows } from '@coreset/rows';
import { compareMethods, prune, pruneRows } from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusteredMatrix, coreset, temporaryFolder } from '../../../test/support.ts';
import { program } from '../dist/cli/program.js';
import { labelsFromFile, readLabels } from '../dist/input/labels.js';
import { externalScores, readScores } from '../dist/input/scores.js';

const folder = temporaryFolder();
const ROWS = 8;

beforeAll(async () => {
  const rows = Array.from({ length: ROWS }, (_, i) =>
    JSON.stringify({ text: `this is text ${i}`, big: i % 2 ? -1e308 : 1e308 }),
  );
  writeFileSync(join(folder, 'a.jsonl'), `${rows.join('\n')}\n`);
  await writeNpy(join(folder, 'a.npy'), clusteredMatrix(ROWS, 3).data, [ROWS, 3]);
  await writeGraph(join(folder, 'graph'), {
    rows: ROWS,
    k: 2,
    neighbours: Int32Array.from({ length: 2 * ROWS }, (_, e) => ((e >> 1) + 1 + (e & 1)) % ROWS),
    distances: Float32Array.from({ length: 2 * ROWS }, (_, e) => 0.1 + 0.1 * (e & 1)),
    representative: Int32Array.from({ length: ROWS }, (_, i) => i),
  });
});

/** Options of numbers, by what they have to be. */
const WHOLE = [
  '--threads',
  '--seeds',
  '--prototypes',
  '--k',
  '--strata',
  '--max-tokens',
  '--batch-size',
  '--iterations',
];
const NOT_NEGATIVE = [
  '--cutoff',
  '--difficulty-weight',
  '--lambda',
  '--gamma-forward',
  '--gamma-reverse',
  '--group-minimum',
];
/** Up to 1. */
const COSINES = ['--max-similarity', '--near-duplicate', '--against-similarity'];
const NO_NUMBERS = ['', ' ', 'NaN', 'Infinity', '0x10', '0b1', '３', '1,5', '1_000', 'ten', '1e999'];

/** Every command's options that are numbers, with what the command needs besides. */
const OPTIONS = program().commands.flatMap((command) =>
  command.options
    .filter(({ long }) => long && [...WHOLE, ...NOT_NEGATIVE, ...COSINES, '--seed'].includes(long))
    .map(({ long }) => [command.name(), long as string] as const),
);

function refusal(name: string, option: string, value: string): string {
  const root = program();
  const command = root.commands.find((one) => one.name() === name);
  command?.action(() => {});
  const inputs = name === 'select' ? [] : ['a'];
  const needed = ['--keep', '--out'].filter((long) => command?.options.some((one) => one.long === long));
  try {
    root.parse(['node', 'coreset', name, ...inputs, ...needed.flatMap((long) => [long, '1']), `${option}=${value}`]);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

test('every option that takes a number is among those that are looked at', () => {
  const described = program().commands.flatMap(({ options }) =>
    options.filter(({ flags }) => /<(n|p|k|s|d|l|f|r|share)>/.test(flags)).map(({ long }) => long),
  );
  expect(new Set(described)).toEqual(new Set([...WHOLE, ...NOT_NEGATIVE, ...COSINES, '--seed']));
});

describe.each(OPTIONS)('%s %s', (name, option) => {
  test('takes what it has to be, and refuses all else before any work', () => {
    for (const text of NO_NUMBERS) expect(refusal(name, option, text)).toBe(`${option} '${text}' is not a number`);
    const good = [
      '1',
      '1.0',
      '1e0',
      ' 1',
      ...(WHOLE.includes(option)
        ? ['1e3']
        : option === '--seed'
          ? ['0', '1e15']
          : [...(COSINES.includes(option) ? [] : ['0']), '.5']),
    ];
    for (const text of good) expect(refusal(name, option, text)).toBe('');
    const bad = [
      '-1',
      ...(WHOLE.includes(option)
        ? ['0', '0.5', '1e300']
        : option === '--seed'
          ? ['0.5', '1e300', '9007199254740992']
          : COSINES.includes(option)
            ? ['1.01']
            : []),
    ];
    for (const text of bad)
      expect(refusal(name, option, text)).toMatch(
        new RegExp(
          `^${option} must be (a (whole )?number (of at least|from)|(a cosine )?above 0) .*, got ${Number(text)}$`.replace(
            '+',
            '\\+',
          ),
        ),
      );
  });
});

test('compare asks for at least one seed', () => {
  const { status, stderr } = coreset(
    ['compare', 'a.jsonl', '--methods', 'random', '--keep', '3', '--seeds', '0', '--quiet'],
    { cwd: folder },
  );
  expect(stderr).toBe('coreset: --seeds must be a whole number of at least 1, got 0\n');
  expect(status).toBe(2);
});

test('the library refuses wrong numbers before any work', async () => {
  const vectors = clusteredMatrix(10, 2);
  for (const seeds of [0, 0.5, 1e300])
    await expect(compareMethods(vectors, { methods: ['random'], keep: [3], seeds })).rejects.toThrow(
      'seeds must be a whole number',
    );
  await expect(compareMethods(vectors, { methods: [], keep: [3] })).rejects.toThrow('needs a method and a budget');
  await expect(compareMethods(vectors, { methods: ['random'], keep: [3], scores: [1] })).rejects.toThrow(
    'there are 1 scores for 10 rows',
  );
  await expect(compareMethods(vectors, { methods: ['random'], keep: [3], labels: Int32Array.of(1) })).rejects.toThrow(
    'there are 1 labels for 10 rows',
  );
  const input = join(folder, 'a.jsonl');
  for (const [name, wrong] of [
    ['seed', 0.5],
    ['seed', 2 ** 53],
    ['k', 0],
    ['prototypes', 1e300],
    ['threads', 1e9],
  ] as const) {
    const runDir = join(folder, 'untouched');
    await expect(prune(input, { keep: 3, runDir, [name]: wrong })).rejects.toThrow(`${name} must be a whole number`);
    expect(existsSync(runDir)).toBe(false);
    await expect(pruneRows(['a', 'b', 'c'], { keep: 1, [name]: wrong })).rejects.toThrow(
      `${name} must be a whole number`,
    );
  }
});

test('mean difficulty of enormous scores is finite', async () => {
  const [{ difficulty }] = await compareMethods(clusteredMatrix(10, 2), {
    methods: ['random'],
    keep: ['100%'],
    seeds: 1,
    scores: new Float64Array(10).fill(1e308),
  });
  expect(difficulty.mean / 1e308).toBeCloseTo(1, 10);
});

test('prune takes scores as far apart as numbers can be', async () => {
  const { stderr, status } = coreset(
    ['prune', 'a.jsonl', '--keep', '3', '--scores', 'big', '--quiet', '--out', 'kept.jsonl', '--run-dir', 'big.run'],
    { cwd: folder },
  );
  expect(status, stderr).toBe(0);
});

test.each([
  ['of ±1e308', [1e308, -1e308, 1e308, 0, 1, 2, 3, -1e308], []],
  ['of 1e200 multiplied', [1e200, 2e200, 3e200, 1, 2, 3, 4, 5], ['--aggregate', 'product']],
])('select takes scores %s, and writes finite ones', async (_, scores, options) => {
  await writeNpy(join(folder, 'scores.npy'), Float64Array.from(scores));
  const { stderr, stdout, status } = coreset(
    [
      'select',
      '--graph',
      'graph',
      '--scores',
      'scores.npy',
      '--method',
      'd2',
      '--keep',
      '3',
      '--out',
      's.json',
      '--json',
      '--quiet',
      ...options,
    ],
    { cwd: folder },
  );
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ kept: 3 });
});

test('select names the row of the file whose score is not finite', async () => {
  await writeNpy(
    join(folder, 'nan.npy'),
    Float64Array.from({ length: ROWS }, (_, i) => (i === 5 ? Number.NaN : i)),
  );
  const { stderr, status } = coreset(
    [
      'select',
      '--graph',
      'graph',
      '--scores',
      'nan.npy',
      '--method',
      'd2',
      '--keep',
      '3',
      '--out',
      's2.json',
      '--quiet',
    ],
    { cwd: folder },
  );
  expect(stderr).toBe('coreset: nan.npy: row 5: score NaN is not a finite number\n');
  expect(status).toBe(2);
  expect(existsSync(join(folder, 's2.json'))).toBe(false);
});

test('labels of 64 bits stay different classes', async () => {
  const path = join(folder, 'labels.npy');
  await writeNpy(path, BigInt64Array.of(2n ** 53n, 2n ** 53n + 1n, 2n ** 53n, -1n));
  expect(Array.from(await labelsFromFile(path, 4))).toEqual([1, 2, 1, 0]);
});

test('scores that cannot be read are told in one line', async () => {
  await expect(readScores(folder, 3)).rejects.toThrow(`cannot read ${folder}: it is a folder, a file is needed`);
  await expect(readScores(join(folder, 'nowhere'), 3)).rejects.toThrow('nowhere: no such file or folder');
});

test('a field goes before a file of its name, which ./ names; a folder of its name counts for nothing', async () => {
  const input = join(folder, 'few.jsonl');
  writeFileSync(
    input,
    [3, 1, 2].map((size, i) => `${JSON.stringify({ text: `row ${i}`, size, kind: 'b' })}\n`).join(''),
  );
  writeFileSync(join(folder, 'size'), '9\n8\n7\n');
  mkdirSync(join(folder, 'kind'));
  const here = process.cwd();
  process.chdir(folder);
  try {
    const rows = openRows(input);
    const scores = (name: string) => externalScores(name, rows, 3, new Set());
    expect(Array.from(await scores('size'))).toEqual([3, 1, 2]);
    expect(Array.from(await scores('./size'))).toEqual([9, 8, 7]);
    expect(Array.from(await readLabels('kind', rows, 3, new Set()))).toEqual([0, 0, 0]);
  } finally {
    process.chdir(here);
  }
});
