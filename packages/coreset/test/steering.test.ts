import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpyMatrix, writeNpy } from '@coreset/core';
import { pruneRows } from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusteredMatrix, coreset, corpusRows, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
/** Real rows; number 4 is said again with a word more, and number 6 word for word. */
const rows = corpusRows(120).map((row, i) => ({
  ...row,
  text: row.text,
  stars: i % 2 === 0 ? 1 + i : null,
  date: `20${String(10 + (i % 15))}-0${1 + (i % 9)}-01`,
  wanted: i % 40 === 7,
}));
rows.push({
  ...rows[4],
  id: 'again',
  text: `${rows[4].text} (again)`,
  stars: 1000,
  date: '2030-01-01',
  wanted: false,
});
rows.push({ ...rows[6], id: 'same', stars: 1001, date: '2031-01-01', wanted: false });

beforeAll(() => {
  writeFileSync(at('zeros.txt'), rows.map(() => '0\n').join(''));
  writeFileSync(at('rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});

interface Outcome {
  status: number | null;
  stderr: string;
  /** Kept rows in the order of picks. */
  order: number[];
  reasons: Map<number, string>;
}

function prune(...args: string[]): Outcome {
  const { status, stderr } = coreset(['prune', 'rows.jsonl', '--out', 'kept.jsonl', ...args], { cwd: folder });
  if (status !== 0) return { status, stderr, order: [], reasons: new Map() };
  const { order } = JSON.parse(readFileSync(at('rows.coreset/selection.json'), 'utf8'));
  const lines = readFileSync(at('rows.coreset/dropped.jsonl'), 'utf8').trimEnd().split('\n');
  const reasons = new Map(lines.map((line) => JSON.parse(line)).map(({ row, reason }) => [row, reason]));
  expect(readFileSync(at('kept.jsonl'), 'utf8').trimEnd().split('\n').length).toBe(order.length);
  expect(order.length + reasons.size).toBe(rows.length);
  return { status, stderr, order, reasons };
}

describe('include and exclude', () => {
  const marked = [7, 47, 87];

  test('a field of true and false', () => {
    const { order, status } = prune('--keep', '20', '--include', 'wanted');
    expect(status).toBe(0);
    expect(order.slice(0, 3)).toEqual(marked);
    expect(order.length).toBe(20);
    const without = prune('--keep', '20', '--exclude', 'wanted');
    for (const row of marked) {
      expect(without.order).not.toContain(row);
      expect(without.reasons.get(row)).toBe('excluded');
    }
  });

  test('ids and marks that --emit writes, row numbers of numpy, lines with an id', async () => {
    const listed = [50, 3, 17];
    const ids = listed.map((row) => rows[row].id);
    writeFileSync(at('ids.txt'), `${ids.join('\n')}\n`);
    writeFileSync(at('ids.json'), JSON.stringify(ids));
    writeFileSync(at('rows-with-ids.jsonl'), listed.map((row) => `${JSON.stringify(rows[row])}\n`).join(''));
    for (const name of ['ids.txt', 'ids.json', 'rows-with-ids.jsonl'])
      expect(prune('--keep', '10', '--include', name).order.slice(0, 3)).toEqual(listed);
    const isListed = Uint8Array.from(rows, (_, row) => (listed.includes(row) ? 1 : 0));
    writeFileSync(at('mask.json'), JSON.stringify(Array.from(isListed, (mark) => mark === 1)));
    writeFileSync(at('mask.txt'), Array.from(isListed, (mark) => `${mark}\n`).join(''));
    await writeNpy(at('mask.npy'), isListed);
    for (const name of ['mask.json', 'mask.txt', 'mask.npy'])
      expect(prune('--keep', '10', '--include', name).order.slice(0, 3)).toEqual([3, 17, 50]);
    await writeNpy(at('numbers.npy'), Int32Array.from(listed));
    expect(prune('--keep', '10', '--id', 'none', '--include', 'numbers.npy').order.slice(0, 3)).toEqual(listed);
    // What a run kept, in the form of its ids.
    coreset(['prune', 'rows.jsonl', '--keep', '5', '--emit', 'ids', '--out', 'five.txt', '--run-dir', 'five'], {
      cwd: folder,
    });
    const five = JSON.parse(readFileSync(at('five/selection.json'), 'utf8')).kept;
    expect(prune('--keep', '9', '--include', 'five.txt').order.slice(0, 5)).toEqual(five);
  });

  test('entries that are no rows are told, and only such are refused', () => {
    writeFileSync(at('some.txt'), `${rows[4].id}\nnobody\n`);
    const { stderr, order } = prune('--keep', '10', '--include', 'some.txt');
    expect(stderr).toContain("some.txt: 1 of its 2 entries are no rows of the input, the first: 'nobody'");
    expect(order[0]).toBe(4);
    writeFileSync(at('none.txt'), 'nobody\n');
    expect(prune('--keep', '10', '--exclude', 'none.txt')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        "none of its 1 entries is a row, the first is 'nobody'; --exclude takes ids of field 'id'",
      ),
    });
  });

  test('the share is one of what is left', () => {
    writeFileSync(at('half.json'), JSON.stringify(rows.map((_, row) => row < 61)));
    expect(prune('--keep', '50%', '--exclude', 'half.json').order.length).toBe(31);
  });
});

describe('near-duplicates', () => {
  test('a greatest similarity alone removes near-duplicates', () => {
    const { order, reasons } = prune('--max-similarity', '0.9');
    const vectors = readNpyMatrix(at('rows.coreset/embeddings.npy'));
    const cosine = (i: number, j: number): number => {
      let product = 0;
      for (let c = 0; c < vectors.cols; c++)
        product += vectors.data[i * vectors.cols + c] * vectors.data[j * vectors.cols + c];
      return product;
    };
    for (const one of order)
      for (const other of order) if (one < other) expect(cosine(one, other)).toBeLessThan(0.9 + 1e-5);
    for (const row of reasons.keys())
      expect(Math.max(...order.map((one) => cosine(one, row)))).toBeGreaterThan(0.9 - 1e-5);
    expect(order.includes(4)).not.toBe(order.includes(120));
  });

  test.each([
    ['stars:desc', [120, 121]],
    ['stars', [4, 6]],
    ['date:desc', [120, 121]],
    ['length', [4, 6]],
    ['length:desc', [120, 6]],
  ])('--prefer %s', (prefer, [ofAgain, ofSame]) => {
    const { order } = prune('--max-similarity', '0.9', '--prefer', prefer);
    expect([order.includes(4), order.includes(120)]).toEqual([ofAgain === 4, ofAgain === 120]);
    expect([order.includes(6), order.includes(121)]).toEqual([ofSame === 6, ofSame === 121]);
  });

  test('vectors of other lengths than 1 are compared by cosine', async () => {
    const { data } = clusteredMatrix(200, 6);
    const long = data.map((value, n) => value * (1 + (Math.floor(n / 6) % 9)));
    await writeNpy(at('long.npy'), long, [200, 6]);
    await writeNpy(at('unit.npy'), data, [200, 6]);
    const keptOf = (name: string): number[] => {
      coreset(['prune', name, '--max-similarity', '0.97', '--prefer', 'scores.npy', '--run-dir', `${name}.run`], {
        cwd: folder,
      });
      return JSON.parse(readFileSync(at(`${name}.run/selection.json`), 'utf8')).kept;
    };
    await writeNpy(
      at('scores.npy'),
      Float64Array.from({ length: 200 }, (_, row) => (row * 71) % 200),
    );
    expect(keptOf('long.npy')).toEqual(keptOf('unit.npy'));
    expect(keptOf('long.npy').length).toBeLessThan(200);
    const args = ['long.npy', '--max-similarity', '0.97', '--prefer', 'scores.npy', '--run-dir', 'long.npy.run'];
    expect(coreset(['plan', ...args], { cwd: folder }).stdout).toMatch(/\ncosine-graph +reused .*\nselect +reused /);
  });
});

describe('balance and cost', () => {
  const countsOf = (order: number[]): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const row of order) counts.set(rows[row].section, (counts.get(rows[row].section) ?? 0) + 1);
    return counts;
  };

  test('each group has the same, as far as it has rows', () => {
    const sizes = countsOf(rows.map((_, row) => row).filter((row) => row < 121));
    const { order } = prune('--keep', '60', '--balance', 'section');
    expect(order.length).toBe(60);
    const counts = countsOf(order);
    const most = Math.max(...counts.values());
    for (const [section, size] of sizes) expect(counts.get(section)).toBeGreaterThanOrEqual(Math.min(size, most - 1));
    const proportional = countsOf(
      prune('--keep', '60', '--balance', 'section:proportional', '--group-minimum', '1').order,
    );
    for (const [section, size] of sizes) {
      expect(proportional.get(section)).toBeGreaterThanOrEqual(1);
      expect(Math.abs((proportional.get(section) ?? 0) - (size * 60) / 121)).toBeLessThan(3);
    }
  });

  test('a budget in bytes, in tokens and in a field', () => {
    const bytes = prune('--keep', '1k', '--cost', 'bytes');
    const spent = bytes.order.reduce((sum, row) => sum + Buffer.byteLength(rows[row].text), 0);
    expect(spent).toBeLessThanOrEqual(1000);
    expect(spent).toBeGreaterThan(900);
    const tokens = prune('--keep', '10%', '--cost', 'tokens').order;
    const wordsOf = (some: number[]): number => some.reduce((sum, row) => sum + rows[row].text.split(' ').length, 0);
    const share = wordsOf(tokens) / wordsOf(rows.map((_, row) => row));
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.15);
  });

  test('shorter rows that say as much come before longer ones', () => {
    const meanOf = (order: number[]): number =>
      order.reduce((sum, row) => sum + rows[row].text.length, 0) / order.length;
    const { order } = prune('--keep', '20%', '--cost', 'bytes');
    expect(meanOf(order)).toBeLessThan(0.8 * meanOf(rows.map((_, row) => row)));
  });
});

