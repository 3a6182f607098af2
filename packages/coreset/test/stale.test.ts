import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PruneOptions, prune } from 'coreset';
import { describe, expect, test } from 'vitest';
import { corpusRows, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const rows = corpusRows(24).map(({ id, text, section }, n) => ({
  id,
  title: section,
  text: `${text} é ${'and more of it '.repeat(4)}`,
  messages: [
    { role: 'user', content: text },
    { role: 'assistant', content: section },
  ],
  score: n,
}));
const jsonl = join(folder, 'rows.jsonl');
const csv = join(folder, 'rows.csv');
writeFileSync(jsonl, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
writeFileSync(csv, Buffer.from(`n;text\n${rows.map(({ text }, n) => `${n};"${text}"`).join('\n')}\n`, 'latin1'));

/** One option changed, and the first stage that has to run again. */
const CHANGES: [string, string, Partial<PruneOptions>, Partial<PruneOptions>, string][] = [
  ['text', jsonl, { text: 'text' }, { text: 'title' }, 'embed'],
  ['the order of texts', jsonl, { text: ['text', 'title'] }, { text: ['title', 'text'] }, 'embed'],
  ['template', jsonl, { template: '{title}: {text}' }, { template: '{title}, {text}' }, 'embed'],
  ['turns', jsonl, { text: 'messages', turns: 'user' }, { text: 'messages', turns: 'assistant' }, 'embed'],
  ['encoding', csv, { encoding: 'latin1', text: 'text' }, { encoding: 'iso-8859-2', text: 'text' }, 'embed'],
  ['maxTokens', jsonl, { maxTokens: 16 }, { maxTokens: 17 }, 'embed'],
  ['long', jsonl, { maxTokens: 16 }, { maxTokens: 16, long: 'mean' }, 'embed'],
  ['pooling', jsonl, {}, { pooling: 'cls' }, 'embed'],
  ['normalise', jsonl, {}, { normalise: false }, 'embed'],
  ['prefix', jsonl, {}, { prefix: 'a ' }, 'embed'],
  ['scores', jsonl, {}, { scores: 'score' }, 'difficulty'],
  ['prototypes', jsonl, { prototypes: 3 }, { prototypes: 4 }, 'difficulty'],
  ['k', jsonl, { k: 5 }, { k: 6 }, 'graph'],
  ['backend', jsonl, { backend: 'exact' }, { backend: 'ivf' }, 'graph'],
  ['keep', jsonl, { keep: 6 }, { keep: 7 }, 'select'],
  ['method', jsonl, {}, { method: 'd2' }, 'graph'],
  ['seed', jsonl, { method: 'random', seed: 1 }, { method: 'random', seed: 2 }, 'difficulty'],
  ['duplicates', jsonl, {}, { dropDuplicates: false }, 'select'],
  ['gammaReverse', jsonl, { gammaReverse: 1 }, { gammaReverse: 0.5 }, 'select'],
  ['id', jsonl, {}, { id: 'none' }, 'select'],
  ['map', jsonl, { map: 'umap' }, { map: 'pca' }, 'map'],
];

const STAGES = ['embed', 'difficulty', 'graph', 'select', 'map'];

describe('a result of other options is not used again', () => {
  test.each(CHANGES)('%s', async (_, input, before, after, first) => {
    const runDir = join(mkdtempSync(join(folder, 'run-')), 'run');
    const run = (options: Partial<PruneOptions>): ReturnType<typeof prune> =>
      prune(input, { keep: 6, threads: 1, runDir, ...options });
    await run(before);
    expect((await run(before)).reused).toEqual(STAGES);
    const { reused } = await run(after);
    expect(reused).not.toContain(first);
    expect(reused.slice(0, STAGES.indexOf(first))).toEqual(STAGES.slice(0, STAGES.indexOf(first)));
  });
});
