import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readNpy, readNpyMatrix, readNpyVector, writeNpy } from '@coreset/core';
import { DROP_REASONS, openResults, type PruneOptions, plan, prune, type Results } from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { png, writeTinyModel } from '../../../test/images.ts';
import { clusteredMatrix, coreset, temporaryFolder } from '../../../test/support.ts';
import { WORDS, writeTinyTextModel } from '../../../test/tiny-text-model.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const jsonl = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const lines = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const words = (i: number): string =>
  [i, 2 + i / WORDS.length, 3 * i, 5 + (i % 7)].map((n) => WORDS[Math.floor(n) % WORDS.length]).join(' ');
/** Row 9 repeats row 2, row 4 has no text, row 11 has a line end that only some readers take for one. */
const rows = Array.from({ length: 40 }, (_, i) => ({
  id: i === 11 ? 'r\u202811' : `r${i}`,
  text: i === 9 ? words(2) : i === 4 ? '' : words(i),
}));
const options = { keep: 12, threads: 1, model: at('model'), onBadRow: 'skip', k: 5 } satisfies PruneOptions;

async function run(input: string | string[], name: string, more: Partial<PruneOptions> = {}): Promise<Results> {
  const given = Array.isArray(input) ? input.map(at) : at(input);
  await prune(given, { ...options, ...more, runDir: at(name) });
  return openResults(at(name));
}

let results: Results;

beforeAll(async () => {
  writeTinyTextModel(at('model'));
  writeFileSync(at('rows.jsonl'), jsonl(rows));
  results = await run('rows.jsonl', 'run');
});

