import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openRows, writeKeptRows } from '@coreset/rows';
import { beforeAll, expect, test } from 'vitest';
import { coreset, ROOT, temporaryFolder } from './support.ts';

const folder = temporaryFolder();

/** The files that the commands in docs/formats.md name. */
const FILES: Record<string, string | Uint8Array> = {
  'book.xlsx': 'PK\x03\x04\0\0and more',
  'notes.md': 'some notes\n',
  'rows.parquet': '{"text":"a"}\n',
  'pointer.parquet': 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n',
  'page.csv': '<!DOCTYPE html><html></html>',
  'rows.jsonl.gz': '{"text":"a"}\n',
  'packed.parquet': gzipSync('PAR1'),
  'cut.parquet': 'PAR1\0\x01\x02 and so on',
  'cut.arrow': 'ARROW1\0\0',
  'old.feather': 'FEA1\0\0\0\0FEA1',
  'rows.jsonl': '{"id":1,"text":"a"}\n{"id":2,"text":"b"}\n',
  'empty.jsonl': '',
  'broken.jsonl': '{"text":"a"}\n{"text": "b\n',
  'lists.jsonl': '{"text":"a"}\n["b"]\n',
  'latin.csv': Buffer.from('id,text\n1,f\xfcr\n', 'latin1'),
  'rows.csv': 'id,text\n1,a\n',
  'other.csv': 'text,id\nb,2\n',
  'unclosed.csv': 'id,text\n1,"a\n2,b\n',
  'long.csv': 'id,text\n1,a\n2,b,c\n',
  'columns.json': '{"text":{"0":"a","1":"b"},"id":{"0":1,"1":2}}',
  'two.jsonl': '{"title":"a","summary":"b"}\n',
  'gaps.jsonl': '{"text":"a"}\n{"text":null}\n',
  'repeated.jsonl': '{"id":1,"text":"a"}\n{"id":1,"text":"b"}\n',
  'mixed/a.jsonl': '{"text":"a"}\n',
  'mixed/b.csv': 'text\nb\n',
  'nothing/readme': '',
  'number.jsonl': '{"text":"a","n":1}\n',
  'word.jsonl': '{"text":"a","n":"one"}\n',
};

beforeAll(async () => {
  for (const [name, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
  }
  const write = (from: string, to: string): Promise<void> =>
    writeKeptRows(openRows(join(folder, from)), () => true, join(folder, to));
  for (const format of ['parquet', 'arrow']) {
    await write('number.jsonl', `number.${format}`);
    await write('word.jsonl', `word.${format}`);
  }
  mkdirSync(join(folder, 'hive/lang=en'), { recursive: true });
  await write('rows.jsonl', 'hive/lang=en/part-0.parquet');
});

/** The commands of the page, each with what it answers. */
function quoted(): { command: string; answer: string }[] {
  const page = readFileSync(join(ROOT, 'docs/formats.md'), 'utf8');
  const blocks = [...page.matchAll(/```console\n(.*?)```/gs)].map(([, block]) => block);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command, ...answer] = part.trimEnd().split('\n');
        return { command, answer: answer.join('\n').trimEnd() };
      }),
  );
}

/** The words of a command, without the quotes around them. */
function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|\S+/g)].map(([word, single, double]) => single ?? double ?? word);
}

test('docs/formats.md quotes refusals', () => {
  expect(quoted().length).toBeGreaterThan(40);
});

test.each(quoted())('$command', ({ command, answer }) => {
  const [line, piped] = command.split(' < ');
  const [name, ...args] = words(line);
  expect(name).toBe('coreset');
  const input = piped === undefined ? '' : readFileSync(join(folder, piped));
  const { status, stdout, stderr } = coreset(args, { cwd: folder, input });
  // What Node says of broken JSON differs from version to version.
  const told = stderr.trimEnd().replace(/(?<=broken JSON )\(.*\)/, '(…)');
  expect({ status, stdout, answer: told }).toEqual({ status: 2, stdout: '', answer });
});
