import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
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

/** What a reader must find in each notebook's outputs; pictures as the SVG that they are. */
const EXPECTED: Record<string, RegExp[]> = {
  '01-quickstart.ipynb': [
    /✓ read · embed · prototypes · difficulty · graph · map/,
    /Kept 3,600 of 12,000 rows/,
    />outranked 5,\d{3}</,
    /of 12,000 rows drawn, laid out by UMAP/,
    /(row \d+ · .*near-duplicate.*){6}6 of 5\d\d dropped rows \(near-duplicate\)/s,
    /Mean distance of a row to the nearest kept row: 0\.5\d+; with as many rows kept at random: 0\.5\d+, which/,
    /id: '389-ds-base-dev'/,
  ],
  '02-what-each-selector-keeps.ipynb': [
    /graph: 1,271 rows × 32 neighbours/,
    /1271 rows of class libs, of which each keeps 127/,
    /(facility-location.*){3}/s,
    /near-duplicates<\/th>(.*<tr>){6}/s,
  ],
  '03-the-packages-one-by-one.ipynb': [
    /1,200 rows × 64/,
    /embeddings: 3 rows × 384 columns/,
    /nearest of 20 prototypes/,
    /recall 1/,
    /selection: 240 of 1,200 rows/,
    /row \d+ was dropped: near-duplicate of row \d+/,
    /difficulty →/,
    /these picks</,
    /1,200 rows, laid out by UMAP/,
  ],
  '04-steering.ipynb': [
    /embeddings: 2,000 rows × 384 columns/,
    /5 of \d+ dropped rows \(near-duplicate\)/,
    /left out, as was asked for/,
    /kept, equal<\/th>(.*<tr>){12}/s,
    /\d+ rows, (10,000|9,\d\d\d) characters/,
    /dropped rows \(against\)/,
  ],
  '05-comparing-methods.ipynb': [
    /150 rows kept(.*<code>(auto|d2|moderate|random)<\/code>){4}.*900 rows kept(.*<code>(auto|d2|moderate|random)<\/code>){4}/s,
    /accuracy with all 2,400 rows: 0\.\d{3}/,
  ],
};

const notebooks = readdirSync(join(ROOT, 'notebooks')).filter((name) => name.endsWith('.ipynb'));

test('every notebook is tested', () => {
  expect(notebooks.sort()).toEqual(Object.keys(EXPECTED).sort());
});

function cellsOf(path: string): Cell[] {
  return JSON.parse(readFileSync(path, 'utf8')).cells;
}

function shownBy(cells: Cell[]): string {
  const outputs = cells.flatMap((cell) => cell.outputs ?? []);
  const shown = outputs.flatMap(({ text, data }) => [
    ...(text ?? []),
    ...(data?.['text/html'] ?? data?.['text/plain'] ?? []),
  ]);
  return shown
    .join('')
    .replace(/src="data:image\/svg\+xml;base64,([^"]*)"/g, (_, svg) => Buffer.from(svg, 'base64').toString());
}

test.each(notebooks)('%s is committed with what it shows, in few bytes', (name) => {
  const path = join(ROOT, 'notebooks', name);
  for (const expected of EXPECTED[name]) expect(shownBy(cellsOf(path))).toMatch(expected);
  expect(readFileSync(path).length).toBeLessThan(500e3);
  expect(readFileSync(path, 'utf8')).not.toMatch(/\/(root|home|work|tmp)\//);
});

test.each(notebooks)('%s runs headless and shows what it says', { timeout: 400_000 }, (name) => {
  // A copy: what notebooks leave beside them is not left in the clone, and nothing that was left is used again.
  const folder = join(temporaryFolder(), 'notebooks');
  mkdirSync(folder);
  mkdirSync(join(folder, '../test'));
  for (const beside of ['test/corpora', 'test/parity']) symlinkSync(join(ROOT, beside), join(folder, '..', beside));
  cpSync(join(ROOT, 'notebooks', name), join(folder, name));
  const out = temporaryFolder();
  const path = join(folder, name);
  const args = ['scripts/jupyter.mjs', 'nbconvert', '--to', 'notebook', '--execute', '--output-dir', out, path];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const cells = cellsOf(join(out, name));
  const outputs = cells.flatMap((cell) => cell.outputs ?? []);
  const errors = outputs.filter(({ output_type, name }) => output_type === 'error' || name === 'stderr');
  expect(errors).toEqual([]);
  for (const expected of EXPECTED[name]) expect(shownBy(cells)).toMatch(expected);
});
