import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { folderAtStart, folderOfCell } from '../dist/kernel/notebook-folder.js';
import { Wire } from '../dist/kernel/wire.js';
import { calledAt, hoverOf } from '../dist/language/hover.js';
import { charactersOf, unitsOf } from '../dist/language/positions.js';
import { isPackageName } from '../dist/language/typescript.js';

const folder = temporaryFolder();
mkdirSync(join(folder, 'in'));

test('the folder of a notebook is that of the path that Jupyter gives', () => {
  expect(folderAtStart({ JPY_SESSION_NAME: join(folder, 'in', 'a.ipynb') }, '/')).toBe(join(folder, 'in'));
  expect(folderAtStart({ JPY_SESSION_NAME: 'in/a.ipynb' }, folder)).toBe(join(folder, 'in'));
  expect(folderAtStart({ JPY_SESSION_NAME: 'gone/a.ipynb' }, folder)).toBe(folder);
  expect(folderAtStart({ JPY_SESSION_NAME: 'a name' }, folder)).toBe(folder);
  expect(folderAtStart({}, folder)).toBe(folder);
});

test('VS Code names it with each cell', () => {
  const { pathname } = pathToFileURL(join(folder, 'in', 'ä b.ipynb'));
  expect(folderOfCell({ cellId: `vscode-notebook-cell:${pathname}#W0sZmlsZQ%3D%3D` })).toBe(join(folder, 'in'));
  expect(folderOfCell({ cellId: `vscode-notebook-cell://ssh-remote%2Bhost${pathname}#W0s` })).toBe(join(folder, 'in'));
  for (const cellId of [
    'vscode-notebook-cell:Untitled-1.ipynb?jupyter-notebook#W0s',
    `vscode-notebook-cell:${pathname.replace('/in/', '/gone/')}#W0s`,
    '7c9a3c0e-6c1a-4f6e-b6f5-0c2d1b0a9f31',
    undefined,
  ])
    expect(folderOfCell({ cellId })).toBeUndefined();
});

test('positions count characters of Unicode', () => {
  const text = 'a😀b';
  expect([0, 1, 2, 3, 9].map((characters) => unitsOf(text, characters))).toEqual([0, 1, 3, 4, 4]);
  expect([0, 1, 3, 4].map((units) => charactersOf(text, units))).toEqual([0, 1, 2, 3]);
});

test('inside the brackets of a call the called name is found', () => {
  const at = (source: string): string => {
    const position = calledAt(source, source.length);
    return position === undefined ? '' : source.slice(0, position + 1);
  };
  expect(at('f(1, ')).toBe('f');
  expect(at('f(g(1), (2), [')).toBe('f');
  expect(at('f(g(')).toBe('f(g');
  expect(at('f(1)')).toBe('');
  expect(at('(1 + ')).toBe('');
});

test('links in docs are their targets', () => {
  const documentation = [{ text: 'like {@link prune } or {@linkcode a.b | that}' }];
  expect(hoverOf({ displayParts: [{ text: 'f()' }], documentation })).toEqual({
    'text/plain': 'f()\n\nlike prune or a.b',
    'text/markdown': '```typescript\nf()\n```\n\nlike prune or a.b',
  });
});

test('a message that is not signed with the key is none', () => {
  const wire = new Wire('secret');
  const frames = (key: string): Buffer[] =>
    new Wire(key)
      .write({ identities: [Buffer.from('me')], type: 'execute_request', parent: undefined, content: { code: '1' } })
      .map((frame) => Buffer.from(frame));
  const read = wire.read(frames('secret'));
  expect(read?.identities.map(String)).toEqual(['me']);
  expect(read).toMatchObject({ header: { msg_type: 'execute_request' }, content: { code: '1' }, metadata: {} });
  expect(wire.read(frames('another'))).toBeUndefined();
  expect(wire.read(frames('secret').slice(0, 3))).toBeUndefined();
});

test('paths and URLs are no names of packages', () => {
  expect(['coreset', '@coreset/core', 'a/b', '.hidden'].map(isPackageName)).toEqual([true, true, true, true]);
  expect(['./a', '../a', '/a', '.', '..', 'node:fs', 'file:///a'].map(isPackageName)).toEqual(Array(7).fill(false));
});
