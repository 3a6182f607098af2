import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy } from '@coreset/core';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { ShardFile } from '../dist/stages/shard-file.js';

const COLS = 3;
const SHARD = 1024;
const TOTAL = 4 * SHARD + 100;

const vectorOf = (row: number): Float32Array => Float32Array.of(row, -row, row / 2);
const readingOf = (row: number): [number, number, number] => [row + 1, row % 3, row % 5];

function fill(file: ShardFile, end: number): void {
  while (file.rows < end) file.append(vectorOf(file.rows), readingOf(file.rows));
}

/** Write the rows up to `end` and go no further, as when killed: what no shard holds is lost. */
function killedAt(path: string, end: number, key = 'key'): void {
  const file = new ShardFile(path, TOTAL, key);
  fill(file, end);
  file.close();
}

/** Go on, to the end. @returns rows that were there */
function finish(path: string, key = 'key'): number {
  const file = new ShardFile(path, TOTAL, key);
  const { resumedRows } = file;
  expect(file.rows).toBe(resumedRows);
  fill(file, TOTAL);
  expect(file.rows).toBe(TOTAL);
  const readings = Array.from({ length: TOTAL }, (_, row) => readingOf(row)).flat();
  expect(Array.from(file.readings)).toEqual(readings);
  file.complete();
  file.close();
  file.publish();
  return resumedRows;
}

function expectWhole(path: string): void {
  const { data, shape } = readNpy(path);
  expect(shape).toEqual([TOTAL, COLS]);
  const expected = Array.from({ length: TOTAL }, (_, row) => Array.from(vectorOf(row))).flat();
  expect(Array.from(data as Float32Array)).toEqual(expected);
  for (const left of ['.part', '.journal']) expect(existsSync(path + left)).toBe(false);
}

const newPath = (): string => join(temporaryFolder(), 'a.npy');
const firstByteOf = (row: number): number => 128 + row * COLS * 4;

test('vectors come back, and the file gets its name when it is complete', () => {
  const path = newPath();
  const file = new ShardFile(path, TOTAL, 'key');
  fill(file, TOTAL);
  file.complete();
  expect(existsSync(path)).toBe(false);
  file.close();
  expect(finish(path)).toBe(TOTAL);
  expectWhole(path);
});

describe('a file whose writer was killed', () => {
  test.each([
    [0, 0],
    [1, 0],
    [SHARD - 1, 0],
    [SHARD, SHARD],
    [2 * SHARD + 500, 2 * SHARD],
    [TOTAL, 4 * SHARD],
  ])('at row %i goes on at row %i', (end, resumed) => {
    const path = newPath();
    killedAt(path, end);
    expect(finish(path)).toBe(resumed);
    expectWhole(path);
  });

  test.each<[string, (path: string) => void, number]>([
    ['a shard with another byte', (path) => flip(`${path}.part`, firstByteOf(SHARD + 7)), SHARD],
    ['a shard that is cut short', (path) => truncateSync(`${path}.part`, firstByteOf(2 * SHARD + 9)), 2 * SHARD],
    ['a line of the journal that is cut short', (path) => cut(`${path}.journal`, 30), 2 * SHARD],
    ['a journal without its first line', (path) => writeFileSync(`${path}.journal`, ''), 0],
    ['a journal that is none', (path) => writeFileSync(`${path}.journal`, 'nothing'), 0],
  ])('and that has %s', (_, damage, resumed) => {
    const path = newPath();
    killedAt(path, 3 * SHARD + 200);
    damage(path);
    expect(finish(path)).toBe(resumed);
    expectWhole(path);
  });

  test('is begun anew for another key', () => {
    const path = newPath();
    killedAt(path, 3 * SHARD);
    expect(finish(path, 'other key')).toBe(0);
    expectWhole(path);
  });

  test('has no damaged lines in its journal when it was damaged, resumed and killed again', () => {
    const path = newPath();
    killedAt(path, 3 * SHARD + 1);
    flip(`${path}.part`, firstByteOf(SHARD));
    const again = new ShardFile(path, TOTAL, 'key');
    expect(again.resumedRows).toBe(SHARD);
    fill(again, 3 * SHARD + 50);
    again.close();
    appendFileSync(`${path}.journal`, '{"rows":10');
    const third = new ShardFile(path, TOTAL, 'key');
    expect(third.resumedRows).toBe(3 * SHARD);
    fill(third, 4 * SHARD);
    third.close();
    expect(finish(path)).toBe(4 * SHARD);
    expectWhole(path);
  });
});

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] ^= 1;
  writeFileSync(path, bytes);
}

function cut(path: string, bytes: number): void {
  truncateSync(path, readFileSync(path).length - bytes);
}

test('an earlier row is repeated with its reading, from the file or from what waits to be written', () => {
  const path = newPath();
  const file = new ShardFile(path, SHARD + 6, 'key');
  for (let row = 0; row < SHARD + 2; row++) file.append(vectorOf(row), readingOf(row));
  const repeats = [5, SHARD - 1, SHARD, SHARD + 1];
  for (const row of repeats) file.repeat(row);
  const readings = Array.from(file.readings.slice(3 * (SHARD + 2)));
  expect(readings).toEqual(repeats.flatMap(readingOf));
  file.complete();
  file.close();
  file.publish();
  const data = readNpy(path).data.slice(3 * (SHARD + 2));
  expect(Array.from(data as Float32Array)).toEqual(repeats.flatMap((row) => Array.from(vectorOf(row))));
});

test('nothing is left of a file without any vector', () => {
  const path = newPath();
  new ShardFile(path, TOTAL, 'key').close();
  expect(existsSync(`${path}.part`)).toBe(false);
  expect(existsSync(`${path}.journal`)).toBe(false);
});
