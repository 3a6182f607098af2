import { commandLine, shellWord } from '@coreset/report';
import { expect, test } from 'vitest';
import { runOf } from '../dist/question/command-line.js';

test('a page finds its run directory by its own address', () => {
  const of = (address: string): string => runOf(new URL(address));
  expect(of('file:///home/ada/50%25%20%23a%20%C3%BC/report.html?x=/y#/z')).toBe('/home/ada/50% #a ü');
  expect(of('file:///report.html')).toBe('/');
  expect(of('file:///bytes%ff/report.html')).toBe('/bytes%ff');
  expect(of('https://a.org/runs/corpus.coreset/report.html')).toBe('corpus.coreset');
  expect(of('http://localhost:8000/')).toBe('RUN');
  expect(of('about:srcdoc')).toBe('RUN');
  expect(of('blob:https://a.org/4c0e')).toBe('RUN');
});

test('a command line is put together for a shell', () => {
  const parts = ['head -n ', { of: 'budget' }, ' ', { of: 'run' }, '/a{n}'] as const;
  expect(commandLine(parts, { run: '/run', budget: 7 })).toBe('head -n 7 /run/a{n}');
  expect(commandLine(parts, { run: "it's $x", budget: 7 })).toBe("head -n 7 'it'\\''s $x'/a{n}");
  expect(shellWord('')).toBe("''");
});
