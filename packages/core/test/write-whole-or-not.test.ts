import fs, { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import {
  type AtomicSink,
  CoresetError,
  fileError,
  readNpy,
  requireWritable,
  writeAtomic,
  writeFileAtomic,
  writeNpy,
} from '@coreset/core';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';

const { accessSync, fsyncSync, renameSync, writeSync } = fs;
const original = { accessSync, fsyncSync, renameSync, writeSync };
afterEach(() => {
  Object.assign(fs, original);
  syncBuiltinESMExports();
});

/** Have a function of the file system say or do something else. */
function replace<Name extends keyof typeof original>(name: Name, other: (typeof fs)[Name]): void {
  fs[name] = other;
  syncBuiltinESMExports();
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: said the system`), { code, syscall: 'write' });
}

describe('a write that fails in the middle', () => {
  test.each([10, 3_000_000])('after %i bytes leaves the old file, and no temporary one', async (bytes) => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.txt');
    await writeFileAtomic(path, 'before');
    const failing = writeAtomic(path, (sink) => {
      sink.write(new Uint8Array(bytes));
      throw new CoresetError('row 7 is wrong');
    });
    await expect(failing).rejects.toThrow(/^row 7 is wrong$/);
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  test('later than the first await, too', async () => {
    const folder = temporaryFolder();
    const failing = writeAtomic(join(folder, 'a.txt'), async (sink) => {
      sink.write('half');
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw new TypeError('a defect of ours');
    });
    await expect(failing).rejects.toThrow(TypeError);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('closes the file', async () => {
    const path = join(temporaryFolder(), 'a.txt');
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let n = 0; n < 20; n++) {
      await writeAtomic(path, () => Promise.reject(new Error('no'))).catch(() => {});
      await writeFileAtomic(path, 'x');
    }
    expect(open()).toBeLessThan(before + 10);
  });

  test.each(['writeSync', 'fsyncSync', 'renameSync'] as const)(
    'because of %s leaves the old file and no temporary one, and says so in a line',
    async (name) => {
      const folder = temporaryFolder();
      const path = join(folder, 'a.txt');
      await writeFileAtomic(path, 'before');
      replace(name, () => {
        throw systemError('ENOSPC');
      });
      await expect(writeFileAtomic(path, 'after')).rejects.toThrow(
        `cannot write ${path}: no space left on the disk; free some and run the same command again`,
      );
      expect(readFileSync(path, 'utf8')).toBe('before');
      expect(readdirSync(folder)).toEqual(['a.txt']);
    },
  );
});

test('what is written is on the disk before it gets its name', async () => {
  const path = join(temporaryFolder(), 'a.txt');
  const seen: string[] = [];
  replace('fsyncSync', (descriptor) => {
    seen.push(`sync, ${existsSync(path) ? 'named' : 'no name'}`);
    original.fsyncSync(descriptor);
  });
  await writeAtomic(path, (sink) => {
    sink.write('all');
    seen.push(existsSync(path) ? 'named' : 'no name');
  });
  expect(seen).toEqual(['no name', 'sync, no name']);
  expect(readFileSync(path, 'utf8')).toBe('all');
});

test('a disk that takes a part of the bytes gets the others too', async () => {
  const path = join(temporaryFolder(), 'a.bin');
  replace('writeSync', ((descriptor: number, bytes: Uint8Array, start: number, count: number, position?: number) =>
    original.writeSync(descriptor, bytes, start, Math.min(count, 7), position)) as typeof fs.writeSync);
  await writeAtomic(path, (sink) => {
    sink.write('0123456789012345678901234');
    sink.overwrite(Buffer.from('abcdefghijkl'), 3);
    sink.write('tail');
  });
  expect(readFileSync(path, 'utf8')).toBe('012abcdefghijkl5678901234tail');
});

test('any series of writes, of any lengths and in place of earlier ones, is what the file holds', async () => {
  const path = join(temporaryFolder(), 'a.bin');
  const lengths = fc.oneof(fc.nat(40), fc.constantFrom(1 << 20, (1 << 20) - 1, (1 << 20) + 1, 1_600_000));
  const step = fc.record({ length: lengths, at: fc.option(fc.nat(1000), { nil: undefined }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      let expected = Buffer.alloc(0);
      await writeAtomic(path, (sink: AtomicSink) => {
        steps.forEach(({ length, at }, s) => {
          if (at === undefined || at + 10 > expected.length) {
            const bytes = Buffer.alloc(length, 65 + s);
            sink.write(s % 2 === 0 ? bytes : bytes.toString());
            expected = Buffer.concat([expected, bytes]);
          } else {
            const bytes = Buffer.from('overwrites');
            sink.overwrite(bytes, at);
            bytes.copy(expected, at);
          }
        });
      });
      expect(readFileSync(path).equals(expected)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test('numbers that need more than the buffer come back', async () => {
  const path = join(temporaryFolder(), 'large.npy');
  for (const data of [
    Float32Array.from({ length: 400_000 }, (_, i) => i),
    Float64Array.from({ length: 200_001 }, (_, i) => i / 3),
  ]) {
    await writeNpy(path, data);
    const read = readNpy(path).data;
    expect(read.constructor).toBe(data.constructor);
    expect(read.length).toBe(data.length);
    expect(Buffer.compare(Buffer.from(read.buffer, 0, read.byteLength), Buffer.from(data.buffer))).toBe(0);
  }
});

test('missing folders are made', async () => {
  const path = join(temporaryFolder(), 'a', 'b', 'c.txt');
  await writeFileAtomic(path, 'x');
  expect(readFileSync(path, 'utf8')).toBe('x');
});

describe('whether a file can be written is told before the work', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'folder'));

  test.each(['new', 'file', join('new', 'and', 'deep')])('%s can, and nothing is there yet', (name) => {
    const before = readdirSync(folder);
    expect(() => requireWritable(join(folder, name))).not.toThrow();
    expect(readdirSync(folder)).toEqual(before);
  });

  test.each([
    ['folder', /folder: it is a folder, a file is needed$/],
    [join('file', 'a'), /file\/a: a part of the path is a file, not a folder$/],
    [join('file', 'a', 'b'), /file\/a\/b: a part of the path is a file, not a folder$/],
  ])('%s cannot', (name, message) => {
    expect(() => requireWritable(join(folder, name))).toThrow(CoresetError);
    expect(() => requireWritable(join(folder, name))).toThrow(message);
  });

  test('nor can one in a folder that is read-only', () => {
    replace('accessSync', () => {
      throw systemError('EROFS');
    });
    const path = join(folder, 'new');
    expect(() => requireWritable(path)).toThrow(`cannot write ${path}: the file system is read-only`);
  });
});

test('what the system says becomes one line; what is one already stays', () => {
  expect(fileError('read', 'a.txt', systemError('ENOENT')).message).toBe('cannot read a.txt: no such file or folder');
  expect(fileError('read', 'a.txt', systemError('EWEIRD')).message).toBe('cannot read a.txt: EWEIRD: said the system');
  expect(fileError('read', 'a.txt', new Error('odd')).message).toBe('cannot read a.txt: odd');
  const own = new CoresetError('row 1 is wrong');
  expect(fileError('read', 'a.txt', own)).toBe(own);
  const cause = systemError('EACCES');
  expect(fileError('read', 'a.txt', cause).cause).toBe(cause);
});