describe('the results of a run', () => {
  test('say of each row what selected.jsonl and dropped.jsonl say', () => {
    const selected = lines(at('run/selected.jsonl'));
    const dropped = lines(at('run/dropped.jsonl'));
    expect(results).toMatchObject({ rows: 40, kept: 12, name: 'rows.jsonl', nearDuplicate: 0.9 });
    expect(Array.from(results.picks)).toEqual(selected.map(({ row }) => row));
    for (const { row, rank, gain, weight } of selected as Record<string, number>[]) {
      expect([results.rank[row], results.gain[row], results.weight[row]]).toEqual([rank, gain, weight]);
      expect([results.reason[row], results.by[row], results.duplicateOf[row]]).toEqual([255, -1, -1]);
      expect(results.similarity[row]).toBeNaN();
    }
    for (const { row, reason, by, similarity, duplicateOf } of dropped as Record<string, never>[]) {
      expect(DROP_REASONS[results.reason[row]]).toBe(reason);
      expect([results.rank[row], results.weight[row]]).toEqual([0, 0]);
      expect(results.gain[row]).toBeNaN();
      expect(results.by[row]).toBe(by ?? -1);
      expect(results.similarity[row]).toEqual(similarity ?? Number.NaN);
      expect(results.duplicateOf[row]).toBe(duplicateOf ?? -1);
    }
    expect(selected.length + dropped.length).toBe(40);
    expect(DROP_REASONS[results.reason[4]]).toBe('nothing to embed');
    expect([results.reason[9], results.reason[2]].map((reason) => DROP_REASONS[reason])).toContain('duplicate');
  });

  test('tell rows of the vectors from rows of the input', () => {
    const listed = rows.map((_, row) => row).filter((row) => row !== 4);
    expect(Array.from(results.inputRowOf)).toEqual(listed);
    expect(Array.from(results.vectorRowOf)).toEqual(rows.map((_, row) => listed.indexOf(row)));
    const difficulty = readNpyVector(at('run/difficulty.npy'));
    expect(Array.from(results.difficulty)).toEqual(rows.map((_, row) => difficulty[listed.indexOf(row)] ?? Number.NaN));
    expect(results.readings).toEqual(readNpy(at('run/readings.npy')).data);
  });

  test('have the map, unless the run made none', async () => {
    expect(results.map()).toEqual(readNpy(at('run/map.npy')).data);
    expect(readNpy(at('run/map.npy')).shape).toEqual([39, 2]);
    cpSync(at('run'), at('without-map'), { recursive: true });
    const again = await prune(at('rows.jsonl'), { ...options, runDir: at('without-map'), map: 'none' });
    expect(Object.keys(again.seconds)).not.toContain('map');
    expect((await openResults(at('without-map'))).map()).toBeUndefined();
    const other = await prune(at('rows.jsonl'), { ...options, runDir: at('without-map'), map: 'pca' });
    expect(other.reused).toEqual(expect.arrayContaining(['embed', 'graph', 'select']));
    expect(other.reused).not.toContain('map');
    expect((await openResults(at('without-map'))).map()).not.toEqual(results.map());
    const { stages } = await plan(at('rows.jsonl'), { ...options, runDir: at('without-map'), map: 'pca' });
    expect(stages.find(({ stage }) => stage === 'map')).toMatchObject({ reused: true });
    const withoutMap = await plan(at('rows.jsonl'), { ...options, map: 'none' });
    expect(withoutMap.stages.map(({ stage }) => stage)).not.toContain('map');
    await expect(prune(at('rows.jsonl'), { ...options, map: 'tsne' as never })).rejects.toThrow(
      "map 'tsne' is not known",
    );
  });

  test('have the neighbours of rows with their cosines', async () => {
    const { data, cols } = readNpyMatrix(at('run/embeddings.npy'));
    const vector = (row: number): Float32Array => {
      const v = results.vectorRowOf[row];
      return data.subarray(v * cols, (v + 1) * cols);
    };
    const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, c) => sum + x * b[c], 0);
    const cosine = (a: Float32Array, b: Float32Array): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    const listed = readNpy(at('run/neighbours.npy')).data as Int32Array;
    const { k, neighbours, cosines } = await results.neighboursOf([30, 4, 0], 3);
    expect(k).toBe(3);
    const expected = [30, 0].map((row) => {
      const v = results.vectorRowOf[row];
      return Array.from(listed.subarray(v * 5, v * 5 + 3), (neighbour) => results.inputRowOf[neighbour]);
    });
    expect(Array.from(neighbours)).toEqual([...expected[0], -1, -1, -1, ...expected[1]]);
    for (const [i, row] of [30, 30, 30, 4, 4, 4, 0, 0, 0].entries()) {
      if (row === 4) expect(cosines[i]).toBeNaN();
      else expect(cosines[i]).toBeCloseTo(cosine(vector(row), vector(neighbours[i])), 5);
    }
    const all = await results.neighboursOf([1]);
    expect(all.k).toBe(5);
    expect(all.neighbours.length).toBe(5);
  });

  test('have ids and texts of the rows asked for', async () => {
    const { shown, problem } = await results.show([39, 0, 4, 11, 0]);
    expect(problem).toBeUndefined();
    expect(Array.from(shown.values())).toEqual([
      { row: 0, id: 'r0', text: rows[0].text },
      { row: 4, id: 'r4' },
      { row: 11, id: 'r\u202811', text: rows[11].text },
      { row: 39, id: 'r39', text: rows[39].text },
    ]);
    expect(await results.show([])).toEqual({ shown: new Map() });
    expect(Array.from(await results.idsOf([4, 11, results.picks[0]])).sort((a, b) => a[0] - b[0])).toEqual(
      [4, 11, results.picks[0]].sort((a, b) => a - b).map((row) => [row, rows[row].id]),
    );
    expect(await results.rowsOfIds(['r7', 'nobody', 'r\u202811'])).toEqual(
      new Map([
        ['r7', 7],
        ['r\u202811', 11],
      ]),
    );
  });

  test('are there in a folder that was moved, and when the input is gone or changed', async () => {
    cpSync(at('run'), at('moved'), { recursive: true });
    cpSync(at('rows.jsonl'), at('aside.jsonl'), { preserveTimestamps: true });
    const shown = async (): ReturnType<Results['show']> => (await openResults(at('moved'))).show([0, 9]);
    expect((await shown()).shown.get(0)?.text).toBe(rows[0].text);
    utimesSync(at('rows.jsonl'), 1, 1);
    expect((await shown()).shown.get(0)?.text, 'touched alone').toBe(rows[0].text);
    const text = readFileSync(at('rows.jsonl'), 'utf8');
    writeFileSync(at('rows.jsonl'), text.replace(rows[0].text, rows[0].text.toUpperCase()));
    const changed = await shown();
    expect(changed.problem).toMatch(
      /rows\.jsonl changed since the run, so that its rows cannot be shown; run it again$/,
    );
    expect(changed.shown).toEqual(
      new Map([
        [0, { row: 0, id: 'r0' }],
        [9, { row: 9, id: 'r9' }],
      ]),
    );
    appendFileSync(at('rows.jsonl'), '{"text":"one more"}\n');
    expect((await shown()).problem).toContain('changed since');
    rmSync(at('rows.jsonl'));
    expect((await shown()).problem).toMatch(/rows\.jsonl is not there any more, so that its rows cannot be shown$/);
    renameSync(at('aside.jsonl'), at('rows.jsonl'));
    expect((await shown()).problem).toBeUndefined();
  });

  test('of rows that are kept though they have nothing to embed', async () => {
    const kept = await run('rows.jsonl', 'kept', { onBadRow: 'keep' });
    expect(kept.kept).toBe(12);
    expect(kept.picks.length).toBe(11);
    expect([kept.rank[4], kept.reason[4], kept.weight[4]]).toEqual([0, 255, 0]);
  });
});

