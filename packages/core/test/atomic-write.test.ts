import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type AtomicSink,
  CoresetError,
  requireRegular,
  requireWritable,
  writeAtomic,
  writeFileAtomic,
} from '@coreset/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { ROOT, temporaryFolder } from '../../../test/support.ts';

const IS_ROOT = process.getuid?.() === 0;
const MAY_MOUNT = IS_ROOT && spawnSync('unshare', ['-m', 'true']).status === 0;
const base = temporaryFolder();
// Of this file alone, so that what is left there is seen.
const temporary = join(base, 'temporary');
mkdirSync(temporary);
process.env.TMPDIR = temporary;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(base, 'test-'));
  file = join(folder, 'file.txt');
});

const text = (path: string): string => readFileSync(path, 'utf8');

/** Names in the folder of the test and of temporary files, none of which may be left by a write. */
const left = (): string[] => [...readdirSync(folder), ...readdirSync(temporary)].sort();

describe('an atomic write', () => {
  it('leaves the old file as it was until the new one is complete, and for good when it fails', async () => {
    writeFileSync(file, 'before');
    const produce = async (sink: AtomicSink): Promise<void> => {
      sink.write('x'.repeat(3 << 20));
      await null;
      expect(text(file)).toBe('before');
      throw new CoresetError('the rows end');
    };
    await expect(writeAtomic(file, produce)).rejects.toThrow(/^the rows end$/);
    expect(text(file)).toBe('before');
    expect(left()).toEqual(['file.txt']);
  });

  it('is whole when another writes the same file meanwhile, as processes of one number in two containers do', async () => {
    const parts = ['the first half, ', 'the second half'];
    await writeAtomic(file, async (sink) => {
      sink.write(parts[0]);
      await writeFileAtomic(file, 'a whole other file');
      expect(text(file)).toBe('a whole other file');
      sink.write(parts[1]);
    });
    expect(text(file)).toBe(parts.join(''));
  });

  it('writes every byte in order, small and large pieces, and what is replaced in between', async () => {
    const pieces = Array.from({ length: 50 }, (_, i) => Buffer.alloc(i % 3 === 0 ? (1 << 20) + i : 7000 * i, i));
    await writeAtomic(file, (sink) => {
      for (const piece of pieces) sink.write(piece);
      sink.overwrite(Buffer.from('head'), 3);
      sink.write('tail');
    });
    const expected = Buffer.concat([...pieces, Buffer.from('tail')]);
    expected.write('head', 3);
    expect(readFileSync(file).equals(expected)).toBe(true);
    expect(left()).toEqual(['file.txt']);
  });

  it('makes the folder of the file, and says in one line what is in the way', async () => {
    await writeFileAtomic(join(folder, 'a/b/c.txt'), 'deep');
    expect(text(join(folder, 'a/b/c.txt'))).toBe('deep');
    await expect(writeFileAtomic(join(folder, 'a/b'), 'x')).rejects.toThrow(
      /^cannot write .*b: it is a folder, a file is needed$/,
    );
    await expect(writeFileAtomic(join(folder, 'a/b/c.txt/d'), 'x')).rejects.toThrow(
      /cannot write .*: (a part of the path is a file|a file of that name)/,
    );
    expect(() => requireWritable(join(folder, 'a/b'))).toThrow(/it is a folder/);
    expect(() => requireWritable(join(folder, 'a/b/c.txt/d'))).toThrow(/a part of the path is a file|is no folder/);
    expect(readdirSync(join(folder, 'a'))).toEqual(['b']);
  });

  it('goes through a link to the file that it names, and refuses one to nothing', async () => {
    const link = join(folder, 'link.txt');
    writeFileSync(file, 'before');
    symlinkSync(file, link);
    await writeFileAtomic(link, 'after');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(text(file)).toBe('after');
    const lost = join(folder, 'lost.txt');
    symlinkSync('nowhere.txt', lost);
    for (const write of [() => writeFileAtomic(lost, 'x'), async () => requireWritable(lost)])
      await expect(write()).rejects.toThrow(/cannot write .*lost.txt: it is a link to nowhere.txt, which is not there/);
    const circle = join(folder, 'circle.txt');
    symlinkSync('circle.txt', circle);
    await expect(writeFileAtomic(circle, 'x')).rejects.toThrow(/circle.txt: its links lead in a circle/);
  });

  it('keeps the mode of the file, and its other names keep its contents', async () => {
    writeFileSync(file, 'before');
    chmodSync(file, 0o640);
    await writeFileAtomic(file, 'after');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    const other = join(folder, 'other.txt');
    linkSync(file, other);
    chmodSync(file, 0o604);
    await writeFileAtomic(other, 'both');
    expect(text(file)).toBe('both');
    expect(statSync(file).mode & 0o777).toBe(0o604);
    expect(left()).toEqual(['file.txt', 'other.txt']);
  });

  it.runIf(IS_ROOT)('keeps the owner of the file', async () => {
    writeFileSync(file, 'before');
    execFileSync('chown', ['1234:2345', file]);
    await writeFileAtomic(file, 'after');
    expect(statSync(file)).toMatchObject({ uid: 1234, gid: 2345 });
  });

  it('writes into a named pipe once it is read, and gives up when it is told to', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    requireWritable(pipe);
    expect(() => requireRegular(pipe)).toThrow(/pipe: it is no regular file/);
    const controller = new AbortController();
    const waiting = writeAtomic(pipe, (sink) => sink.write('never'), controller.signal);
    setTimeout(() => controller.abort(new Error('stopped')), 100);
    await expect(waiting).rejects.toThrow(/^stopped$/);
    const long = 'row\n'.repeat(100_000);
    const reader = spawn('cat', [pipe]);
    let read = '';
    reader.stdout.on('data', (chunk) => {
      read += chunk;
    });
    await writeFileAtomic(pipe, long);
    await once(reader, 'close');
    expect(read).toBe(long);
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect(left()).toEqual(['pipe']);
  });

  it.runIf(IS_ROOT)('writes into a device, which stays one', async () => {
    const device = join(folder, 'null');
    execFileSync('mknod', [device, 'c', '1', '3']);
    requireWritable(device);
    await writeFileAtomic(device, 'gone');
    expect(lstatSync(device).isCharacterDevice()).toBe(true);
    expect(left()).toEqual(['null']);
  });

  const write = (path: string): string[] => [
    '--input-type=module',
    '-e',
    `import { writeFileAtomic } from ${JSON.stringify(join(ROOT, 'packages/core/dist/index.js'))}; await writeFileAtomic(${JSON.stringify(path)}, 'rows');`,
  ];

  it('writes to what this process has open', () => {
    const program = [process.execPath, ...write('/dev/stdout')];
    expect(execFileSync(program[0], program.slice(1), { encoding: 'utf8' })).toBe('rows');
    writeFileSync(file, '');
    spawnSync('sh', ['-c', 'echo first > "$0"; "$@" >> "$0"; echo last >> "$0"', file, ...program]);
    expect(text(file)).toBe('first\nrowslast\n');
    spawnSync('bash', ['-c', 'exec 7> "$0"; "$@"; echo last >&7', file, process.execPath, ...write('/dev/fd/7')]);
    expect(text(file)).toBe('rowslast\n');
    const closed = spawnSync(process.execPath, write('/dev/fd/77'), { encoding: 'utf8' });
    expect(closed.stderr).toContain('CoresetError: cannot write /dev/fd/77: no file is open under this number');
  });

  it.runIf(MAY_MOUNT)('writes a file that is mounted', () => {
    const mounted = join(folder, 'mounted.txt');
    writeFileSync(file, 'before, and more');
    writeFileSync(mounted, '');
    const command = 'mount --bind "$0" "$1" && shift && "$@"';
    const { stderr, status } = spawnSync(
      'unshare',
      ['-m', 'sh', '-c', command, file, mounted, process.execPath, ...write(mounted)],
      {
        encoding: 'utf8',
      },
    );
    expect(status, stderr).toBe(0);
    expect(text(file)).toBe('rows');
    expect(left()).toEqual(['file.txt', 'mounted.txt']);
  });

  it.runIf(IS_ROOT)('writes a file in a folder in which none can be made', () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    writeFileSync(join(closed, 'open.txt'), 'before');
    chmodSync(join(closed, 'open.txt'), 0o666);
    for (const path of [folder, base, dirname(base)]) chmodSync(path, 0o755);
    chmodSync(temporary, 0o777);
    const asNobody = (path: string) =>
      spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, ...write(path)], {
        encoding: 'utf8',
      });
    if (asNobody(join(closed, 'none.txt')).stderr.includes('ERR_MODULE_NOT_FOUND')) return;
    const { status, stderr } = asNobody(join(closed, 'open.txt'));
    expect(status, stderr).toBe(0);
    expect(text(join(closed, 'open.txt'))).toBe('rows');
    expect(asNobody(join(closed, 'none.txt')).stderr).toContain('none.txt: permission denied');
  });
});
