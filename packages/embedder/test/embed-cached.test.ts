import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Matrix } from '@coreset/core';
import { rowOf } from '@coreset/core';
import {
  type EmbeddedBlock,
  type EmbedOptions,
  embedImages,
  embedStream,
  embedTexts,
  inCache,
  localSettings,
} from '@coreset/embedder';
import { describe, expect, test } from 'vitest';
import { png, writeTinyModel } from '../../../test/images.ts';
import { corpusRows, ROOT, temporaryFolder } from '../../../test/support.ts';
import { LETTERS_ALONE, type TinyTextModel, WORDS, writeTinyTextModel } from '../../../test/tiny-text-model.ts';
import { embedCached } from '../dist/cache/embed-cached.js';
import { modelFingerprint } from '../dist/cache/model-fingerprint.js';
import { VectorCache } from '../dist/cache/vector-cache.js';
import { keyOf, textKey } from '../dist/cache/vector-key.js';

const base = temporaryFolder();
const newFolder = (): string => mkdtempSync(join(base, 'f '));
const TINY = { model: join(ROOT, 'models/tiny/mean'), dtype: 'fp32' } as const;
const texts = corpusRows(1000).map(({ text }, i) => `${i} ${text}`);

interface Ran {
  matrix: Matrix;
  /** What came from the cache and what did not. */
  counts: unknown[];
  notices: string[];
}

async function run(items: string[], options: EmbedOptions): Promise<Ran> {
  const counts: unknown[] = [];
  const notices: string[] = [];
  const matrix = await embedTexts(items, {
    ...options,
    onDiagnostics: (_, { fromCache, notFromCache }) => {
      if (fromCache !== undefined) counts.push(fromCache, notFromCache);
    },
    onNotice: (line) => notices.push(line),
  });
  return { matrix, counts, notices };
}

const MARK = 0.25;

/** Put marked vectors of texts into a cache, in place of those that are there. */
async function mark(cache: string, marked: string[], cols: number, options: EmbedOptions = TINY): Promise<void> {
  const opened = await VectorCache.open({ folder: cache, size: 1e9 }, modelFingerprint(await localSettings(options)));
  const vector = new Float32Array(cols).fill(MARK);
  for (const text of marked) opened.add({ key: textKey(text), vector, tokens: 3, unknown: 0, lost: 0, missing: 0 });
  opened.close();
}

const isMarked = ({ cols, data }: Matrix, row: number): boolean =>
  data.subarray(row * cols, (row + 1) * cols).every((value) => value === MARK);

