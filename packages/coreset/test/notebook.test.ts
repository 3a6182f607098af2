import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMatrix, JUPYTER_DISPLAY, rowOf, takeRows, writeNpy } from '@coreset/core';
import { difficultyScores, kmeans, prototypeDistance } from '@coreset/difficulty';
import { embedStream, embedTexts } from '@coreset/embedder';
import { buildGraph, estimateRecall, nearestAmong } from '@coreset/graph';
import { coverage, coverageCurves, linearProbe } from '@coreset/metrics';
import { layOut } from '@coreset/report';
import { d2Select, explain, select } from '@coreset/selector';
import {
  compareMethods,
  coverageView,
  difficultyView,
  droppedView,
  htmlOf,
  mapView,
  type PruneResult,
  plan,
  prune,
  pruneRows,
  reasonsView,
  reportView,
  summaryView,
  type View,
} from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { inNotebook } from '../../../test/notebook-host.ts';
import { clusteredMatrix, corpusRows, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const EVIL = '<b>evil</b>';
const rows = [...corpusRows(60), { id: 'again', text: corpusRows(1)[0].text }, { id: 'evil', text: EVIL }];
const file = join(folder, 'rows.jsonl');
const vectors = clusteredMatrix(300, 16);
const vectorFile = join(folder, 'vectors.npy');
let result: PruneResult;

beforeAll(async () => {
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await writeNpy(vectorFile, vectors.data, [vectors.rows, vectors.cols]);
  result = await prune(file, { keep: 20, runDir: join(folder, 'run'), out: join(folder, 'kept.jsonl') });
});

/** What a picture shows, and the HTML around it. */
function shownBy(html: string): string {
  return html.replace(/src="data:image\/svg\+xml;base64,([^"]*)"/g, (_, data) =>
    Buffer.from(data, 'base64').toString(),
  );
}

const inMemory = (): ReturnType<typeof pruneRows<(typeof rows)[0]>> => pruneRows(rows, { keep: 20 });

