import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { detectKind, openRows, readRows } from '@coreset/rows';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { CASES, column, file, folder, kept, read } from './support.ts';

const MAKE = `
import bz2, gzip, io, json, lzma, struct, pandas, polars, zipfile, zstandard, numpy, pyarrow as pa, pyarrow.parquet as pq
lines = [json.dumps({'text': f'row {i} ' + 'xyz'[i % 3] * (i % 50)}) + '\\n' for i in range(20000)]
data = ''.join(lines).encode()
df = pandas.DataFrame({'text': [f'row {i}' for i in range(3000)]})
def put(name, b):
    with open(name, 'wb') as f: f.write(b)
put('plain.jsonl', data)
put('one.jsonl.gz', gzip.compress(data))
put('members.jsonl.gz', b''.join(gzip.compress(data[i:i + 100_003]) for i in range(0, len(data), 100_003)) + b'\\0' * 512)
C = zstandard.ZstdCompressor
put('one.jsonl.zst', C(level=3, write_checksum=True).compress(data))
put('nosum.jsonl.zstd', C(level=1, write_checksum=False, write_content_size=False).compress(data))
put('long.jsonl.zst', C(compression_params=zstandard.ZstdCompressionParameters(window_log=25, enable_ldm=True, compression_level=19)).compress(data))
skip = lambda n: struct.pack('<II', 0x184D2A50 + n % 16, n) + b'\\x28' * n
c = C(write_checksum=True)
put('frames.jsonl.zst', b''.join(skip(i % 40) + c.compress(data[at:at + 70_001]) for i, at in enumerate(range(0, len(data), 70_001))) + c.compress(b'') + skip(0))
b = io.BytesIO()
with C().stream_writer(b, closefd=False) as w:
    for line in lines: w.write(line.encode())
put('stream.jsonl.zst', b.getvalue())
put('zeros.txt.zst', C().compress((b'0' * 999 + b'\\n') * 20000))
put('packed.bin', C().compress(data))
put('a.jsonl.bz2', bz2.compress(data)); put('a.jsonl.xz', lzma.compress(data)); put('bz2.jsonl', bz2.compress(data))
df.to_csv('pandas.csv.zst', index=False); df.to_csv('pandas.csv.gz', index=False)
df.to_json('pandas.jsonl.zst', orient='records', lines=True); df.to_json('pandas.json.gz', orient='records')
polars.DataFrame({'text': df.text.tolist()}).write_csv('polars.csv.zst', compression='zstd', check_extension=False) if 'compression' in polars.DataFrame.write_csv.__annotations__ else df.to_csv('polars.csv.zst', index=False)
pq.write_table(pa.table({'text': ['a']}), 'a.parquet'); pq.write_table(pa.table({'text': ['a']}), 'parquet.jsonl'); pq.write_table(pa.table({'text': ['a']}), 'noname')
with pa.OSFile('arrow.csv', 'wb') as f, pa.ipc.new_file(f, pa.schema([('a', pa.int32())])) as w: w.write(pa.record_batch([pa.array([1], pa.int32())], ['a']))
numpy.save('a', numpy.zeros((2, 3), 'f4'))
with open('array', 'wb') as f: numpy.save(f, numpy.zeros((2, 3), 'f4'))
with zipfile.ZipFile('table.csv', 'w') as z: z.writestr('a.txt', 'x')
`;