const WRONG: [string, string[], RegExp][] = [
  [
    'a field of no marks',
    ['--keep', '5', '--include', 'text'],
    /rows\.jsonl: row 0, field 'text' is ".*": --include takes a field of true and false/,
  ],
  [
    'no field or file',
    ['--keep', '5', '--exclude', 'wantd'],
    /exclude 'wantd' is neither a file nor a field of .*did you mean 'wanted'/,
  ],
  [
    'included and excluded',
    ['--keep', '5', '--include', 'wanted', '--exclude', 'wanted'],
    /row 7 is both included and excluded/,
  ],
  [
    'more included than kept',
    ['--keep', '2', '--include', 'wanted'],
    /--include names 3 rows, and --keep '2' asks for 2 in all/,
  ],
  [
    'no order',
    ['--keep', '5', '--prefer', 'stars:up'],
    /'stars:up': after the colon one of asc, desc is meant, not 'up'/,
  ],
  [
    'no way to share',
    ['--keep', '5', '--balance', 'section:even'],
    /after the colon one of equal, sqrt, proportional is meant/,
  ],
  ['a minimum alone', ['--keep', '5', '--group-minimum', '2'], /--group-minimum means nothing without --balance/],
  ['no cost', ['--keep', '5', '--cost', 'stars'], /row 1, field 'stars' is null, not a finite number/],
  [
    'more than all cost',
    ['--keep', '1M', '--cost', 'bytes'],
    /keep '1M' is more than the \d+ that all rows cost; .*--cost bytes/,
  ],
  [
    'a similarity above 1',
    ['--keep', '5', '--max-similarity', '2'],
    /--max-similarity must be a cosine above 0 and at most 1, got 2/,
  ],
];

