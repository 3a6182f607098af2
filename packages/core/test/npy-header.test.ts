import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CoresetError,
  npyDataOffset,
  npyHeader,
  npyHeaderWithRows,
  parseNpyHeader,
  readFully,
  readNpyVector,
  requireNpyLength,
  requireTwoDimensions,
  requireVectorFormat,
  writeNpy,
} from '@coreset/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';

const shapes = fc.array(fc.nat(1_000_000), { maxLength: 4 });

test('a header says what it was made from, and ends where NumPy has the data begin', () => {
  fc.assert(
    fc.property(shapes, fc.constantFrom('<f4', '>f8', '|u1', '<i8'), (shape, descr) => {
      const head = npyHeader(descr, shape);
      expect(head.length % 64).toBe(0);
      expect(head.length).toBeLessThanOrEqual(128);
      expect(head.at(-1)).toBe(10);
      if (shape.length === 1) expect(head.toString()).toContain(`(${shape[0]},)`);
      expect(npyDataOffset(head.subarray(0, 12), 1e9, 'a.npy')).toBe(head.length);
      const parsed = parseNpyHeader(head, 'a.npy');
      expect(parsed).toMatchObject({ path: 'a.npy', descr, shape, fortranOrder: false, objects: false });
      expect(parsed.length).toBe(shape.reduce((product, size) => product * size, 1));
      expect(parsed.dataOffset).toBe(head.length);
      expect(parsed.numbers?.bigEndian ?? false).toBe(descr === '>f8');
    }),
  );
});

test('another number of rows changes the rows alone, in every version of the format', () => {
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 5), }";
  for (const version of [1, 2, 3]) {
    const start = version === 1 ? 10 : 12;
    const head = Buffer.alloc(128, ' ');
    head.write('\x93NUMPY', 'latin1');
    head.set([version, 0], 6);
    if (version === 1) head.writeUInt16LE(128 - start, 8);
    else head.writeUInt32LE(128 - start, 8);
    head.write(text, start);
    head[127] = 10;
    expect(npyDataOffset(head.subarray(0, 12), 1000, 'a.npy')).toBe(128);
    expect(parseNpyHeader(head, 'a.npy')).toMatchObject({ shape: [3, 5], length: 15 });
    const other = npyHeaderWithRows(head, 1234);
    expect(other[6]).toBe(version);
    expect(other.toString('latin1', start)).toMatch(
      /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(1234, 5\), \} *\n$/,
    );
    expect(other.length % 64).toBe(0);
    expect(npyDataOffset(other.subarray(0, 12), 1000, 'a.npy')).toBe(other.length);
    expect(parseNpyHeader(other, 'a.npy')).toMatchObject({ shape: [1234, 5], descr: '<f4' });
  }
  expect(parseNpyHeader(npyHeaderWithRows(npyHeader('<i4', [7]), 9), '').shape).toEqual([9]);
});

test.each([
  ["{'descr': '<f4', 'fortran_order': True, 'shape': (3, 5), }", { fortranOrder: true, shape: [3, 5] }],
  ["{'shape': (3L, 5L), 'fortran_order': False, 'descr': '<f2'}", { shape: [3, 5], numbers: { type: 'float16' } }],
  ["{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", { objects: true, numbers: undefined }],
  ["{'descr': '|O8', 'fortran_order': False, 'shape': ()}", { objects: true, shape: [], length: 1 }],
  ["{'descr': '<U2', 'fortran_order': False, 'shape': (0, 4)}", { objects: false, numbers: undefined, length: 0 }],
  ["{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}", { descr: "[('a', '<f4')]", objects: false }],
  ["{'descr': [('a', 'O')], 'fortran_order': False, 'shape': (3,)}", { objects: true }],
  ["{'descr' :'<f4','fortran_order' :False,'shape' :( 3 , 4 )}", { descr: '<f4', shape: [3, 4] }],
  ["{'descr': [('a', '<f4')] ,'shape': (3,), 'fortran_order' : True}", { descr: "[('a', '<f4')]", fortranOrder: true }],
  ["{'descr': 'x<f4', 'fortran_order': False, 'shape': (3,)}", { numbers: undefined }],
  ["{'descr': '<f44', 'fortran_order': False, 'shape': (3,)}", { numbers: undefined }],
  ["{'descr': '=i4', 'fortran_order': False, 'shape': (3,)}", { numbers: { type: 'int32' } }],
])('%s is read', (text, expected) => {
  const head = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([0, 0]),
    Buffer.from(`${text}\n`),
  ]);
  expect(parseNpyHeader(head, 'a.npy')).toMatchObject(expected);
});