describe('files of other tools', () => {
  python(MAKE, [], folder);

  test.each([
    'one.jsonl.gz',
    'members.jsonl.gz',
    'one.jsonl.zst',
    'nosum.jsonl.zstd',
    'long.jsonl.zst',
    'frames.jsonl.zst',
    'stream.jsonl.zst',
  ])('%s holds what was packed', async (name) => {
    const path = join(folder, name);
    expect(openRows(path)).toMatchObject({ format: 'jsonl', compression: name.includes('.gz') ? 'gzip' : 'zstd' });
    const unpacked = await kept(path, () => true, 'unpacked.jsonl');
    expect(unpacked.equals(readFileSync(join(folder, 'plain.jsonl')))).toBe(true);
  });

  test.each(['pandas.csv.zst', 'pandas.csv.gz', 'pandas.jsonl.zst', 'pandas.json.gz', 'polars.csv.zst'])(
    '%s',
    async (name) => {
      const texts = await column(join(folder, name), 'text');
      expect(texts).toEqual(Array.from({ length: 3000 }, (_, i) => `row ${i}`));
    },
  );

  test('a few bytes may hold much', async () => {
    let rows = 0;
    for await (const { text } of openRows(join(folder, 'zeros.txt.zst')).read(['text']))
      rows += Number((text as string).length === 999);
    expect(rows).toBe(20_000);
  });

  test('kept files are packed as their names say, for other tools to read', async () => {
    const path = join(folder, 'frames.jsonl.zst');
    const expected = readFileSync(join(folder, 'plain.jsonl'), 'latin1')
      .split(/(?<=\n)/)
      .filter((_, i) => i % 2 === 0)
      .join('');
    for (const name of ['kept.jsonl.zst', 'kept.jsonl.zstd', 'kept.jsonl.gz'])
      await kept(path, (row) => row % 2 === 0, name);
    await kept(path, () => false, 'none.jsonl.zst');
    await kept(path, () => false, 'none.jsonl.gz');
    expect(gunzipSync(readFileSync(join(folder, 'kept.jsonl.gz'))).toString()).toBe(expected);
    const theirs = python(
      `
import hashlib, io, pandas, zstandard
for name in ('kept.jsonl.zst', 'kept.jsonl.zstd', 'none.jsonl.zst'):
    with zstandard.open(name, 'rb') as f: print(hashlib.sha1(f.read()).hexdigest())
print(len(pandas.read_json('kept.jsonl.zst', lines=True)), len(pandas.read_json('kept.jsonl.gz', lines=True)))`,
      [],
      folder,
    )
      .trim()
      .split('\n');
    const { createHash } = await import('node:crypto');
    const hash = (text: string): string => createHash('sha1').update(text).digest('hex');
    expect(theirs).toEqual([hash(expected), hash(expected), hash(''), '10000 10000']);
    for (const name of ['none.jsonl.zst', 'none.jsonl.gz']) expect(await readRows(join(folder, name))).toEqual([]);
    await expect(kept(path, () => true, 'kept.jsonl.xz')).rejects.toThrow(
      /.xz files are not written; name it .gz or .zst/,
    );
    await expect(kept(join(folder, 'a.npy'), () => true, 'kept.npy.gz')).rejects.toThrow(
      /a kept npy file is not packed; name it without .gz/,
    );
  });

  test('more than is packed at once', async () => {
    const path = file('large.txt', Array.from({ length: 90_000 }, (_, i) => `${i}${'ab'.repeat(60)}\n`).join(''));
    for (const name of ['large.txt.gz', 'large.txt.zst']) {
      await kept(path, () => true, name);
      const again = await kept(join(folder, name), () => true, 'large-again.txt');
      expect(again.equals(readFileSync(path))).toBe(true);
    }
  });

  test('content that is certain is read whatever the name', async () => {
    expect(openRows(join(folder, 'noname')).format).toBe('parquet');
    expect(openRows(join(folder, 'array')).format).toBe('npy');
    expect(detectKind(join(folder, 'packed.bin'))).toEqual({ format: 'jsonl', compression: 'zstd' });
    expect(detectKind(file('unnamed', '\ufeff {"a": 1}\r\n')).format).toBe('jsonl');
    expect(detectKind(file('unnamed', '[\n {"a": 1}]')).format).toBe('json');
    expect(detectKind(file('unnamed', '{\n "data": []}')).format).toBe('json');
    for (const content of ['a,b\n1,2\n', '[1, 2]', '{a}', ''])
      expect(() => openRows(file('a.xls', content))).toThrow(
        /a.xls: unknown kind of file; name it .jsonl, .*\(text formats also with .gz or .zst\)/,
      );
  });

  test.each([
    ['parquet.jsonl', /holds a Parquet file; name it .parquet/],
    ['arrow.csv', /holds an Arrow file; name it .arrow/],
    ['table.csv', /holds a zip archive; unpack it, or export it as CSV/],
    ['bz2.jsonl', /holds a bzip2 file; unpack it first \(bunzip2\)/],
    ['a.jsonl.bz2', /holds a bzip2 file; unpack it first/],
    ['a.jsonl.xz', /holds an xz file; unpack it first \(unxz\)/],
  ])('%s is refused', (name, message) => {
    expect(() => openRows(join(folder, name))).toThrow(message);
  });

  test.each(['lines.csv', 'lines.tsv'])('JSON lines named %s are refused', (name) => {
    expect(() => openRows(file(name, '{"id": 1, "text": "a"}\n'))).toThrow(/: holds JSON; name it .jsonl/);
  });

  test('what a failed download leaves', () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n';
    for (const name of ['p.jsonl', 'p.parquet', 'p.txt', 'p.json', 'p'])
      expect(() => openRows(file(name, pointer))).toThrow(
        /holds a Git LFS pointer, not the file itself; fetch it with git lfs pull/,
      );
    for (const name of ['h.csv', 'h.parquet', 'h.npy'])
      expect(() => openRows(file(name, '\n<!DOCTYPE html>\n<html>'))).toThrow(
        /holds a web page; the download went wrong/,
      );
    expect(openRows(file('h.txt', '<html>\n')).format).toBe('text');
    expect(openRows(file('PAR1.txt', 'PAR1 is a word\n')).format).toBe('text');
  });

  test.each(['one.jsonl.gz', 'one.jsonl.zst', 'frames.jsonl.zst', 'nosum.jsonl.zstd'])(
    '%s, cut short anywhere',
    async (name) => {
      const whole = readFileSync(join(folder, name));
      const refused = /the (gzip|zstd) data is cut short or damaged|named .* but not .*, or damaged/;
      for (const length of [whole.length - 1, whole.length - 5, whole.length >> 1, 30, 5, 1]) {
        if (name === 'frames.jsonl.zst' && length === whole.length - 8) continue;
        writeFileSync(join(folder, `cut-${name}`), whole.subarray(0, length));
        const reading = (async () => read(join(folder, `cut-${name}`), ['text']))();
        await expect(reading, `${length} bytes`).rejects.toThrow(refused);
      }
    },
  );

  test.each(['one.jsonl.gz', 'one.jsonl.zst'])('%s, a damaged byte anywhere', async (name) => {
    const whole = readFileSync(join(folder, name));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 30), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bad = Buffer.from(whole);
        bad[20 + at] ^= change;
        // A bit that nothing depends on may change; content that differs must not pass.
        try {
          const unpacked = await kept(file(`bad-${name}`, bad), () => true, 'bad-kept');
          expect(unpacked.equals(readFileSync(join(folder, 'plain.jsonl')))).toBe(true);
        } catch (error) {
          expect(String(error)).toMatch(/CoresetError: .*(gzip|zstd) data is cut short or damaged/);
        }
      }),
      { numRuns: 25 },
    );
  });
});

test('a name that promises packing', () => {
  expect(() => openRows(file('not.jsonl.gz', 'hello'))).toThrow(/not.jsonl.gz: named .gz but not gzipped, or damaged/);
  expect(() => openRows(file('not.jsonl.zst', 'hello'))).toThrow(
    /not.jsonl.zst: named .zst but not packed by zstd, or damaged/,
  );
  expect(() => openRows(file('a.npy', gzipSync('x')))).toThrow(/gzipped npy file cannot be read; unpack it first/);
});

test.skipIf(process.platform === 'win32')(
  'pipes and devices are told at once, without waiting for a writer',
  async () => {
    const pipe = join(folder, 'in.jsonl');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    for (const path of [pipe, '/dev/null', '/dev/stdin', '/dev/fd/0'])
      expect(() => openRows(path)).toThrow(new RegExp(`${path} is no regular file; pipe it into -`));
    expect(await column(join(CASES, 'fifo-and-dev-stdin/a.jsonl.gz'), 'text')).toEqual(
      await column(join(CASES, 'fifo-and-dev-stdin/a.jsonl'), 'text'),
    );
  },
);