describe('embedding with a cache', () => {
  test('gives the same bits as without, and the second time asks the model for nothing', async () => {
    const cache = join(newFolder(), 'cache');
    const without = await run(texts, TINY);
    const first = await run(texts, { ...TINY, cache, threads: 2 });
    const again = await run(texts, { ...TINY, cache, threads: 1 });
    expect(first.matrix).toEqual(without.matrix);
    expect(again.matrix).toEqual(without.matrix);
    expect([without.counts, first.counts, again.counts]).toEqual([[], [0, 1000], [1000, 0]]);
    const told = (count: string): string => `${count} of 1,000 vectors came from the cache ${cache}`;
    expect(first.notices.filter((line) => !without.notices.includes(line))).toEqual([
      `${told('0')}, which has 1,000 more now`,
    ]);
    expect(again.notices.filter((line) => !without.notices.includes(line))).toEqual([told('1,000')]);
  });

  test('asks the model for what is new alone, wherever the others stand', async () => {
    const cache = join(newFolder(), 'cache');
    const { matrix: plain } = await run(texts, TINY);
    await mark(cache, texts, plain.cols);
    const edited = texts.with(500, 'another text');
    const appended = [...texts, 'one more', texts[3], 'and another'];
    const turned = texts.toReversed();
    for (const [items, isNew] of [
      [edited, (row: number) => row === 500],
      [appended, (row: number) => row === 1000 || row === 1002],
      [turned, () => false],
    ] as const) {
      const { matrix, counts } = await run(items, { ...TINY, cache: `${cache}` });
      const made = items.map((_, row) => row).filter((row) => !isMarked(matrix, row));
      expect(made).toEqual(items.map((_, row) => row).filter(isNew));
      expect(counts).toEqual([1000 - (items === edited ? 1 : 0), made.length]);
      const { matrix: expected } = await run(
        made.map((row) => items[row]),
        TINY,
      );
      for (const [i, row] of made.entries()) expect(rowOf(matrix, row)).toEqual(rowOf(expected, i));
    }
    expect(await inCache([...edited, 'never'], { ...TINY, cache })).toEqual(
      Uint8Array.from([...edited.map(() => 1), 0]),
    );
    expect(await inCache(texts, TINY)).toBeUndefined();
  });

  test('keeps vectors of other models and settings apart', async () => {
    const cache = join(newFolder(), 'cache');
    const changed = join(newFolder(), 'model');
    cpSync(TINY.model, changed, { recursive: true });
    // JSON with a space more is another file, and the same model.
    appendFileSync(join(changed, 'config.json'), ' ');
    const few = [...texts.slice(0, 40), texts.slice(40, 80).join(' ')];
    const settings: EmbedOptions[] = [
      {},
      { pooling: 'cls' },
      { normalise: false },
      { prefix: 'query: ' },
      { maxTokens: 8 },
      { maxTokens: 8, long: 'mean' },
      { model: changed },
      { model: join(ROOT, 'models/tiny/cls') },
    ];
    for (const options of settings) {
      const { matrix, counts } = await run(few, { ...TINY, ...options, cache });
      expect(counts, JSON.stringify(options)).toEqual([0, 41]);
      expect(matrix).toEqual((await run(few, { ...TINY, ...options })).matrix);
    }
    for (const options of settings) expect((await run(few, { ...TINY, ...options, cache })).counts).toEqual([41, 0]);
    // The same model by another name, and what a vector does not depend on.
    const copy = join(newFolder(), 'copy');
    cpSync(TINY.model, copy, { recursive: true });
    expect((await run(few, { ...TINY, model: copy, batchSize: 1, onEmpty: 'zeros', cache })).counts).toEqual([41, 0]);
  });

  test('serves static models too', async () => {
    const cache = join(newFolder(), 'cache');
    const few = texts.slice(0, 300);
    for (const options of [
      { model: 'static' },
      { model: 'static', maxTokens: 5 },
      { model: 'static', prefix: 'cat ' },
    ]) {
      const { matrix } = await run(few, options);
      expect(await run(few, { ...options, cache })).toMatchObject({ matrix, counts: [0, 300] });
      expect(await run(few, { ...options, cache })).toMatchObject({ matrix, counts: [300, 0] });
    }
  });

  test('tells texts apart that differ in one code unit, lone surrogates too', () => {
    const all = ['\ud800', '\ud801', '\ufffd', 'a', 'A', 'a ', ' a', 'a\n', 'é', 'e\u0301', '', '\0'];
    expect(new Set(all.map((text) => Buffer.from(textKey(text)).toString('hex'))).size).toBe(all.length);
  });

  test('refuses batches in which a vector depends on others, before any work', async () => {
    const cache = join(newFolder(), 'cache');
    await expect(embedTexts(texts, { ...TINY, cache, batchSize: 8 })).rejects.toThrow(
      'a batch size (--batch-size) of 8 makes a vector depend on the items beside it, and --cache keeps vectors; leave one of them out',
    );
    expect(readdirSync(join(cache, '..'))).toEqual([]);
  });

  test('has one vector for any batch of texts of one length, with a model that gives the same bits', async () => {
    const cache = join(newFolder(), 'cache');
    const few = ['a text editor', 'a small clock', 'an editor'];
    const { matrix } = await run(few, { cache });
    expect(await run(few, { cache, batchSize: 1 })).toMatchObject({ matrix, counts: [3, 0] });
    expect((await run(few, { batchSize: 1 })).matrix).toEqual(matrix);
  });

  test('goes on where an earlier run was stopped', async () => {
    const cache = join(newFolder(), 'cache');
    const controller = new AbortController();
    // Few of them are enough for a task, so that no block of the cache is full.
    const long = texts.map((text) => text.repeat(3));
    const stopped = embedTexts(long, {
      ...TINY,
      cache,
      threads: 1,
      signal: controller.signal,
      onProgress: ({ done }) => done >= 100 && controller.abort(new Error('stopped')),
    });
    await expect(stopped).rejects.toThrow('stopped');
    const { matrix, counts } = await run(long, { ...TINY, cache });
    expect(counts[0]).toBeGreaterThanOrEqual(100);
    expect(matrix).toEqual((await run(long, TINY)).matrix);
  });

  test('serves two runs of one process at once', async () => {
    const cache = join(newFolder(), 'cache');
    const few = texts.slice(0, 600);
    const [one, other] = await Promise.all([
      run(few, { ...TINY, cache, threads: 1 }),
      run(few.toReversed(), { ...TINY, cache, threads: 1 }),
    ]);
    const { matrix } = await run(few, TINY);
    expect(one.matrix).toEqual(matrix);
    expect(rowOf(other.matrix, 0)).toEqual(rowOf(matrix, 599));
    expect(await run(few, { ...TINY, cache })).toMatchObject({ matrix, counts: [600, 0] });
  });

  test.runIf(process.platform === 'linux')('goes on without a cache that has no room on the disk', async () => {
    const cache = join(newFolder(), 'cache');
    const work = `
      import { embedTexts } from ${JSON.stringify(import.meta.resolve('@coreset/embedder'))};
      const [model, cache] = process.argv.slice(1);
      const texts = Array.from({ length: 1000 }, (_, i) => i + ' text');
      const { data } = await embedTexts(texts, { model, dtype: 'fp32', cache: cache || undefined, onNotice: console.error });
      console.log(Buffer.from(data.buffer).toString('base64'));`;
    const within = (limit: string, where: string) =>
      spawnSync(
        'sh',
        ['-c', `${limit} exec "$@"`, '', process.execPath, '--input-type=module', '-e', work, TINY.model, where],
        {
          encoding: 'utf8',
          maxBuffer: 1 << 28,
        },
      );
    const limited = within('ulimit -f 100;', cache);
    expect(limited.status, limited.stderr).toBe(0);
    expect(limited.stdout).toBe(within('', '').stdout);
    const about = limited.stderr.split('\n').filter((line) => line.includes(cache));
    expect(about).toEqual([
      `cannot write the cache ${cache}: the file would be larger than the file system or a limit of this process allows; this run goes on without it`,
      `0 of 1,000 vectors came from the cache ${cache}, which has 256 more now`,
    ]);
    const again = within('', cache);
    expect(again.stdout).toBe(limited.stdout);
    expect(again.stderr).toMatch(/[1-9]\d\d of 1,000 vectors came from the cache/);
  });

  test('hears an abort where all is there', async () => {
    const cache = join(newFolder(), 'cache');
    await embedTexts(texts, { ...TINY, cache });
    const controller = new AbortController();
    const endless = (function* () {
      for (;;) yield* texts;
    })();
    const work = async (): Promise<void> => {
      let blocks = 0;
      for await (const _ of embedStream(endless, { ...TINY, cache, signal: controller.signal })) {
        if (blocks === 0) setTimeout(() => controller.abort(new Error('enough')), 5);
        if (++blocks === 300) throw new Error('not heard');
      }
    };
    await expect(work()).rejects.toThrow('enough');
  });
});

