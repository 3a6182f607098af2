import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRecipe } from './recipes.ts';
import { ROOT } from './support.ts';

const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
const PATH = /(?<![\w./@-])(?:packages|docs|test|bench|scripts|models)\/[\w./-]*\w/g;
const ARCHITECTURE = read('ARCHITECTURE.md');
const CONTRIBUTING = read('CONTRIBUTING.md');

/** Files that the recipes create. */
const CREATED = new Set(
  [...CONTRIBUTING.matchAll(/^## (How to add .*)$/gm)]
    .flatMap(([, heading]) => readRecipe(CONTRIBUTING, heading).steps)
    .filter(({ how }) => how === 'create')
    .map(({ path }) => path),
);

function isFile(path: string): boolean {
  return existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isFile();
}

function foldersUnder(path: string): string[] {
  const inside = readdirSync(join(ROOT, path), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [path, ...inside.flatMap(({ name }) => foldersUnder(`${path}/${name}`))];
}

/** The folders of the tree, by their indentation. */
function treeOf(page: string): string[] {
  const [, block] = /## Folders\n\n```text\n([\s\S]*?)```/.exec(page) ?? [];
  const above: string[] = [];
  return block
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, indent, name] = /^( *)([\w/-]+)\/(?:\s|$)/.exec(line) ?? [line, '', 'no folder'];
      above.length = indent.length / 2;
      above.push(name);
      return above.join('/');
    });
}

const DECISIONS = readdirSync(join(ROOT, 'docs/decisions')).filter((name) => name.endsWith('.md'));
const PAGES = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'README.md', 'docs/selectors.md'];

describe.each([...PAGES, ...DECISIONS.map((name) => `docs/decisions/${name}`)])('%s', (name) => {
  const page = read(name);

  test('names no path that is not there', () => {
    const named = [...page.matchAll(PATH)].map(([path]) => path);
    const linked = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => join(dirname(name), path));
    const missing = [...named, ...linked].filter((path) => !existsSync(join(ROOT, path)) && !CREATED.has(path));
    expect(missing).toEqual([]);
  });

  test('names nothing in a file that is not in it', () => {
    const text = page.replace(/\s+/g, ' ');
    const missing = [...text.matchAll(/((?:`\w+` and )?`\w+`) (?:in|into) `(packages\/[\w./-]+)`/g)].flatMap(
      ([, names, path]) =>
        [...names.matchAll(/\w{3,}/g)]
          .filter(([name]) => name !== 'and' && !read(path).includes(name))
          .map(([name]) => `${name} in ${path}`),
    );
    expect(missing).toEqual([]);
  });
});

test('the tree has a line for every folder of the sources, and no other', () => {
  const sources = readdirSync(join(ROOT, 'packages')).flatMap((name) => foldersUnder(`packages/${name}/src`));
  expect(treeOf(ARCHITECTURE).slice(1).sort()).toEqual(sources.sort());
});

test('the picture of the int8 search names files of kernels', () => {
  const [, picture] = /## The int8 search\n\n```text\n([\s\S]*?)```/.exec(ARCHITECTURE) ?? [];
  const named = [...picture.matchAll(/(?:[\w-]+\/)+[\w-]+\.\w+/g)].map(([path]) => `packages/kernels/${path}`);
  expect(named).toHaveLength(4);
  expect(named.filter((path) => !isFile(path))).toEqual([]);
});

test('the packages are in the order of the data', () => {
  const order = [...ARCHITECTURE.matchAll(/^\d+\. \*\*(\w+)\*\*/gm)].map(([, name]) => name);
  expect([...order].sort()).toEqual(readdirSync(join(ROOT, 'packages')).sort());
  for (const [at, name] of order.entries()) {
    const { dependencies = {} } = JSON.parse(read(`packages/${name}/package.json`));
    const needed = Object.keys(dependencies).flatMap(
      (library) => /^@coreset\/(?!models)(\w+)$/.exec(library)?.[1] ?? [],
    );
    expect(order.slice(0, at), name).toEqual(expect.arrayContaining(needed));
  }
});

test('each path to walk has four files at most', () => {
  const [, section] = /## Paths to walk\n([\s\S]*?)\n## /.exec(ARCHITECTURE) ?? [];
  const walks = section.split(/^### /m).slice(1);
  expect(walks.map((walk) => walk.split('\n')[0])).toEqual([
    'Exact neighbours',
    'Inverted file',
    'k-means',
    'Coverage (auto)',
    'Steering a selection',
    'Why a row was dropped',
    'What a run left',
    'The map',
    'Resume',
    'Other files',
    'A corpus that grew',
    'Plan',
    'A cell of a notebook',
    'What decided a result',
    'D2 forward',
    'D2 reverse',
  ]);
  for (const walk of walks) {
    const files = [...walk.matchAll(/^\d\. `([^`]+)` \S.*\.$/gm)].map(([, path]) => path);
    expect(walk.match(/^\d\. /gm), walk).toHaveLength(files.length);
    expect(files.length, walk).toBeGreaterThan(1);
    expect(files.length, walk).toBeLessThanOrEqual(4);
    expect(files.filter((path) => !isFile(path))).toEqual([]);
  }
});
