import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CoresetError,
  loadVectors,
  openNpyVectors,
  openVectors,
  readNpy,
  readNpyHeader,
  readNpyMatrix,
  readNpyVector,
  subsetOf,
  toFloat32,
  writeNpy,
} from '@coreset/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
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

const numpy = temporaryFolder();
python(
  `
import numpy as np
rng = np.random.default_rng(7)
values = np.round(rng.normal(size=(300, 7)) * 50) + 0.0
values[0, :3] = [-128, 127, 0.0]
np.save('expected.npy', values.astype('<f4'))
for name in ['<f8', '>f8', '>f4', '<f2', '>f2', '|i1']:
    array = np.clip(values, -128, 127).astype(name) if name == '|i1' else values.astype(name)
    np.save(f'{name[1:]}{"b" if name[0] == ">" else ""}.npy', array)
    np.save(f'{name[1:]}{"b" if name[0] == ">" else ""}-fortran.npy', np.asfortranarray(array))
np.save('f4-fortran.npy', np.asfortranarray(values.astype('<f4')))
np.save('clipped.npy', np.clip(values, -128, 127).astype('<f4'))
np.save('u1.npy', np.abs(np.clip(values, -128, 127)).astype('|u1'))
np.save('u1-expected.npy', np.abs(np.clip(values, -128, 127)).astype('<f4'))
for version in [(1, 0), (2, 0), (3, 0)]:
    with open(f'version{version[0]}.npy', 'wb') as file:
        np.lib.format.write_array(file, values.astype('<f4'), version=version)
halves = np.arange(65536, dtype='<u2').view('<f2')
np.save('halves.npy', halves.reshape(256, 256))
np.save('halves-expected.npy', halves.astype('<f4').reshape(256, 256))
for name in ['<i2', '>i2', '<u2', '<u4', '>u4', '<u8', '|i1', '|b1', '>i8', '<f2']:
    np.save(f'vector{name[1:]}{"b" if name[0] == ">" else ""}.npy', np.array([0, 1, 1, 100]).astype(name))
np.save('three.npy', np.zeros((2, 3, 4), '<f4'))
np.save('one.npy', np.zeros(6, '<f4'))
np.save('objects.npy', np.array([[1.0], [2.0, 3.0]], dtype=object))
np.save('words.npy', np.array([['a', 'bc'], ['d', 'e']]))
np.save('labels.npy', np.zeros((4, 2), '<i8'))
np.save('records.npy', np.zeros(3, dtype=[('a', '<f4'), ('b', '<i4')]))
np.save('none.npy', np.zeros((0, 5), '<f4'))
`,
  [],
  numpy,
);

describe('arrays that NumPy saved', () => {
  test.each([
    ['f8', 'expected'],
    ['f8b', 'expected'],
    ['f4b', 'expected'],
    ['f2', 'expected'],
    ['f2b', 'expected'],
    ['i1', 'clipped'],
    ['u1', 'u1-expected'],
    ['f8-fortran', 'expected'],
    ['f8b-fortran', 'expected'],
    ['f4-fortran', 'expected'],
    ['f4b-fortran', 'expected'],
    ['f2-fortran', 'expected'],
    ['i1-fortran', 'clipped'],
    ['version1', 'expected'],
    ['version2', 'expected'],
    ['version3', 'expected'],
    ['halves', 'halves-expected'],
  ])('%s: whole, by blocks and by row', (name, expected) => {
    const exact = readNpyMatrix(join(numpy, `${expected}.npy`));
    const vectors = openNpyVectors(join(numpy, `${name}.npy`));
    expect('data' in vectors).toBe(name.includes('fortran'));
    expect(loadVectors(vectors)).toEqual(exact);
    const reader = openVectors(vectors);
    const { cols } = exact;
    expect(reader.read(3, 200)).toEqual(exact.data.slice(3 * cols, 200 * cols));
    const rows = [255, 3, 4, 5, 0, 17];
    const gathered = rows.flatMap((row) => [...exact.data.subarray(row * cols, (row + 1) * cols)]);
    expect([...reader.gather(rows)]).toEqual(gathered);
    expect(reader.read(0, 5, new Float32Array(5 * cols))).toEqual(exact.data.slice(0, 5 * cols));
    reader.close();
    expect([...loadVectors(subsetOf(vectors, Int32Array.of(2, 9, 10))).data]).toEqual(
      [2, 9, 10].flatMap((row) => [...exact.data.subarray(row * cols, (row + 1) * cols)]),
    );
  });

  test.each(['i2', 'i2b', 'u2', 'u4', 'u4b', 'u8', 'i1', 'i8b', 'f2'])('single numbers of type %s', (name) => {
    expect([...readNpyVector(join(numpy, `vector${name}.npy`))]).toEqual([0, 1, 1, 100]);
  });

  test('booleans are 0 and 1', () => {
    expect([...readNpyVector(join(numpy, 'vectorb1.npy'))]).toEqual([0, 1, 1, 1]);
  });

  test('no rows', () => {
    expect(openNpyVectors(join(numpy, 'none.npy'))).toMatchObject({ rows: 0, cols: 5 });
  });

  test.each([
    ['one', /two-dimensional array .* is needed, this one is \(6\); save array.reshape\(rows, -1\)/],
    ['three', /this one is \(2, 3, 4\); make one vector of each row, such as array.mean\(axis=1\)/],
    ['objects', /'\|O' is not supported; it holds Python objects.*numpy.stack/],
    ['words', /'<U2' is not supported; save it as numbers/],
    ['labels', /embeddings must be float32.*these are int64/],
    ['records', /is not supported; save it as numbers/],
  ])('%s is refused with what to do', (name, message) => {
    const refused = join(numpy, `${name}.npy`);
    expect(() => openNpyVectors(refused)).toThrow(CoresetError);
    expect(() => openNpyVectors(refused)).toThrow(message);
  });
});

test('each bfloat16 number is the float32 number with its bits on top', () => {
  const halves = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
  const values = new Float32Array(halves.length);
  const expected = new Float32Array(Uint32Array.from(halves, (bits) => bits * 65536).buffer);
  toFloat32({ type: 'bfloat16' })?.(new Uint8Array(halves.buffer), values);
  expect(values).toEqual(expected);
});

describe('bad files are refused with a line that says what to do', () => {
  const header = (text: string): Buffer => {
    const padded = text.padEnd(117) + '\n';
    return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([118, 0]), Buffer.from(padded)]);
  };
  test.each([
    [
      'Fortran order of an array that is used as it stands',
      header("{'descr': '<f4', 'fortran_order': True, 'shape': (0, 1), }"),
      /Fortran.*ascontiguousarray/,
    ],
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

test('a write that cannot begin leaves nothing', async () => {
  const empty = temporaryFolder();
  await expect(writeNpy(join(empty, 'x.npy'), new Float32Array(3), [2, 2])).rejects.toThrow(/does not hold 3/);
  await expect(writeNpy(join(empty, 'file.npy', 'x.npy'), new Float32Array(3))).resolves.toBeUndefined();
  await expect(writeNpy(join(empty, 'file.npy', 'x.npy', 'y.npy'), new Float32Array(3))).rejects.toThrow(CoresetError);
  expect(readdirSync(empty)).toEqual(['file.npy']);
});
