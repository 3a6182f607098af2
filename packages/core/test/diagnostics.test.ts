import { spawnSync } from 'node:child_process';
import { diagnose, diagnosticsLine, RUN_OPTIONS, requireKnownOptions } from '@coreset/core';
import { expect, test } from 'vitest';

test('what is told is plain JSON, without what is undefined', () => {
  const told: unknown[] = [];
  const onDiagnostics = (...args: unknown[]): unknown => told.push(args);
  diagnose({ onDiagnostics }, 'graph', { k: 3, seed: undefined, files: { a: 'b' }, commit: null });
  diagnose({ onDiagnostics }, 'graph', { seed: undefined });
  expect(told).toEqual([['graph', { k: 3, files: { a: 'b' }, commit: null }]]);
});

test('as a line each name stands before its value, and a value is one word or JSON', () => {
  const facts = { backend: 'exact', share: 0.5, pairs: true, seed: null, source: 'prototype distance', prompt: '' };
  expect(diagnosticsLine('graph', { ...facts, columns: ['a b', 'c'], files: { 'x.json': 'ab' } })).toBe(
    'graph: backend=exact share=0.5 pairs=true seed=null source="prototype distance" prompt="" columns=["a b","c"] files={"x.json":"ab"}',
  );
  expect(diagnosticsLine('embed', { template: 'a\nb', field: 'a=b' })).toBe('embed: template="a\\nb" field="a=b"');
});

test('it is an option of every function that takes long, and a function', () => {
  expect(() => requireKnownOptions('f', { onDiagnostics: true }, RUN_OPTIONS)).toThrow(
    /^onDiagnostics is a function, got boolean$/,
  );
});

test('without a listener it is written on standard error for whoever sets NODE_DEBUG=coreset', () => {
  const code = `import { diagnose } from ${JSON.stringify(import.meta.resolve('@coreset/core'))};
    diagnose({}, 'graph', { k: 3 });
    diagnose({ onDiagnostics: () => {} }, 'graph', { k: 4 });`;
  const run = (debug: string): string =>
    spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      env: { ...process.env, NODE_DEBUG: debug },
    }).stderr;
  expect(run('coreset')).toMatch(/^CORESET \d+: graph: k=3\n$/);
  expect(run('other')).toBe('');
});
