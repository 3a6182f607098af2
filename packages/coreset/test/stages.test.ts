import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy, readNpyVector, rowOf, writeNpy } from '@coreset/core';
import { scaleScores } from '@coreset/difficulty';
import { defaultK, type PruneOptions, prune } from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusteredMatrix, temporaryFolder } from '../../../test/support.ts';

const ROWS = 80;
const folder = temporaryFolder();
const matrix = clusteredMatrix(ROWS, 4);
const scores = Array.from({ length: ROWS }, (_, row) => ((row * 37) % ROWS) / 7);

/** Vectors of which that of row 2 is there again in rows 60 and 61. */
const vectors = Array.from({ length: ROWS }, (_, row) => Array.from(rowOf(matrix, row === 60 || row === 61 ? 2 : row)));

function jsonl(name: string, isBad: (row: number) => boolean): string {
  const path = join(folder, name);
  const lines = vectors.map((vector, row) =>
    JSON.stringify({
      id: `n${row}`,
      vector: isBad(row) ? null : vector,
      score: scores[row],
      opposite: -scores[row],
      label: row % 2 === 0 || row < 20 ? 'a' : 'b',
    }),
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const whole = jsonl('whole.jsonl', () => false);
/** Its first row and rows 7 and 33 have nothing to embed. */
const BAD = [0, 7, 33];
const withBad = jsonl('bad.jsonl', (row) => BAD.includes(row));
const npy = join(folder, 'vectors.npy');

beforeAll(() => writeNpy(npy, Float32Array.from(vectors.flat()), [ROWS, 4]));

const newRunDir = (): string => join(mkdtempSync(join(folder, 'run-')), 'run');

/** The picks, and where the results are. */
async function run(
  input: string,
  options: Partial<PruneOptions>,
): Promise<{ order: number[]; runDir: string; result: Awaited<ReturnType<typeof prune>> }> {
  const runDir = options.runDir ?? newRunDir();
  const vector = input.endsWith('.jsonl') ? 'vector' : undefined;
  const result = await prune(input, { keep: 12, threads: 1, vector, ...options, runDir });
  const selection = JSON.parse(readFileSync(join(runDir, 'selection.json'), 'utf8'));
  return { order: selection.order, runDir, result };
}

const jsonLines = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('scores that are brought count for a half where nothing else is said; those of no one do not', async () => {
  const picks = async (options: Partial<PruneOptions>): Promise<number[]> => (await run(whole, options)).order;
  const brought = await picks({ scores: 'score' });
  expect(await picks({ scores: 'opposite' })).not.toEqual(brought);
  expect(await picks({ scores: 'score', difficultyWeight: 0.5 })).toEqual(brought);
  expect(await picks({ scores: 'score', difficultyWeight: 0.05 })).not.toEqual(brought);
  expect(await picks({})).toEqual(await picks({ difficultyWeight: 0 }));
  expect(await picks({})).not.toEqual(await picks({ difficultyWeight: 0.5 }));
});

test('brought scores become the difficulty of the rows that have something to embed', async () => {
  const { runDir } = await run(withBad, { scores: 'score', onBadRow: 'skip' });
  const left = scores.filter((_, row) => !BAD.includes(row));
  expect(readNpyVector(join(runDir, 'difficulty.npy'))).toEqual(scaleScores(left));
});

test('the seed reaches the prototypes, the inverted file and the selector', async () => {
  const random = async (seed: number | undefined): Promise<number[]> =>
    (await run(npy, { method: 'random', seed })).order;
  expect(await random(1)).not.toEqual(await random(2));
  expect(await random(undefined)).toEqual(await random(0));
  const difficulty = async (seed: number): Promise<Float64Array> =>
    readNpyVector(join((await run(npy, { seed, prototypes: 5 })).runDir, 'difficulty.npy'));
  expect(await difficulty(1)).not.toEqual(await difficulty(2));
});

test('k is 32 for auto, 10 for the others, where none is asked for', async () => {
  const k = async (options: Partial<PruneOptions>): Promise<number> =>
    readNpy(join((await run(npy, options)).runDir, 'neighbours.npy')).shape[1];
  expect(await k({})).toBe(32);
  expect(await k({ method: 'd2' })).toBe(10);
  expect(await k({ k: 7 })).toBe(7);
  expect([defaultK('auto'), defaultK('subzero'), defaultK('semdedup')]).toEqual([32, 48, 10]);
});

describe('rows of the results are rows of the input, also behind a row with nothing to embed', () => {
  const apart = vectors.flatMap((_, row) => (BAD.includes(row) ? [] : [row]));

  test.each(['skip', 'keep'] as const)('%s', async (onBadRow) => {
    const keep = onBadRow === 'keep' ? 12 + BAD.length : 12;
    const { order, runDir, result } = await run(withBad, { id: 'id', onBadRow, keep });
    expect(order.length).toBe(12);
    for (const row of order) expect(apart).toContain(row);
    expect(Array.from(result.order)).toEqual(order);
    const dropped = jsonLines(result.files.dropped);
    const isDropped = (row: number): boolean => !order.includes(row) && (onBadRow === 'skip' || !BAD.includes(row));
    const expected = Array.from(vectors.keys()).filter(isDropped);
    expect(dropped.map(({ row }) => row)).toEqual(expected);
    let redundant = 0;
    for (const line of dropped) {
      expect(line.id).toBe(`n${line.row}`);
      if (BAD.includes(line.row as number)) {
        expect(line).toEqual({ row: line.row, id: line.id, reason: 'nothing to embed' });
        continue;
      }
      if (line.by === null) expect(line).not.toHaveProperty('byId');
      else {
        redundant++;
        expect(order).toContain(line.by);
        expect(line.byId).toBe(`n${line.by}`);
      }
    }
    expect(redundant).toBeGreaterThan(40);
    const kept = jsonLines(result.files.kept).map(({ id }) => id);
    const rows = onBadRow === 'keep' ? [...order, ...BAD] : order;
    expect(kept).toEqual(rows.toSorted((a, b) => a - b).map((row) => `n${row}`));
    expect(result).toMatchObject({ rows: ROWS, kept: keep, duplicates: 2 });
    expect(readNpyVector(join(runDir, 'selection.npy'))).toEqual(Float64Array.from(order));
  });

  test('a duplicate names the earlier row and the kept row, by the numbers of the input', async () => {
    const { result } = await run(withBad, { id: 'id', onBadRow: 'skip', keep: 60 });
    const lines = jsonLines(result.files.dropped).filter(({ reason }) => reason === 'duplicate');
    expect(lines.map(({ row, duplicateOf, duplicateOfId }) => [row, duplicateOf, duplicateOfId])).toEqual([
      [60, 2, 'n2'],
      [61, 2, 'n2'],
    ]);
  });

  test('labels are those of their rows', async () => {
    const { order } = await run(withBad, { onBadRow: 'skip', method: 'd2-per-class', labels: 'label', keep: 11 });
    const ofB = order.filter((row) => row >= 20 && row % 2 === 1).length;
    // Of 75 rows without repeats 28 or 29 are of class b.
    expect(ofB).toBe(4);
  });
});

const STAGES = ['embed', 'difficulty', 'graph', 'select', 'map'];

describe('a stage runs again for', () => {
  test.each<[string, string, Partial<PruneOptions>, Partial<PruneOptions>, string[]]>([
    ['nothing that changed', whole, {}, {}, []],
    ['more threads: none', whole, { threads: 1 }, { threads: 2 }, []],
    ['other prototypes', whole, { prototypes: 3 }, { prototypes: 4 }, ['difficulty', 'select']],
    ['another seed', whole, { seed: 1 }, { seed: 2 }, ['difficulty', 'graph', 'select', 'map']],
    ['other scores', whole, { scores: 'score' }, { scores: 'opposite' }, ['difficulty', 'select']],
    ['scores in place of its own', whole, {}, { scores: 'opposite' }, ['difficulty', 'select']],
    ['another k', whole, { k: 5 }, { k: 6 }, ['graph', 'select', 'map']],
    ['another back end', whole, { backend: 'exact' }, { backend: 'hnsw' }, ['graph', 'select', 'map']],
    ['another number of rows', whole, { keep: 6 }, { keep: 7 }, ['select']],
    ['another method', whole, { method: 'd2' }, { method: 'uniform' }, ['select']],
    ['another setting', whole, { method: 'd2' }, { method: 'd2', gammaReverse: 0.5 }, ['select']],
    ['other labels', whole, { method: 'moderate' }, { method: 'moderate', labels: 'label' }, ['select']],
    ['duplicates that stay', whole, {}, { dropDuplicates: false }, ['select']],
    ['ids', whole, {}, { id: 'none' }, ['select']],
    ['another map', whole, { map: 'umap' }, { map: 'pca' }, ['map']],
    ['what becomes of bad rows', withBad, { onBadRow: 'skip' }, { onBadRow: 'keep' }, ['select']],
  ])('%s', async (_, input, before, after, again) => {
    const runDir = newRunDir();
    await run(input, { runDir, ...before });
    const { result } = await run(input, { runDir, ...after });
    if (again.length === 0) expect(result.reused).toEqual(STAGES);
    else expect(result.reused).not.toContain(again[0]);
    expect(result.reused).toEqual(expect.arrayContaining(STAGES.filter((stage) => !again.includes(stage))));
  });
});