describe('what is called in a cell', () => {
  const some = takeRows(vectors, [...Array(50).keys()]);
  const labels = Array.from({ length: 50 }, (_, i) => i % 3);
  const graph = () => buildGraph(vectors, { k: 4 });
  const consume = async (stream: AsyncIterable<unknown>): Promise<void> => {
    for await (const _ of stream);
  };
  const CALLS: Record<string, () => Promise<unknown>> = {
    embedTexts: () => embedTexts(['one', 'two']),
    embedStream: () => consume(embedStream(['one', 'two'])),
    kmeans: () => kmeans(vectors),
    prototypeDistance: () => prototypeDistance(vectors, some),
    difficultyScores: () => difficultyScores(vectors),
    buildGraph: graph,
    estimateRecall: async () => estimateRecall(vectors, { distances: new Float32Array(1200) }, 4, {}),
    nearestAmong: () => nearestAmong(vectors, some),
    coverage: () => coverage(vectors, [1, 2]),
    coverageCurves: () => coverageCurves(vectors, [Int32Array.of(1, 2)]),
    linearProbe: () => linearProbe(some, labels, some, labels),
    select: () => select('random', { rows: 300, budget: 3, graph: someGraph }),
    explain: () => explain([1, 2], { vectors, graph: someGraph }),
    layOut: () => layOut(vectors, someGraph),
    compareMethods: () => compareMethods(vectors, { methods: ['random'], keep: [3] }),
    pruneRows: () => inMemory(),
    prune: () => prune(file, { keep: 3, runDir: join(folder, 'interrupted'), out: join(folder, 'none.jsonl') }),
    plan: () => plan(file, { keep: 3 }),
  };
  let someGraph: Awaited<ReturnType<typeof graph>>;
  beforeAll(async () => {
    someGraph = await graph();
  });

  test.each(Object.entries(CALLS))('%s stops where the cell is interrupted', (_, call) =>
    inNotebook(async ({ interrupt }) => {
      const reason = new Error('interrupted');
      interrupt(reason);
      await expect(call()).rejects.toBe(reason);
    }),
  );

  const shown = (call: () => Promise<unknown>): Promise<(string | undefined)[]> =>
    inNotebook(async ({ displays }) => {
      await call();
      return displays.map((bundles) => bundles.at(-1)?.['text/plain']);
    });

  test.each<[string, () => Promise<unknown>, string[]]>([
    ['pruneRows', inMemory, ['✓ embed · prototypes · difficulty · graph']],
    ['its own listener', () => pruneRows(rows, { keep: 20, onProgress: () => {} }), []],
    [
      'compareMethods',
      () => compareMethods(vectors, { methods: ['random', 'd2'], keep: [3], seeds: 2 }),
      ['✓ compare'],
    ],
    [
      'a stage after another',
      async () => {
        await graph();
        await difficultyScores(vectors);
      },
      ['✓ graph · prototypes · difficulty'],
    ],
    ['a method', () => select('random', { rows: 300, budget: 3 }), []],
  ])('%s leaves one line', async (_, call, expected) => {
    const lines = await shown(call);
    expect(lines).toEqual(expected);
  });

  test('prune with its own listener leaves none', async () => {
    const told = { onProgress: () => {}, runDir: join(folder, 'told'), out: join(folder, 'told.jsonl') };
    expect(await shown(() => prune(file, { keep: 20, ...told }))).toEqual([]);
  });

  test('prune leaves one line, and its manifest does not tell of the notebook', async () => {
    const runDir = join(folder, 'cell');
    const lines = await shown(() => prune(file, { keep: 20, runDir, out: join(folder, 'cell.jsonl') }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^✓ embed · prototypes · difficulty · graph · map$/);
    const { options } = JSON.parse(readFileSync(join(runDir, 'manifest.json'), 'utf8'));
    expect(options).toEqual({ keep: 20, runDir, out: join(folder, 'cell.jsonl') });
  });
});

describe.each<[string, () => Promise<object>]>([
  ['prune', async () => result],
  ['pruneRows', inMemory],
])('the result of %s', (name, make) => {
  let shown: object;
  beforeAll(async () => {
    shown = await make();
  });
  const html = async (view: object): Promise<string> => shownBy(await htmlOf(view));

  test('is to programs what it was', () => {
    expect(Object.keys(shown)).toEqual(Object.keys({ ...shown }));
    expect(Reflect.ownKeys({ ...shown }).every((key) => typeof key === 'string')).toBe(true);
  });

  test('shows itself: what is kept, a map, both charts and dropped rows', async () => {
    const text = await html(shown);
    expect(text).toMatch(/Kept 20 of 62 rows/);
    expect(text).toMatch(/duplicate 1</);
    expect(text).toMatch(/62 rows, laid out by UMAP/);
    expect(text).toMatch(/difficulty →/);
    expect(text).toMatch(/at random</);
    expect(text).toMatch(/kept row that stands for it, or row that it repeats/);
    expect(text).not.toContain(EVIL);
  });

  test('the map has a point per row', async () => {
    const points = async (options: Parameters<typeof mapView>[1]): Promise<number[]> =>
      [...(await html(mapView(shown as View, options))).matchAll(/<path d="([^"]*)" stroke=/g)].map(
        ([, d]) => d.split('h0').length - 1,
      );
    expect(await points({})).toEqual([42, 20]);
    const byReason = await points({ colour: 'reason' });
    const named = await html(mapView(shown as View, { colour: 'reason' }));
    expect(named.match(/<text[^>]*>kept 20<.*<text[^>]*>duplicate 1</s)).not.toBeNull();
    expect(byReason[0]).toBe(20);
    expect(byReason.at(-1)).toBe(1);
    const sum = (counts: number[]): number => counts.reduce((a, b) => a + b);
    expect(sum(byReason)).toBe(62);
    expect(sum(await points({ colour: 'difficulty' }))).toBe(62);
  });

  test('dropped rows stand beside kept ones, a duplicate names the row that it repeats', async () => {
    const duplicates = await html(droppedView(shown as View, { reason: 'duplicate' }));
    expect(duplicates).toContain('1 of 1 dropped rows (duplicate)');
    expect(duplicates).toContain(`row 60 · again`);
    expect(duplicates).toContain(
      `${corpusRows(1)[0].text}<br><small style="opacity: 0.65">repeats row 0 · ${corpusRows(1)[0].id}`,
    );
    const all = await html(droppedView(shown as View, { count: 100 }));
    expect(all).toContain('42 of 42 dropped rows');
    expect(all.split('<tr>').length - 1).toBe(43);
    expect(all).toBe(await html(droppedView(shown as View, { count: 100 })));
    expect(await html(droppedView(shown as View, { count: 3 }))).not.toBe(
      await html(droppedView(shown as View, { count: 3, seed: 1 })),
    );
    expect(await html(droppedView(shown as View, { reason: 'excluded' }))).toContain('no row was dropped as excluded');
  });

  test('its other views show a part of it', async () => {
    expect(await html(reasonsView(shown as View))).toContain('the same content as another row');
    expect(await html(difficultyView(shown as View))).toContain('of 62 rows 20 are kept');
    expect(await html(coverageView(shown as View, { width: 300 }))).toMatch(
      /Mean distance of a row .*width="300"|width="300".*Mean distance/s,
    );
    expect(await html(summaryView(shown as View))).toContain('62 rows');
  });

  test(name === 'prune' ? 'its report lies in a frame' : 'has no report', async () => {
    const view = reportView(shown as View, { height: 500 });
    if (name === 'prune') expect(await html(view)).toMatch(/^<iframe [^>]*sandbox="allow-scripts[^>]* height="500"/);
    else await expect(html(view)).rejects.toThrow(/prune writes one/);
  });
});

describe('views', () => {
  test('are of a run directory by its path, and of a copy of a result', async () => {
    for (const one of [result.files.runDir, { ...result }])
      expect(shownBy(await htmlOf(mapView(one)))).toContain('kept 20<');
    const whole = await htmlOf(summaryView(result.files.runDir));
    expect(whole).toBe(await htmlOf(summaryView(result)));
  });

  test('refuse what is no result, and options that they do not have', async () => {
    await expect(htmlOf(mapView({} as View))).rejects.toThrow(/result of prune or pruneRows/);
    const without = await prune(file, {
      keep: 3,
      map: 'none',
      runDir: join(folder, 'none'),
      out: join(folder, 'none.jsonl'),
    });
    expect(shownBy(await htmlOf(without))).not.toContain('laid out');
    await expect(htmlOf(mapView(without))).rejects.toThrow(/map was 'none'/);
    await expect(htmlOf(mapView(join(folder, 'nowhere')))).rejects.toThrow(/nowhere/);
    expect(() => mapView(result.files.runDir, { colour: 'red' as never })).toThrow(/kept, difficulty, reason/);
    expect(() => mapView(result.files.runDir, { colours: 'kept' } as never)).toThrow(/did you mean 'colour'/);
    expect(() => droppedView(result.files.runDir, { reason: 'dull' as never })).toThrow(/near-duplicate/);
    expect(() => droppedView(result.files.runDir, { count: 0 })).toThrow(/count/);
    expect(() => coverageView(result.files.runDir, { width: 10 })).toThrow(/width/);
  });

  test('of rows too near to another file show the rows of that, as long as they are what the run read', async () => {
    const [first, second] = corpusRows(2);
    const other = join(folder, 'other.jsonl');
    const write = (texts: string[]): void =>
      writeFileSync(other, texts.map((text, i) => `${JSON.stringify({ id: `test-${i}`, text })}\n`).join(''));
    write(['nothing of the kind', first.text, second.text]);
    const options = { keep: 10, against: other, runDir: join(folder, 'against'), out: join(folder, 'clean.jsonl') };
    const view = droppedView(await prune(file, options), { reason: 'against', count: 100 });
    const near = `<small style="opacity: 0.65">too near to row 1 · test-1 of other.jsonl`;
    expect(await htmlOf(view)).toContain(`${first.text}<br>${near}`);
    expect(await htmlOf(view)).toContain('>1.000<');
    write(['nothing of the kind', 'another text', second.text]);
    expect(await htmlOf(view)).not.toContain('another text');
    rmSync(other);
    const without = await htmlOf(view);
    expect(without).toContain(near);
    expect(without).not.toContain(`${first.text}<br>${near}`);
  });

  test('of vectors that are gone show what does not need them', async () => {
    const path = join(folder, 'gone.npy');
    await writeNpy(path, vectors.data, [vectors.rows, vectors.cols]);
    const gone = await prune(path, {
      keep: 30,
      runDir: join(folder, 'gone'),
      emit: 'mask',
      out: join(folder, 'mask.npy'),
    });
    rmSync(path);
    const text = shownBy(await htmlOf(gone));
    expect(text).toContain('Kept 30 of 300 rows');
    expect(text).toContain('difficulty →');
    expect(shownBy(await htmlOf(summaryView(gone.files.runDir)))).toContain('Kept 30 of 300 rows');
    await expect(htmlOf(coverageView(gone.files.runDir))).rejects.toThrow(/gone.npy/);
  });
});

test('other results show themselves too', async () => {
  const graph = await buildGraph(vectors, { k: 4 });
  const difficulty = await difficultyScores(vectors, { prototypes: 7 });
  const embedded = await embedTexts(['one', 'two', 'one']);
  const shown = [
    graph,
    difficulty,
    d2Select(graph, difficulty.scores, { budget: 6 }),
    await select('random', { rows: 300, budget: 1 }),
    embedded,
  ];
  const texts = await Promise.all(shown.map(async (one) => (await htmlOf(one)).replace(/<\/?pre>/g, '')));
  expect(texts).toEqual([
    'graph: 300 rows × 4 neighbours, 0 rows with the vector of an earlier one',
    expect.stringMatching(/^difficulty of 300 rows: distance to the nearest of 7 prototypes, on the mean 0\.\d{3}$/),
    expect.stringMatching(/^selection: 6 of 300 rows, first of all \d+, \d+, \d+, \d+, \d+$/),
    expect.stringMatching(/^selection: 1 of 300 rows, first of all \d+$/),
    'embeddings: 3 rows × 384 columns',
  ]);
  const comparison = await compareMethods(vectors, { methods: ['random', 'd2'], keep: [0.1, 3], seeds: 2 });
  expect(JSON.parse(JSON.stringify(comparison))).toEqual([...comparison]);
  expect((await htmlOf(comparison)).match(/rows kept/g)).toHaveLength(2);
  expect(await htmlOf(comparison)).toContain('<code>random</code>');
  expect(await htmlOf(comparison)).toContain('; seeds: 10 tells smaller ones.');
  const shows = comparison as unknown as Record<symbol, () => Promise<Record<string, string>>>;
  expect((await shows[JUPYTER_DISPLAY]())['text/plain']).toContain('; seeds: 10 tells');
  const planned = await plan(file, { keep: 20 });
  expect(await htmlOf(planned)).toMatch(/Keep 20 of 6\d rows.*<td[^>]*>embed<\/td>/s);
});

test('large vectors in memory are not held for views: there is a map, and no coverage', async () => {
  const large = createMatrix(60, 300_000);
  const rows = [...Array(large.rows).keys()];
  for (const row of rows) rowOf(large, row).fill(1 / (row + 1), 0, 100 * row);
  const vector = (row: number): Float32Array => rowOf(large, row);
  const pruned = await pruneRows(rows.slice(1), { keep: 10, prototypes: 1, vector });
  expect(shownBy(await htmlOf(mapView(pruned)))).toContain('>59 rows, laid out');
  expect(shownBy(await htmlOf(pruned))).toContain('Kept 10 of 59 rows');
  await expect(htmlOf(coverageView(pruned))).rejects.toThrow(/64 MiB/);
});

test('of many rows in memory a sample is on the map', async () => {
  const many = clusteredMatrix(5100, 3);
  const pruned = await pruneRows([...Array(5100).keys()], {
    keep: 100,
    method: 'random',
    vector: (row) => rowOf(many, row),
  });
  expect(shownBy(await htmlOf(mapView(pruned)))).toContain('5,000 of 5,100 rows drawn');
});
