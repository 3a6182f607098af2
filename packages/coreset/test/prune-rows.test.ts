import { prune, pruneRows } from 'coreset';
import { describe, expect, test } from 'vitest';
import { corpusRows } from '../../../test/support.ts';

const rows = corpusRows(40);

describe('pruneRows', () => {
  test('gives back the rows themselves, with a reason for each that was dropped', async () => {
    const { kept, selected, dropped, order } = await pruneRows([...rows, rows[3]], { keep: 10 });
    expect(kept.length).toBe(10);
    expect(order.length).toBe(10);
    const numbers = Array.from(order).sort((a, b) => a - b);
    expect(kept).toEqual(numbers.map((row) => rows[row]));
    for (const row of kept) expect(rows).toContain(row);
    expect(dropped.length).toBe(31);
    for (const { row, index, reason, by, similarity } of dropped) {
      expect(row).toBe(index === 40 ? rows[3] : rows[index]);
      if (reason !== 'outranked') expect(order).toContain(by);
      if (by !== undefined) expect(similarity).toBeLessThanOrEqual(1);
    }
    expect(selected.map(({ index }) => index)).toEqual(Array.from(order));
    for (const [p, { row, index, rank, gain, weight }] of selected.entries()) {
      expect([row, rank]).toEqual([rows[index], p + 1]);
      expect(weight).toBe(1 + dropped.filter(({ by }) => by === index).length);
      expect(Number.isFinite(gain)).toBe(true);
    }
    expect(dropped.at(-1)).toMatchObject({ index: 40, reason: 'duplicate', duplicateOf: 3 });
  });

  test('the least similarity of a near-duplicate is an option', async () => {
    const vector = ([x, y]: number[]): number[] => [x, y];
    const options = { keep: 1, vector, score: ([x]: number[]): number => x, method: 'prototypes-hard' } as const;
    const points = [
      [10, 0],
      [9, 4],
      [0.7, 0.7],
    ];
    const { kept, dropped } = await pruneRows(points, { ...options, nearDuplicate: 0.95 });
    expect(kept).toEqual([points[0]]);
    const cosine = 9 / Math.hypot(9, 4);
    expect(dropped[0]).toMatchObject({ reason: 'redundant', by: 0, similarity: expect.closeTo(cosine, 6) });
    const others = await pruneRows(points, { ...options, nearDuplicate: 0.91 });
    expect(others.dropped[0].reason).toBe('near-duplicate');
    await expect(pruneRows(points, { ...options, nearDuplicate: 2 })).rejects.toThrow('nearDuplicate must be a number');
  });

  test('takes an async iterable, texts alone, a function for the text, and vectors', async () => {
    const plain = await pruneRows(rows, { keep: '25%' });
    async function* one(): AsyncGenerator<{ body: string }> {
      for (const { text } of rows) yield { body: text };
    }
    for (const other of [
      await pruneRows(one(), { keep: '25%', text: ({ body }) => body }),
      await pruneRows(one(), { keep: '25%', text: 'body' }),
      await pruneRows(
        rows.map(({ text }) => text),
        { keep: '25%' },
      ),
    ])
      expect(other.order).toEqual(plain.order);
    const chats = rows.map(({ text }) => ({
      messages: [
        { role: 'user', content: 'Which?' },
        { role: 'assistant', content: text },
      ],
    }));
    expect((await pruneRows(chats, { keep: '25%', turns: 'assistant' })).order).toEqual(plain.order);
    const nested = rows.map(({ text }) => ({ doc: { body: ` ${text}\r\n` } }));
    expect((await pruneRows(nested, { keep: '25%', text: 'doc.body' })).order).toEqual(plain.order);
    const numbers = Array.from({ length: 30 }, (_, i) => ({ at: [Math.cos(i), Math.sin(i)] }));
    const { kept } = await pruneRows([...numbers, numbers[0]], { keep: '100%', vector: ({ at }) => at });
    expect(kept).toEqual(numbers);
  });

  test('rows without text fail, or are skipped or kept when asked', async () => {
    const some = [...rows.slice(0, 8), { text: ' ' }, { text: null }];
    await expect(pruneRows(some, { keep: 4 })).rejects.toThrow(/row 8 has no text/);
    const skipped = await pruneRows(some, { keep: 4, onBadRow: 'skip' });
    expect(skipped.kept.length).toBe(4);
    expect(skipped.dropped.filter(({ reason }) => reason === 'nothing to embed').map(({ index }) => index)).toEqual([
      8, 9,
    ]);
    const kept = await pruneRows(some, { keep: 4, onBadRow: 'keep' });
    expect(kept.kept.length).toBe(4);
    expect(kept.kept.slice(-2)).toEqual(some.slice(-2));
    expect(kept.selected.length).toBe(2);
  });

  test.each([
    [{ keep: 2, kepe: 3 }, /pruneRows has no option 'kepe'; did you mean 'keep'\?/],
    [{ keep: 41 }, /more than the 40 rows/],
    [{ keep: 2, method: 'random', score: () => 1 }, /--scores means nothing to random/],
    [{}, /keep/],
  ])('%o is refused', async (options, message) => {
    await expect(pruneRows(rows, options as never)).rejects.toThrow(message);
  });
});

describe('prune, the library', () => {
  test.each([
    [['rows.jsonl', { keep: 3, maxToken: 4 }], /prune has no option 'maxToken'; did you mean 'maxTokens'\?/],
    [['rows.jsonl', { keep: 1.5 }], /keep '1.5' is neither/],
    [['rows.jsonl', { keep: 3, nearDuplicate: 2 }], /nearDuplicate must be a number from 0 to 1, got 2/],
    [[[{ text: 'a' }], { keep: 1 }], /an input is an object; .*pruneRows/],
    [[[], { keep: 1 }], /there is no input/],
    [[new URL('ftp://host/a.jsonl'), { keep: 1 }], /ftp addresses cannot be read/],
  ])('%o is refused', async ([input, options], message) => {
    await expect(prune(input as never, options as never)).rejects.toThrow(message);
  });
});

test('what would be misunderstood is refused in one line', async () => {
  const rows = [{ v: [1, 2] }, { v: [2, 1] }] as { v: number[]; text?: string; kind?: string }[];
  const vector = ({ v }: { v: number[] }): number[] => v;
  const refused = (given: unknown, options: object): Promise<unknown> =>
    pruneRows(given as never, { keep: 1, ...options } as never).then(
      () => 'no error',
      (error) => `${error.constructor.name}: ${error.message}`,
    );
  expect(await refused(rows, { vector, onBadRow: 'ignore' })).toMatch(/CoresetError: .*onBadRow 'ignore' is not known/);
  expect(await refused('abc', {})).toMatch(/CoresetError: .*rows are a string; give a list of rows/);
  expect(await refused(null, {})).toMatch(/CoresetError: .*rows are null; give a list/);
  expect(await refused({ a: 1 }, {})).toMatch(/CoresetError: .*rows are an object; give a list/);
  expect(await refused(rows, { vector, text: 'text' })).toMatch(
    /CoresetError: .*text, template or turns, and vector, each say/,
  );
  expect(await refused([{}, ...rows], { vector })).toMatch(/CoresetError: .*vector of row 0 is undefined/);
  const byClass = { vector, method: 'd2-per-class', label: ({ kind }: { kind?: string }) => kind };
  expect(await refused(rows, byClass)).toMatch(/CoresetError: .*the label of row 0 is undefined/);
});