describe('what a model reads of a text', () => {
  function model(options: TinyTextModel): string {
    const folder = join(newFolder(), 'model');
    writeTinyTextModel(folder, options);
    return folder;
  }
  async function blocks(items: string[], options: EmbedOptions): Promise<Omit<EmbeddedBlock, 'cols' | 'rows'>[]> {
    const all: EmbeddedBlock[] = [];
    for await (const block of embedStream(items, { threads: 1, onEmpty: 'zeros', ...options })) all.push(block);
    return all;
  }

  test.each<[string, TinyTextModel, string[]]>([
    ['no token', { tokenizer: LETTERS_ALONE }, ['text', '☃', 'betatexttextbeta', 'a', '☃☃']],
    [
      'no numbers',
      { two: 'NaN' },
      ['one', 'one two', 'unknown words one', 'text about cats and dogs and birds', 'two'],
    ],
    ['zeros', { two: 'zeros' }, ['one', 'one two', 'unknown', 'about', 'two']],
  ])('comes from the cache with its vector: %s', async (_, kind, items) => {
    const options = { model: model(kind), maxTokens: 7, cache: join(newFolder(), 'cache') };
    const plain = await blocks(items, { ...options, cache: undefined });
    expect(plain[0].empty.length).toBeGreaterThan(0);
    expect(await blocks(items, options)).toEqual(plain);
    expect(await blocks(items, options)).toEqual(plain);
    expect(await inCache(items, options)).toEqual(Uint8Array.from(items.map(() => 1)));
    // And the error is the same one.
    const problem = async (more: EmbedOptions): Promise<string> => {
      const error = await embedTexts(items, { ...options, ...more }).catch((thrown) => thrown);
      return `${error.constructor.name} ${error.row} ${error.message}`;
    };
    expect(await problem({})).toBe(await problem({ cache: undefined }));
    expect(await problem({})).toMatch(/^NoVector 1 row 1 /);
    // Some from the cache, some not.
    const more = [...items, WORDS[0], ...items, `${WORDS[1]} ${WORDS[2]}`];
    expect(await blocks(more, options)).toEqual(await blocks(more, { ...options, cache: undefined }));
  });
});

