import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireWritable, writeAtomic, writeFileAtomic } from '@coreset/core';
import { describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'coreset-'));

describe('an atomic write', () => {
  it('never puts a file in the place of a pipe or device, before any work and when it writes', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(() => requireWritable(pipe)).toThrow(/pipe: it is no regular file/);
    await expect(writeFileAtomic(pipe, 'rows')).rejects.toThrow(/cannot write .*pipe: it is no regular file/);
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it('writes through a link to the file that it names', async () => {
    const file = join(folder, 'file.txt');
    const link = join(folder, 'link.txt');
    writeFileSync(file, 'before');
    symlinkSync(file, link);
    await writeFileAtomic(link, 'after');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('after');
  });

  it('is whole when another writes the same file meanwhile, as processes of one number in two containers do', async () => {
    const file = join(folder, 'both.txt');
    const parts = ['the first half, ', 'the second half'];
    await writeAtomic(file, async (sink) => {
      sink.write(parts[0]);
      await writeFileAtomic(file, 'a whole other file');
      expect(readFileSync(file, 'utf8')).toBe('a whole other file');
      sink.write(parts[1]);
    });
    expect(readFileSync(file, 'utf8')).toBe(parts.join(''));
  });
});