describe('inputs of other kinds', () => {
  test('folders of shards, with columns in their names', async () => {
    for (const part of ['a', 'b']) {
      mkdirSync(at(`shards/part=${part}`), { recursive: true });
      const half = rows.slice(part === 'a' ? 0 : 20, part === 'a' ? 20 : 40);
      writeFileSync(at(`shards/part=${part}/rows.csv`), `text\n${half.map(({ text }) => `"${text}"\n`).join('')}`);
    }
    const found = await run('shards', 'of-shards', { template: '{part} {text}', onBadRow: undefined });
    const { shown } = await found.show([1, 21]);
    expect(shown.get(1)).toEqual({ row: 1, text: `a ${rows[1].text}` });
    expect(shown.get(21)).toEqual({ row: 21, text: `b ${rows[21].text}` });
    expect((await found.idsOf([1])).size).toBe(0);
    writeFileSync(at('shards/part=b/more.csv'), 'text\none\n');
    expect((await (await openResults(at('of-shards'))).show([21])).problem).toMatch(/ changed since the run, so that/);
    rmSync(at('shards/part=b/more.csv'));
    expect((await (await openResults(at('of-shards'))).show([21])).problem).toBeUndefined();
  });

  test('what is piped in, wherever its run directory goes', () => {
    const args = [
      'prune',
      '-',
      '--keep',
      '12',
      '--model',
      at('model'),
      '--on-bad-row',
      'skip',
      '--run-dir',
      at('piped'),
    ];
    const { status, stderr } = coreset(args, { input: jsonl(rows) });
    expect(status, stderr).toBe(0);
    renameSync(at('piped'), at('piped-moved'));
    return openResults(at('piped-moved')).then(async (found) => {
      expect((await found.show([7])).shown.get(7)).toEqual({ row: 7, id: 'r7', text: rows[7].text });
    });
  });

  test('vectors, alone, beside rows and in a column', async () => {
    const { data } = clusteredMatrix(40, 6);
    await writeNpy(at('vectors.npy'), data, [40, 6]);
    const own = { model: undefined, onBadRow: undefined };
    const alone = await run('vectors.npy', 'of-vectors', own);
    const { shown, problem } = await alone.show([3]);
    expect(shown.get(3)).toEqual({ row: 3, id: undefined });
    expect(problem).toMatch(/vectors\.npy holds vectors, which have no text to show$/);
    const beside = await run('rows.jsonl', 'beside', { ...own, embeddings: at('vectors.npy') });
    expect((await beside.show([3])).shown.get(3)).toEqual({ row: 3, id: 'r3', text: rows[3].text });
    expect(await beside.neighboursOf([3])).toEqual(await alone.neighboursOf([3]));
    const withVectors = rows.map((row, i) => ({ ...row, vector: Array.from(data.subarray(6 * i, 6 * i + 6)) }));
    writeFileSync(at('column.jsonl'), jsonl(withVectors));
    const column = await run('column.jsonl', 'column', { ...own, vector: 'vector' });
    expect((await column.show([3])).shown.get(3)).toEqual({ row: 3, id: 'r3', text: rows[3].text });
    expect(await column.neighboursOf([3])).toEqual(await alone.neighboursOf([3]));

    const changed = /vectors\.npy, the vectors of the run, changed since; run it/;
    await writeNpy(at('vectors.npy'), data.subarray(6), [39, 6]);
    await expect((await openResults(at('beside'))).vectors()).rejects.toThrow(changed);
    await writeNpy(at('vectors.npy'), data.toReversed(), [40, 6]);
    const again = await openResults(at('beside'));
    await expect(again.neighboursOf([3])).rejects.toThrow(
      /vectors\.npy, the vectors of the run, changed since; run it/,
    );
    rmSync(at('vectors.npy'));
    await expect((await openResults(at('beside'))).vectors()).rejects.toThrow(
      /the vectors of the run, is not there any/,
    );
  });

  test('rows too near to one of another file', async () => {
    writeFileSync(at('against.jsonl'), jsonl([{ text: words(1) }, { text: rows[17].text }]));
    const found = await run('rows.jsonl', 'against', { against: at('against.jsonl'), againstSimilarity: 1 });
    expect(DROP_REASONS[found.reason[17]]).toBe('against');
    expect([found.against[17], found.similarity[17], found.by[17]]).toEqual([1, 1, -1]);
    expect(found.against[4]).toBe(-1);
  });

  test('a folder of images', async () => {
    writeTinyModel(at('image-model'), 'map');
    mkdirSync(at('photos'));
    for (let i = 0; i < 8; i++) writeFileSync(at(`photos/${i}.png`), await png([30 * i, 255 - 20 * i, 7 * i]));
    writeFileSync(at('photos/5.png'), 'no image');
    const broken = await png([9, 9, 9]);
    writeFileSync(at('photos/2.png'), broken.fill(0, broken.indexOf('IDAT') + 4, broken.indexOf('IEND') - 8));
    const found = await run('photos', 'of-photos', { model: at('image-model'), keep: 3, k: 3 });
    expect(Array.from(found.inputRowOf)).toEqual([0, 1, 3, 4, 6, 7]);
    expect(found.readings?.length).toBe(18);
    expect((await found.vectors()).rows).toBe(6);
    expect((await found.neighboursOf([2, 3])).neighbours.slice(0, 4)).toEqual(Int32Array.of(-1, -1, -1, 4));
    const { shown, problem } = await found.show([0, 5, 6]);
    expect(problem).toBeUndefined();
    expect(shown.get(6)).toEqual({ row: 6, id: '6.png', image: at('photos/6.png') });
    expect(await found.rowsOfIds(['6.png'])).toEqual(new Map([['6.png', 6]]));
    writeFileSync(at('photos/6.png'), await png([0, 0, 0]));
    expect((await (await openResults(at('of-photos'))).show([0])).problem).toMatch(/photos changed since the run/);
  });
});

