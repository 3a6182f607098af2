import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { checkCache } from '@coreset/embedder';
import { afterEach, describe, expect, test } from 'vitest';
import { ROOT, temporaryFolder } from '../../../test/support.ts';
import { VectorCache } from '../dist/cache/vector-cache.js';

const COLS = 6;
const MB = 1e6;
const keyOf = (name: string): Uint8Array => createHash('sha256').update(name).digest().subarray(0, 16);
const MODEL = keyOf('model');
function vectorOf(name: string, cols = COLS): Float32Array {
  const key = keyOf(name);
  return Float32Array.from({ length: cols }, (_, c) => key[c % 16] / (c + 1));
}
const names = (count: number, prefix = 'n'): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Opened {
  cache: VectorCache;
  notices: string[];
}

async function open(folder: string, { model = MODEL, size = 100 * MB } = {}): Promise<Opened> {
  const notices: string[] = [];
  return {
    cache: await VectorCache.open({ folder, size }, model, { onNotice: (line) => notices.push(line) }),
    notices,
  };
}

function add(cache: VectorCache, which: string[], cols = COLS): void {
  for (const name of which) {
    const tokens = keyOf(name)[15];
    cache.add({ key: keyOf(name), vector: vectorOf(name, cols), tokens, unknown: 1, lost: 2, missing: 0 });
  }
}

async function fill(
  folder: string,
  which: string[],
  options?: Parameters<typeof open>[1],
  cols = COLS,
): Promise<string[]> {
  const { cache, notices } = await open(folder, options);
  add(cache, which, cols);
  cache.close();
  return notices;
}

/** Those that are found; each has to be as it was added. */
async function found(
  folder: string,
  which: string[],
  options?: Parameters<typeof open>[1],
  cols = COLS,
): Promise<Set<string>> {
  const { cache } = await open(folder, options);
  const there = new Set<string>();
  cache.read(which.map(keyOf), (row, { vector, tokens, unknown, lost, missing }) => {
    const name = which[row];
    expect([vector, tokens, unknown, lost, missing]).toEqual([vectorOf(name, cols), keyOf(name)[15], 1, 2, 0]);
    there.add(name);
  });
  cache.close();
  return there;
}

const segmentsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.vectors'))
    .sort()
    .map((name) => join(folder, name));

const bytesIn = (folder: string): number =>
  segmentsIn(folder).reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);

describe('vectors', () => {
  test('come back as they were, in any order, with those of later runs, and none of another model', async () => {
    const folder = join(temporaryFolder(), 'a', 'cache');
    expect(await fill(folder, names(600))).toEqual([]);
    await fill(folder, names(50, 'later'));
    const wanted = [...names(600).reverse(), 'never', ...names(50, 'later'), 'n3', 'n3'];
    expect((await found(folder, wanted)).size).toBe(650);
    expect((await found(folder, wanted, { model: keyOf('other') })).size).toBe(0);
    // One segment, to which later runs append.
    expect(segmentsIn(folder).length).toBe(1);
    // Not even where the files of one model lie in the folder of another.
    const other = join(folder, Buffer.from(keyOf('other')).toString('hex'));
    mkdirSync(other);
    writeFileSync(join(other, '00000001.vectors'), readFileSync(segmentsIn(folder)[0]));
    expect((await found(folder, wanted, { model: keyOf('other') })).size).toBe(0);
  });

  test('that are damaged anywhere are not found, and the others are', async () => {
    const folder = join(temporaryFolder(), 'cache');
    for (let block = 0; block < 3; block++) await fill(folder, names(4, `${block}-`));
    const all = [0, 1, 2].flatMap((block) => names(4, `${block}-`));
    const [path] = segmentsIn(folder);
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 3) {
      const damaged = Buffer.from(whole);
      damaged[at] ^= 1 << (at % 8);
      writeFileSync(path, damaged);
      // A row, or the head of a block of four.
      const left = (await found(folder, all)).size;
      expect([8, 11], `byte ${at}`).toContain(left);
    }
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(path, whole.subarray(0, length));
      const left = (await found(folder, all)).size;
      expect(left, `cut behind ${length}`).toBeGreaterThanOrEqual(Math.floor((4 * length * 3) / whole.length) - 4);
    }
    // What a kill left of a block lies before the next.
    writeFileSync(path, whole.subarray(0, (whole.length * 2) / 3 - 30));
    await fill(folder, names(4, '2-'));
    expect((await found(folder, all)).size).toBe(11);
    await fill(folder, names(4, '1-'));
    expect((await found(folder, all)).size).toBe(12);
  });

  test('that are damaged are told, and made anew are found', async () => {
    const folder = join(temporaryFolder(), 'cache');
    await fill(folder, names(3));
    const [path] = segmentsIn(folder);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(path, bytes);
    const { cache, notices } = await open(folder);
    cache.read(names(3).map(keyOf), () => {});
    add(cache, ['n2']);
    cache.close();
    expect(cache.hits).toBe(2);
    expect(notices).toEqual([`1 vectors in the cache ${folder} are damaged and were made anew`]);
    expect((await found(folder, names(3))).size).toBe(3);
  });

  test('of a later version are passed over, and what is no segment', async () => {
    const folder = join(temporaryFolder(), 'cache');
    await fill(folder, names(3));
    const [path] = segmentsIn(folder);
    const bytes = readFileSync(path);
    expect(bytes.toString('latin1', 0, 16)).toBe('coreset vectors1');
    bytes.write('2', 15);
    writeFileSync(path, bytes);
    mkdirSync(path.replace('00000001', '00000000'));
    appendFileSync(path.replace('00000001.vectors', 'notes.txt'), 'mine');
    expect((await found(folder, names(3))).size).toBe(0);
    await fill(folder, names(3));
    expect((await found(folder, names(3))).size).toBe(3);
  });
});

