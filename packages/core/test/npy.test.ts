import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CoresetError,
  openNpyVectors,
  openVectors,
  readNpy,
  readNpyHeader,
  readNpyMatrix,
  writeNpy,
} from '@coreset/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const path = join(folder, 'a.npy');

test.each([
  ['<f4', new Float32Array([1.5, -2, 3, Number.NaN, 5, 6])],
  ['<f8', new Float64Array([1e300, -2, 3, 4, 5, 6])],
  ['<i4', new Int32Array([1, -2, 3, 4, 5, 6])],
  ['<i8', new BigInt64Array([1n, -(2n ** 62n), 3n, 4n, 5n, 6n])],
  ['|u1', new Uint8Array([1, 2, 3, 4, 5, 255])],
])('%s arrays come back as they were written', async (descr, data) => {
  await writeNpy(path, data, [3, 2]);
  expect(readNpyHeader(path)).toMatchObject({ descr, shape: [3, 2], length: 6 });
  expect(readNpy(path).data).toEqual(data);
  expect(readFileSync(path).readUInt16LE(8) % 64).toBe(54); // NumPy pads the header so that data begin at a multiple of 64
});

test('any float32 matrix survives a round trip', async () => {
  const matrices = fc
    .integer({ min: 0, max: 9 })
    .chain((rows) =>
      fc
        .integer({ min: 1, max: 9 })
        .chain((cols) =>
          fc.float32Array({ minLength: rows * cols, maxLength: rows * cols }).map((data) => ({ rows, cols, data })),
        ),
    );
  await fc.assert(
    fc.asyncProperty(matrices, async ({ rows, cols, data }) => {
      await writeNpy(path, data, [rows, cols]);
      expect(readNpyMatrix(path)).toEqual({ rows, cols, data });
    }),
    { numRuns: 50 },
  );
});

test('vectors on disk are read by blocks', async () => {
  await writeNpy(
    path,
    Float32Array.from({ length: 12 }, (_, i) => i),
    [4, 3],
  );
  const reader = openVectors(openNpyVectors(path));
  expect(reader.read(1, 3)).toEqual(new Float32Array([3, 4, 5, 6, 7, 8]));
  reader.close();
});

describe('bad files are refused with a line that says what to do', () => {
  const header = (text: string): Buffer => {
    const padded = text.padEnd(117) + '\n';
    return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([118, 0]), Buffer.from(padded)]);
  };
  test.each([
    [
      'Fortran order',
      header("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }"),
      /Fortran.*ascontiguousarray/,
    ],
    ['big-endian', header("{'descr': '>f4', 'fortran_order': False, 'shape': (1, 1), }"), /big-endian/],
    ['objects', header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"), /'\|O' is not supported/],
    ['no header', header('hello'), /header is not readable/],
    ['not npy', Buffer.from('id,text\n1,hello world\n'), /not a .npy file/],
    ['empty', Buffer.alloc(0), /too few/],
  ])('%s', (_, bytes, message) => {
    writeFileSync(path, bytes);
    expect(() => readNpy(path)).toThrow(CoresetError);
    expect(() => readNpy(path)).toThrow(message);
  });

  test('cut short', async () => {
    await writeNpy(path, new Float32Array(100), [10, 10]);
    truncateSync(path, 300);
    expect(() => readNpy(path)).toThrow(/needs 400 bytes of data, the file has 172/);
  });

  test('missing, or a folder', () => {
    expect(() => readNpy(join(folder, 'none.npy'))).toThrow(/no such file/);
    expect(() => readNpy(folder)).toThrow(/folder/);
  });

  test('damaged bytes never crash the reader', async () => {
    await writeNpy(path, new Float32Array(20), [4, 5]);
    const good = readFileSync(path);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const bad = Buffer.from(good);
        bad[at] = byte;
        writeFileSync(path, bad);
        try {
          readNpy(path);
        } catch (error) {
          expect(CoresetError.isInstance(error), String(error)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('a write that fails leaves neither the file nor a temporary one', async () => {
  const empty = temporaryFolder();
  await expect(writeNpy(join(empty, 'x.npy'), new Float32Array(3), [2, 2])).rejects.toThrow(/does not hold 3/);
  await expect(writeNpy(join(empty, 'file.npy', 'x.npy'), new Float32Array(3))).resolves.toBeUndefined();
  await expect(writeNpy(join(empty, 'file.npy', 'x.npy', 'y.npy'), new Float32Array(3))).rejects.toThrow(CoresetError);
  expect(readdirSync(empty)).toEqual(['file.npy']);
});