describe('what holds no results is refused in one line', () => {
  const edit = (name: string, change: (manifest: Record<string, never>) => void): void => {
    const manifest = JSON.parse(readFileSync(at(`${name}/manifest.json`), 'utf8'));
    change(manifest);
    writeFileSync(at(`${name}/manifest.json`), JSON.stringify(manifest));
  };
  const cases: [string, (name: string) => void, RegExp][] = [
    ['nothing', (name) => rmSync(at(name), { recursive: true }), /is no folder; name the run directory of an/],
    ['no run', (name) => rmSync(at(`${name}/manifest.json`)), /is no run directory, it has no manifest\.json of a run/],
    [
      'another version',
      (name) => edit(name, (m) => Object.assign(m, { version: '0.0.1' })),
      /is of version 0\.0\.1, this is/,
    ],
    [
      'a run without a selection',
      (name) => edit(name, ({ stages }) => delete (stages as object as { select?: 1 }).select),
      /its stage select has no/,
    ],
    [
      'a run that wrote nothing',
      (name) => edit(name, ({ stages }) => delete (stages as object as { write?: 1 }).write),
      /is not finished, its stage write has no/,
    ],
    [
      'a damaged file',
      (name) => appendFileSync(at(`${name}/dropped.jsonl`), '{"row":1}\n'),
      /dropped\.jsonl is not what its run wrote; run that/,
    ],
    [
      'a missing file',
      (name) => rmSync(at(`${name}/difficulty.npy`)),
      /is damaged, difficulty\.npy is not what its run wrote/,
    ],
  ];
  test.each(cases)('%s', async (what, change, message) => {
    const name = `bad ${what}`;
    cpSync(at('run'), at(name), { recursive: true });
    change(name);
    await expect(openResults(at(name))).rejects.toThrow(message);
    await expect(openResults(at(name))).rejects.toThrow(/^[^\n]+$/);
  });

  test('a graph is looked at when it is asked for', async () => {
    cpSync(at('run'), at('graph'), { recursive: true });
    writeFileSync(at('graph/neighbours.npy'), 'nothing');
    const found = await openResults(at('graph'));
    await expect(found.neighboursOf([0])).rejects.toThrow(
      /graph is damaged, neighbours\.npy is not what its run wrote/,
    );
  });

  test('a run with other options that was stopped on its way', async () => {
    cpSync(at('run'), at('stopped'), { recursive: true });
    const stop = (stage: string): void => {
      if (stage === 'graph') throw new Error('stopped');
    };
    const other = { ...options, runDir: at('stopped'), k: 4, onDiagnostics: stop };
    await expect(prune(at('rows.jsonl'), other)).rejects.toThrow('stopped');
    await expect(openResults(at('stopped'))).rejects.toThrow(/is not finished/);

    // All stages that leave something are reused.
    const stopEarly = (stage: string): void => {
      if (stage === 'write') throw new Error('stopped');
    };
    const described = { ...options, runDir: at('described'), emit: 'ids' as const, onDiagnostics: stopEarly };
    cpSync(at('run'), at('described'), { recursive: true });
    await expect(prune(at('rows.jsonl'), described)).rejects.toThrow('stopped');
    await expect(openResults(at('described'))).rejects.toThrow(/is not finished, its stage write has no result/);
  });
});