describe('images', () => {
  const folder = newFolder();
  const path = (name: string): string => join(folder, name);
  const model = join(folder, 'model');
  writeTinyModel(model, 'map');

  test('are known by their bytes, whatever their names are', async () => {
    const cache = join(newFolder(), 'cache');
    writeFileSync(path('red.png'), await png([255, 0, 0]));
    writeFileSync(path('blue.png'), await png([0, 0, 255]));
    writeFileSync(path('none.png'), 'no image');
    writeFileSync(path('cut.png'), (await png([9, 200, 9], [0, 0, 255], 64)).subarray(0, -30));
    const counts: unknown[] = [];
    const embed = (names: string[], more: Partial<EmbedOptions> = {}): Promise<Matrix> =>
      embedImages(names.map(path), {
        model,
        cache,
        onEmpty: 'zeros',
        onDiagnostics: (_, facts) => facts.fromCache !== undefined && counts.push(facts.fromCache, facts.notFromCache),
        ...more,
      });
    const names = ['red.png', 'none.png', 'blue.png', 'cut.png'];
    const plain = await embed(names, { cache: undefined });
    expect(await embed(names)).toEqual(plain);
    copyFileSync(path('blue.png'), path('copy.png'));
    expect(await embed([...names.slice(0, 2), 'copy.png', 'cut.png'])).toEqual(plain);
    const red = readFileSync(path('red.png'));
    writeFileSync(path('red.png'), readFileSync(path('blue.png')));
    expect(rowOf(await embed(['red.png']), 0)).toEqual(rowOf(plain, 2));
    writeFileSync(path('red.png'), red);
    // What cannot be read has to say why, each time.
    expect(counts).toEqual([0, 4, 3, 1, 1, 0]);
    for (const more of [{}, { cache: undefined }])
      await expect(embed(names, { onEmpty: 'fail', ...more })).rejects.toThrow(
        `cannot read the image ${path('none.png')}`,
      );
  });

  test('that change while they are embedded are not kept', async () => {
    const cache = await VectorCache.open({ folder: join(newFolder(), 'cache'), size: 1e9 }, new Uint8Array(16));
    const name = path('changing.png');
    writeFileSync(name, await png([1, 2, 3]));
    const other = path('same.png');
    writeFileSync(other, await png([4, 5, 6]));
    const keys = [await keyOf(name, 'image'), await keyOf(other, 'image')];
    const readings = { tokens: new Int32Array(2), unknown: new Int32Array(2), lost: new Int32Array(2) };
    await embedCached(cache, [name, other], keys, async () => {
      writeFileSync(name, await png([7, 8, 9]));
      return { rows: 2, cols: 1, data: Float32Array.of(1, 2), readings, missing: new Map() };
    });
    cache.close();
    const [segment] = readdirSync(cache.folder, { recursive: true, encoding: 'utf8' }).filter((one) =>
      one.endsWith('.vectors'),
    );
    expect(statSync(join(cache.folder, segment)).size).toBe(48 + 16 + 40 + 4);
  });
});
