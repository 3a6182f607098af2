import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpyMatrix, writeNpy } from '@coreset/core';
import { pruneRows } from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
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

describe('files that Python writes', () => {
  /** Near-equal rows with scores in all the ways that pandas and pyarrow leave one out, and masks by numpy. */
  const SCRIPT = `
import numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq
texts = ['a fast parser of text', 'a fast parser for text', 'the fast parser of text', 'fast parser of text'] + [f'{w} of {v}' for w in ('history', 'recipes', 'maps', 'songs') for v in ('Norway', 'Chile', 'Japan', 'Kenya')]
n = len(texts)
score = [None, 9.0, 10.0, 2.5] + [1.0] * (n - 4)
df = pd.DataFrame({'id': np.arange(1000, 1000 + n), 'text': texts, 'score': score, 'big': 2**60 + np.arange(n), 'flag': pd.array([True, None] + [False] * (n - 2), dtype='boolean'), 'when': pd.date_range('2024-01-01', periods=n)})
df.to_csv('pd.csv', index=False)
df.to_csv('nan.csv', index=False, na_rep='NaN')
df.to_parquet('pd.parquet')
pq.write_table(pa.table({'id': df['id'].to_numpy(), 'text': texts, 'score': pa.array([float('nan') if s is None else s for s in score]), 'big': df['big'].to_numpy()}), 'nan.parquet')
mask = np.zeros(n, bool); mask[[4, 9]] = True
np.save('bool.npy', mask); np.save('short.npy', mask[:-1]); np.save('int64.npy', np.array([9, 4])); np.save('zeros.npy', mask.astype('i8'))
pd.Series(mask).to_csv('marks.txt', header=False, index=False)
df['id'][mask].to_csv('ids.txt', header=False, index=False)
df['id'][mask].to_json('ids.json', orient='records')
df[mask].to_json('rows.jsonl', orient='records', lines=True)
`;
  const made = join(folder, 'python');

  beforeAll(() => {
    mkdirSync(made);
    python(SCRIPT, [], made);
  });

  function orderOf(...args: string[]): number[] {
    const { status, stderr } = coreset(['prune', ...args, '--run-dir', `${args[0]}.run`, '--quiet'], { cwd: made });
    expect(status, stderr).toBe(0);
    return JSON.parse(readFileSync(join(made, `${args[0]}.run/selection.json`), 'utf8')).order;
  }

  test.each(['pd.csv', 'nan.csv', 'pd.parquet', 'nan.parquet'])(
    '%s: a row without a value is preferred to none',
    (name) => {
      const keptOf = (prefer: string): number[] =>
        orderOf(name, '--max-similarity', '0.85', '--prefer', prefer).filter((row) => row < 4);
      expect(keptOf('score:desc')).toEqual([2]);
      expect(keptOf('score')).toEqual([3]);
      expect(keptOf('big:desc')).toEqual([3]);
      expect(keptOf('big')).toEqual([0]);
    },
  );

  test('times, marks with nothing among them, masks, row numbers and ids', () => {
    expect(orderOf('pd.parquet', '--max-similarity', '0.85', '--prefer', 'when:desc').filter((row) => row < 4)).toEqual(
      [3],
    );
    expect(orderOf('pd.parquet', '--keep', '5', '--include', 'flag')[0]).toBe(0);
    for (const name of ['bool.npy', 'zeros.npy', 'marks.txt', 'ids.txt', 'ids.json', 'rows.jsonl'])
      expect(orderOf('pd.parquet', '--keep', '5', '--include', name).slice(0, 2), name).toEqual([4, 9]);
    expect(orderOf('pd.parquet', '--id', 'none', '--keep', '5', '--include', 'int64.npy').slice(0, 2)).toEqual([9, 4]);
  });

  test('a mask of another length is refused, also where its marks could be row numbers', () => {
    for (const ids of [[], ['--id', 'none']]) {
      const args = ['prune', 'pd.csv', '--keep', '5', '--exclude', 'short.npy', ...ids];
      expect(coreset(args, { cwd: made })).toMatchObject({
        status: 2,
        stderr: 'coreset: short.npy has 19 marks for 20 rows; one for each row is needed\n',
      });
    }
  });
});

test('of two rows, 0 and 1 could be marks or ids', () => {
  writeFileSync(at('two.jsonl'), '{"id":0,"text":"one thing"}\n{"id":1,"text":"another matter"}\n');
  writeFileSync(at('both.txt'), '1\n0\n');
  const args = ['prune', 'two.jsonl', '--keep', '2', '--run-dir', 'two'];
  const kept = coreset([...args, '--include', 'both.txt', '--json'], { cwd: folder });
  expect(kept.status, kept.stderr).toBe(0);
  expect(JSON.parse(readFileSync(at('two/selection.json'), 'utf8')).order).toEqual([1, 0]);
  expect(coreset([...args, '--id', 'none', '--include', 'both.txt'], { cwd: folder }).stderr).toMatch(
    /both\.txt: its entries could be marks or rows; write marks as true and false/,
  );
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
    await expect(pruneRows(points, { vector, keep: 2, cost: () => 0 })).rejects.toThrow(
      'the cost of row 0 is 0; a finite number above 0 is needed',
    );
    await expect(pruneRows(points, { vector, keep: 2, cost: 'tokens' as never })).rejects.toThrow(
      'cost is a function of a row, got',
    );
    await expect(pruneRows(points, { vector, keep: 2, group: () => undefined as never })).rejects.toThrow(
      'the group of row 0 is undefined',
    );
    const later = async (): Promise<boolean> => false;
    await expect(pruneRows(points, { vector, keep: 2, include: later as never })).rejects.toThrow('is a promise');
    const some = ['one', '', 'one', 'bread'];
    const isBread = (row: string): boolean => row === 'bread';
    const both = { keep: 2, onBadRow: 'skip', include: isBread, exclude: isBread } as const;
    await expect(pruneRows(some, both)).rejects.toThrow('row 3 is both included and excluded');
    await expect(pruneRows(some, { keep: 1, onBadRow: 'skip', include: (row) => row === '' })).rejects.toThrow(
      'row 1 is included and has no text to embed',
    );
  });
});