describe('the size', () => {
  const cols = 100;
  const size = 1.2 * MB;
  const age = (path: string, hours: number): void => {
    const then = Date.now() / 1000 - 3600 * hours;
    utimesSync(path, then, then);
  };

  test('is kept: what was not used for longest goes first, whatever model it is of', async () => {
    const folder = join(temporaryFolder(), 'cache');
    const models = names(4, 'model').map(keyOf);
    for (const [i, model] of models.entries()) {
      await fill(folder, names(500), { model, size }, cols);
      for (const path of segmentsIn(folder)) if (path.includes(Buffer.from(model).toString('hex'))) age(path, 9 - i);
    }
    // The oldest is used again.
    expect((await found(folder, names(500), { model: models[0], size }, cols)).size).toBe(500);
    await fill(folder, names(600), { model: keyOf('new'), size }, cols);
    expect(bytesIn(folder)).toBeLessThanOrEqual(size);
    expect((await found(folder, names(600), { model: keyOf('new'), size }, cols)).size).toBe(600);
    expect((await found(folder, names(500), { model: models[0], size }, cols)).size).toBe(500);
    expect((await found(folder, names(500), { model: models[1], size }, cols)).size).toBeLessThan(500);
    expect((await found(folder, names(500), { model: models[3], size }, cols)).size).toBe(500);
  });

  test('that is too small for a run keeps the beginning of it, and says so once', async () => {
    const folder = join(temporaryFolder(), 'cache');
    const notices = await fill(folder, names(5000), { size }, cols);
    expect(notices).toEqual([
      `the cache ${folder} is full: 1 MB (--cache-size) do not hold what this run uses; the rest of it is not kept`,
    ]);
    expect(bytesIn(folder)).toBeLessThanOrEqual(size);
    const there = await found(folder, names(5000), { size }, cols);
    expect(there.size).toBeGreaterThan(1800);
    expect(there.has('n0')).toBe(true);
  });
});

/** Adds vectors whose numbers follow from their keys until it is killed. */
const WRITER = `
  import { createHash } from 'node:crypto';
  import { VectorCache } from ${JSON.stringify(pathToFileURL(join(ROOT, 'packages/embedder/dist/cache/vector-cache.js')).href)};
  const [folder, prefix, size] = process.argv.slice(1);
  const keyOf = (name) => createHash('sha256').update(name).digest().subarray(0, 16);
  let row = 0;
  for (;;) {
    const cache = await VectorCache.open({ folder, size: Number(size) }, keyOf('model'));
    console.log(row);
    for (let i = 0; i < 3000; i++) {
      const key = keyOf(prefix + row++);
      const vector = Float32Array.from({ length: 100 }, (_, c) => key[c % 16] / (c + 1));
      cache.add({ key, vector, tokens: key[15], unknown: 1, lost: 2, missing: 0 });
      if (i % 100 === 0) await new Promise(setImmediate);
    }
    cache.close();
  }`;