test.each<[string, number[], number, RegExp]>([
  ['nothing', [], 3, /a\.npy: 3 bytes are too few/],
  ['another file', [0x50, 0x4b], 100, /not a \.npy file/],
  ['version 0', [0x93, 78, 85, 77, 80, 89, 0], 100, /version 0 is not known/],
  ['version 4', [0x93, 78, 85, 77, 80, 89, 4], 100, /version 4 is not known/],
  ['a header longer than the file', [0x93, 78, 85, 77, 80, 89, 1, 0, 100, 0], 109, /cut short or damaged/],
  ['a header of megabytes', [0x93, 78, 85, 77, 80, 89, 2, 0, 1, 0, 1, 0], 1e9, /cut short or damaged/],
])('%s: refused', (_, bytes, fileBytes, message) => {
  const preamble = Buffer.alloc(12);
  preamble.set(bytes);
  expect(() => npyDataOffset(preamble, fileBytes, 'a.npy')).toThrow(CoresetError);
  expect(() => npyDataOffset(preamble, fileBytes, 'a.npy')).toThrow(message);
});

test.each([
  "{'fortran_order': False, 'shape': (3,)}",
  "{'descr': '<f4', 'shape': (3,)}",
  "{'descr': '<f4', 'fortran_order': False}",
])('%s is not readable', (text) => {
  const head = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\0\0', 'latin1'), Buffer.from(`${text}\n`)]);
  expect(() => parseNpyHeader(head, 'a.npy')).toThrow(/^a\.npy: the \.npy header is not readable/);
});

test('headers that just fit are taken', () => {
  const preamble = Buffer.alloc(12);
  preamble.set([0x93, 78, 85, 77, 80, 89, 1, 0, 100, 0]);
  expect(npyDataOffset(preamble, 110, 'a.npy')).toBe(110);
  preamble[8] = 2;
  expect(npyDataOffset(preamble, 12, 'a.npy')).toBe(12);
  preamble.set([0x93, 78, 85, 77, 80, 89, 3, 0, 0, 0, 1, 0]);
  expect(npyDataOffset(preamble, 1e9, 'a.npy')).toBe(65_536 + 12);
});

test('an array has as many bytes as its header says', () => {
  const of = (descr: string, shape: number[]): Parameters<typeof requireNpyLength>[0] =>
    parseNpyHeader(npyHeader(descr, shape), 'a.npy');
  expect(() => requireNpyLength(of('<f4', [3, 2]), 24)).not.toThrow();
  for (const bytes of [23, 25, 0, 48])
    expect(() => requireNpyLength(of('<f4', [3, 2]), bytes)).toThrow(
      `a.npy: shape (3, 2) of '<f4' needs 24 bytes of data, the file has ${bytes}`,
    );
  expect(() => requireNpyLength(of('<U2', [4]), 32)).not.toThrow();
  expect(() => requireNpyLength(of('<U2', [4]), 33)).toThrow(/needs a multiple of 4 bytes of data, the file has 33/);
  expect(() => requireNpyLength(of('<U2', [0]), 0)).not.toThrow();
  expect(() => requireNpyLength(of('|O', [4]), 33)).not.toThrow();
});

test('vectors have two dimensions and numbers that vectors may have', () => {
  expect(requireTwoDimensions({ path: 'a', shape: [4, 2] })).toEqual([4, 2]);
  expect(() => requireTwoDimensions({ path: 'a', shape: [] })).toThrow(/this one is \(\); this is a single number/);
  expect(() => requireTwoDimensions({ path: 'a', shape: [2] })).toThrow(/save array.reshape\(rows, -1\)/);
  expect(() => requireTwoDimensions({ path: 'a', shape: [2, 3, 4] })).toThrow(/make one vector of each row/);
  expect(requireVectorFormat({ type: 'float16', bigEndian: true }, 'a')).toEqual({ type: 'float16', bigEndian: true });
  expect(() => requireVectorFormat({ type: 'int32' }, 'a')).toThrow(/a: embeddings must be float32, .*these are int32/);
});

test('a shape that does not hold the numbers, and numbers in two dimensions where one is needed, are refused', async () => {
  const path = join(temporaryFolder(), 'a.npy');
  await expect(writeNpy(path, new Float32Array(6), [2, 2])).rejects.toThrow(/shape \(2, 2\) does not hold 6 numbers/);
  await expect(writeNpy(path, new Int16Array(2))).rejects.toThrow(/only float32, float64/);
  await writeNpy(path, new Float32Array(6), [2, 3]);
  expect(() => readNpyVector(path)).toThrow(/a one-dimensional array is needed, this one is \(2, 3\)/);
});

test('a file that ends before what is asked for is told', () => {
  const path = join(temporaryFolder(), 'a.bin');
  writeFileSync(path, Buffer.from('0123456789'));
  const descriptor = openSync(path, 'r');
  const target = new Uint8Array(4);
  readFully(descriptor, target, 3);
  expect(Buffer.from(target).toString()).toBe('3456');
  expect(() => readFully(descriptor, target, 8)).toThrow('file ended 2 bytes too early');
  closeSync(descriptor);
});
