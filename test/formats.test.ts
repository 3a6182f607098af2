import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Finding, findings } from './formats/tool-files.ts';
import { ROOT, temporaryFolder } from './support.ts';

const DOCS = join(ROOT, 'docs/formats.md');
const MARKS = ['<!-- made by test/formats.test.ts -->\n', '<!-- end -->'];

let found: Finding[];

beforeAll(async () => {
  found = await findings(temporaryFolder());
});

test('every file is read, kept and equal', () => {
  const wrong = found.filter(({ reads, keeps, equals }) => [reads, keeps, equals].some((result) => result !== 'yes'));
  expect(wrong.map(({ file: { format, tool, how }, ...results }) => ({ format, tool, how, ...results }))).toEqual([]);
});

test('the table in docs/formats.md is the one that these files give; UPDATE_FORMATS=1 makes it', () => {
  const docs = readFileSync(DOCS, 'utf8');
  const [before, rest] = docs.split(MARKS[0]);
  const [table, after] = rest.split(MARKS[1]);
  if (process.env.UPDATE_FORMATS === '1')
    writeFileSync(DOCS, [before, MARKS[0], tableOf(found), MARKS[1], after].join(''));
  else expect(table).toBe(tableOf(found));
});

/** A line for each tool and format. */
function tableOf(all: Finding[]): string {
  const groups = new Map<string, Finding[]>();
  for (const finding of all) {
    const { format, tool } = finding.file;
    groups.set(`${format}\n${tool}`, [...(groups.get(`${format}\n${tool}`) ?? []), finding]);
  }
  const formats = [...new Set(all.map(({ file: { format } }) => format))];
  const byFormat = [...groups.values()].sort(
    (a, b) => formats.indexOf(a[0].file.format) - formats.indexOf(b[0].file.format),
  );
  const lines = byFormat.map((group) => {
    const [{ file }] = group;
    const written = [...new Set(group.map(({ file: { fold } }) => fold))].join('; ');
    return [
      file.format,
      TOOLS[file.tool] ?? file.tool,
      written,
      ...(['reads', 'keeps', 'equals'] as const).map((what) => summary(group, what)),
    ];
  });
  return markdown([['format', 'tool', 'written how', 'reads', 'keeps', 'equals'], ...lines]);
}

const TOOLS: Record<string, string> = { csv: "Python's `csv`", json: "Python's `json`", open: "Python's `open`" };

function summary(group: Finding[], what: 'reads' | 'keeps' | 'equals'): string {
  const others = group.filter((finding) => finding[what] !== 'yes');
  return others.length === 0 ? 'yes' : others.map((finding) => `${finding.file.how}: ${finding[what]}`).join('; ');
}

function markdown([head, ...rows]: string[][]): string {
  const widths = head.map((_, c) => Math.max(...[head, ...rows].map((row) => row[c].length)));
  const line = (cells: string[]): string => `| ${cells.map((cell, c) => cell.padEnd(widths[c])).join(' | ')} |\n`;
  return ['\n', line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line), '\n'].join('');
}