describe('two processes', () => {
  test('that write at once and are killed leave a cache that can be read, within its size', async () => {
    const folder = join(temporaryFolder(), 'cache');
    const size = 3 * MB;
    const prefixes: string[] = [];
    let most = 0;
    for (let round = 0; round < 4; round++) {
      const pair = [0, 1].map((which) => {
        const prefix = `${round}-${which}-`;
        prefixes.push(prefix);
        const child = spawn(process.execPath, ['--input-type=module', '--eval', WRITER, folder, prefix, String(size)], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        children.push(child);
        return child;
      });
      await Promise.all(pair.map(({ stdout }) => once(stdout as NodeJS.ReadableStream, 'data')));
      for (let i = 0; i < 20 + 7 * round; i++) {
        await sleep(5);
        most = Math.max(most, bytesIn(folder));
      }
      for (const child of pair) child.kill('SIGKILL');
      await Promise.all(pair.map((child) => once(child, 'close')));
    }
    expect(most).toBeLessThanOrEqual(size);
    expect(most).toBeGreaterThan(size / 3);
    // Whatever is found has the numbers of its key.
    const all = prefixes.flatMap((prefix) => names(40_000, prefix));
    expect((await found(folder, all, { size }, 100)).size).toBeGreaterThan(1000);
    await fill(folder, names(500), { size }, 100);
    expect((await found(folder, names(500), { size }, 100)).size).toBe(500);
  }, 60_000);
});

describe('a cache that fails while a run goes on', () => {
  test('is told of once when it cannot be written', async () => {
    const folder = join(temporaryFolder(), 'cache');
    const { cache, notices } = await open(folder);
    add(cache, names(300));
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'no folder');
    add(cache, names(900));
    cache.close();
    expect(notices.length).toBe(1);
    expect(notices[0]).toMatch(/^cannot write the cache .*cache: .*; this run goes on without it$/);
  });

  test('stays deleted when it is deleted', async () => {
    const folder = join(temporaryFolder(), 'cache');
    const { cache, notices } = await open(folder);
    add(cache, names(300));
    rmSync(folder, { recursive: true });
    add(cache, names(900));
    cache.close();
    expect(notices.length).toBe(1);
    expect(existsSync(folder)).toBe(false);
  });

  test('gives what it can where another process deletes or cuts what is read', async () => {
    const folder = join(temporaryFolder(), 'cache');
    await fill(folder, names(600));
    const [path] = segmentsIn(folder);
    const { cache } = await open(folder);
    truncateSync(path, statSync(path).size / 2);
    let count = 0;
    cache.read(names(600).map(keyOf), (row, { vector }) => {
      expect(vector).toEqual(vectorOf(`n${row}`));
      count++;
    });
    cache.close();
    expect(count).toBeGreaterThan(200);
    expect(count).toBeLessThan(400);
  });
});

describe('a file that is another by now', () => {
  test('gives nothing, whatever lies where a vector was', async () => {
    const [folder, other] = [join(temporaryFolder(), 'cache'), join(temporaryFolder(), 'cache')];
    await fill(folder, names(20));
    await fill(other, names(20).reverse());
    const { cache } = await open(folder);
    writeFileSync(segmentsIn(folder)[0], readFileSync(segmentsIn(other)[0]));
    cache.read(names(20).map(keyOf), () => expect.fail('nothing lies there'));
    cache.close();
    expect((await found(folder, names(20))).size).toBe(20);
  });
});

describe('a folder', () => {
  test('that is no cache is refused, and stays as it is', async () => {
    const base = temporaryFolder();
    const at = (name: string): string => join(base, name);
    writeFileSync(at('file'), '');
    mkdirSync(at('rows'));
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(at('rows'), `${name}.jsonl`), '{}');
    mkdirSync(at('others'));
    writeFileSync(join(at('others'), 'CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55');
    writeFileSync(join(at('others'), 'object'), '');
    const refused = (cache: string, more = {}): string => {
      try {
        checkCache({ cache, ...more });
      } catch (error) {
        return (error as Error).message;
      }
      return 'taken';
    };
    expect(refused(at('file'))).toBe(
      `the cache ${at('file')} is a file; name a folder, which is made where it is missing`,
    );
    expect(refused(at('file/below'))).toBe(
      `cannot write the cache ${at('file/below')}: a part of the path is a file, not a folder`,
    );
    expect(refused(at('rows'))).toBe(
      `the cache ${at('rows')} is no cache of vectors: it holds a.jsonl, b.jsonl, c.jsonl, …; name a folder that is new or empty`,
    );
    expect(refused(at('others'))).toContain('it holds object; name a folder');
    expect(refused('')).toBe('the cache is empty; name a folder (--cache DIR)');
    expect(refused(at('new/cache'))).toBe('taken');
    expect(existsSync(at('new'))).toBe(false);
    mkdirSync(at('empty'));
    expect(refused(at('empty'))).toBe('taken');
    await fill(at('empty'), names(1));
    expect(refused(at('empty'))).toBe('taken');
    expect(readdirSync(at('rows')).length).toBe(4);
    for (const size of ['500MB', '10GB', ' 1.5 tb', 1e6, '2GiB', '3000000'])
      expect(refused(at('new'), { cacheSize: size }), `${size}`).toBe('taken');
    for (const size of ['', 'much', '5', 0, -1, Number.NaN, '999kB', '1e9 apples'])
      expect(refused(at('new'), { cacheSize: size }), `${size}`).toBe(
        `cache size (--cache-size) '${size}' is no size of at least 1 MB; write 500MB or 10GB`,
      );
    expect(refused(at('new'), { device: 'cuda' })).toBe(
      'the device cuda embeds in batches, which make a vector depend on the items beside it, and --cache keeps vectors; leave one of them out, or give --batch-size 1',
    );
    expect(refused(at('new'), { device: 'cuda', batchSize: 1 })).toBe('taken');
    expect(() => checkCache({ cacheSize: '1GB' })).toThrow('means nothing without a cache');
    expect(checkCache({})).toBeUndefined();
  });
});
