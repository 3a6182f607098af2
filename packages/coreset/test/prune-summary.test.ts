import { shellWord } from '@coreset/report';
import pc from 'picocolors';
import { expect, test } from 'vitest';
import { allFiles, ownName, pruneSummary } from '../dist/cli/prune-summary.js';
import type { PruneResult } from '../dist/prune.js';

const plain = pc.createColors(false);

const result: PruneResult = {
  rows: 12000,
  kept: 3600,
  duplicates: 3,
  indistinguishable: 0,
  reasons: { duplicate: 1, 'near-duplicate': 300, redundant: 2099, outranked: 6000 },
  meanDistance: { kept: 0.541, random: 0.571 },
  order: new Int32Array(0),
  seconds: { embed: 20, difficulty: 0, select: 2.4 },
  reused: ['difficulty'],
  files: {
    kept: 'kept.jsonl',
    runDir: 'my run',
    selection: 'my run/selection.json',
    selected: 'my run/selected.jsonl',
    dropped: 'my run/dropped.jsonl',
    report: 'my run/report.html',
  },
};

test('a run is told in six lines', () => {
  expect(pruneSummary(result, plain)).toEqual([
    'kept      3,600 of 12,000 rows (30 %): kept.jsonl',
    'dropped   8,400: 6,000 outranked, 2,099 redundant, 300 near-duplicates, 1 duplicate',
    'coverage  nearest kept row 0.541 away on average; 0.571 at random (5 % nearer)',
    "report    my run/report.html (coreset show 'my run')",
    "why       coreset explain 'my run' ROW",
    'time      22 s (reused: difficulty); all files are in my run',
  ]);
});

test('where nothing is dropped, nothing is said of that; coverage may be worse than at random', () => {
  const all = pruneSummary({ ...result, kept: 12000, reasons: {}, files: { ...result.files, kept: '-' } }, plain);
  expect(all.map((line) => line.split(' ')[0])).toEqual(['kept', 'report', 'time']);
  expect(all[0]).toBe('kept      12,000 of 12,000 rows (100 %): standard output');
  const coverage = (kept: number, random: number): string =>
    pruneSummary({ ...result, meanDistance: { kept, random } }, plain)[2];
  expect(coverage(0.6, 0.5)).toContain('(20 % farther)');
  expect(coverage(0.5, 0.5)).toContain('(as near)');
  expect(coverage(0, 0)).toContain('(as near)');
});

test('the other files and the time of each stage are there when asked for', () => {
  const text = allFiles(result, plain).join('\n');
  for (const name of ['selection.json', 'selected.jsonl', 'dropped.jsonl']) expect(text).toContain(`my run/${name}`);
  expect(text).toContain('embed 20.0 s, difficulty reused, select 2.4 s');
});

test('a path to copy is one word of the shell', () => {
  expect(['a.coreset', 'a b', "it's", '$HOME', '-x', ''].map(shellWord)).toEqual([
    'a.coreset',
    "'a b'",
    "'it'\\''s'",
    "'$HOME'",
    "'-x'",
    "''",
  ]);
});

test('it names the command as it was called', () => {
  expect(ownName({ npm_command: 'exec' })).toBe('npx coreset');
  expect(ownName({ npm_command: 'test' })).toBe('coreset');
  expect(pruneSummary(result, plain, 'npx coreset').join('\n')).toMatch(/npx coreset show .*npx coreset explain /s);
});
