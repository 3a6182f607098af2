import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, temporaryFolder } from './support.ts';

interface Output {
  output_type: string;
  text?: string[];
  name?: string;
  data?: Record<string, string[]>;
}

interface Cell {
  cell_type: string;
  source: string[];
  outputs?: Output[];
}

/** What a reader must find in each notebook's outputs. */
const EXPECTED: Record<string, (RegExp | [string, number])[]> = {
  '01-quickstart.ipynb': [
    /12000 rows, for example: a7xpg – chase action game/,
    /embeddings: 12000 × 384/,
    /graph: 12000 rows × 10 neighbours, 339 exact duplicates/,
    /kept 3600 of 12000 rows/,
    /stands for it<\/th>(.*<tr>){10}/s,
    />auto<.*>d2<.*>random</s,
    ['<svg', 3],
    ['<circle', 3000],
  ],
  '02-what-each-selector-keeps.ipynb': [
    /1271 rows of class libs/,
    /each keeps 127 rows/,
    ['<svg', 2],
    /near-duplicates<\/th>(.*<tr>){6}/s,
  ],
};

const notebooks = readdirSync(join(ROOT, 'notebooks')).filter((name) => name.endsWith('.ipynb'));

test('every notebook is tested', () => {
  expect(notebooks.sort()).toEqual(Object.keys(EXPECTED).sort());
});

test.each(notebooks)('%s runs headless and shows what it says', { timeout: 400_000 }, (name) => {
  const out = temporaryFolder();
  const args = ['scripts/jupyter.mjs', 'nbconvert', '--to', 'notebook', '--execute', '--output-dir', out, name];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const cells: Cell[] = JSON.parse(readFileSync(join(out, name), 'utf8')).cells;
  const outputs = cells.flatMap((cell) => cell.outputs ?? []);
  // An unhandled rejection leaves the exit code at 0, so the outputs are looked at too.
  const errors = outputs.filter(({ output_type, name }) => output_type === 'error' || name === 'stderr');
  expect(errors).toEqual([]);
  const shown = outputs.flatMap(({ text, data }) => [...(text ?? []), ...(data?.['text/html'] ?? [])]).join('');
  for (const expected of EXPECTED[name]) {
    if (Array.isArray(expected)) expect(shown.split(expected[0]).length - 1).toBe(expected[1]);
    else expect(shown).toMatch(expected);
  }
});