test.each(WRONG)('%s is refused in one line', (_, args, message) => {
  const { status, stderr } = prune(...args);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n').length).toBe(1);
});

describe('pruneRows', () => {
  const vector = (row: { point: number[] }): number[] => row.point;
  const points = Array.from({ length: 30 }, (_, i) => ({
    point: [Math.cos(i / 5), Math.sin(i / 5), i < 15 ? 0.1 : 0],
    kind: i < 20 ? 'a' : 'b',
    price: 1 + (i % 4),
  }));

  test('asks each row', async () => {
    const { selected, dropped } = await pruneRows(points, {
      vector,
      keep: 8,
      include: (row) => row === points[11],
      exclude: (row) => row.price === 2,
      group: (row) => row.kind,
    });
    expect(selected[0].index).toBe(11);
    expect(selected.filter(({ row }) => row.kind === 'a').length).toBe(4);
    expect(dropped.filter(({ reason }) => reason === 'excluded').length).toBe(8);
    expect(selected.every(({ row }) => row.price !== 2)).toBe(true);
    const cheap = await pruneRows(points, { vector, keep: 10, cost: (row) => row.price });
    expect(cheap.kept.reduce((sum, { price }) => sum + price, 0)).toBeLessThanOrEqual(10);
    const apart = await pruneRows(points, { vector, maxSimilarity: 0.95, prefer: (row) => row.price });
    expect(apart.kept.length).toBeLessThan(30);
    expect(apart.dropped.every(({ similarity = 0 }) => similarity > 0.949)).toBe(true);
  });

  test('says what is wrong', async () => {
    await expect(pruneRows(points, { vector })).rejects.toThrow(
      'say how much to keep with keep, or give maxSimilarity',
    );
    await expect(pruneRows(points, { vector, keep: 2, exclude: () => true })).rejects.toThrow('all rows are excluded');
    await expect(pruneRows(points, { vector, keep: 2, prefer: () => Number.NaN })).rejects.toThrow(
      'the preference of row 0 is NaN',
    );
  });
});
