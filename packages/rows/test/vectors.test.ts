import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoresetError, loadVectors, type Matrix, readNpyMatrix } from '@coreset/core';
import { openRows, openVectorsFile, writeKeptRows } from '@coreset/rows';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { temporaryFolder } from '../../../test/support.ts';

const ROWS = 500;
const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

/** Which rows the tests keep; Python keeps the same. */
const keep = (row: number): boolean => row % 7 === 3 || (row >= 100 && row < 180) || row === ROWS - 1;

python(
  `
import numpy as np, safetensors, safetensors.numpy as st
rng = np.random.default_rng(5)
n = ${ROWS}
v = np.round(rng.normal(size=(n, 6)) * 40) + 0.0
expected = np.clip(v, -100, 100).astype('<f4')
np.save('expected.npy', expected)
np.save('unsigned.npy', np.abs(expected))
beside = {
    'ids': np.array(['id %d ü' % i for i in range(n)]),
    'numbers': np.arange(n, dtype='>i8'),
    'when': np.arange(n).astype('datetime64[s]'),
    'flags': np.arange(n) % 3 == 0,
    'records': np.array([(i, 'r%d' % i) for i in range(n)], dtype=[('a', '<i4'), ('b', '<U5')]),
    'turned': np.asfortranarray(rng.normal(size=(n, 2, 3))),
    'cube': rng.integers(0, 9, size=(n, 2, 2)),
    'bytes': np.array([b'b%d' % i for i in range(n)]),
    'other': np.arange(6),
    'scalar': np.array(3.5),
    'none': np.zeros((0, 4), '<i4'),
}
for name in ['<f4', '<f8', '>f8', '<f2', '|i1']:
    for order in 'CF':
        vectors = np.asarray(expected.astype(name), order=order)
        label = name.replace('<', '').replace('>', 'b').replace('|', '') + order
        np.save(f'{label}.npy', vectors)
        np.savez(f'{label}.npz', vectors=vectors, **beside)
        np.savez_compressed(f'{label}-packed.npz', **beside, vectors=vectors)
np.savez('two.npz', embeddings=expected, centroids=expected[:3], labels=np.zeros((n, 2), '<i8'))
np.savez('no.npz', labels=np.zeros(n, '<i8'), one=np.zeros(n, '<f4'))
np.savez('objects.npz', vectors=expected, ids=np.array(['a'] * n, dtype=object))
np.savez('empty.npz')
np.savez('only.npz', expected)

types = {'float64': '<f8', 'float32': '<f4', 'float16': '<f2', 'int8': '|i1', 'uint8': '|u1'}
tensors = {k: np.ascontiguousarray(v.astype('<i4')) if v.dtype.kind in 'i' else v for k, v in beside.items() if k in ('numbers', 'flags', 'cube', 'other', 'scalar', 'none')}
tensors['cube'] = tensors['cube'].astype('<i8')
for label, name in types.items():
    vectors = (np.abs(expected) if label == 'uint8' else expected).astype(name)
    st.save_file({**tensors, 'vectors': vectors}, f'{label}.safetensors', metadata={'model': 'ü', 'n': '500'})
upper = (expected.view('<u4') >> 16).astype('<u2')
with open('bfloat16.safetensors', 'wb') as file:
    file.write(safetensors.serialize({'vectors': safetensors.TensorSpec(dtype='bfloat16', shape=upper.shape, data_ptr=upper.ctypes.data, data_len=upper.nbytes)}))
np.save('bfloat16-expected.npy', (upper.astype('<u4') << 16).view('<f4'))
st.save_file({'a': expected, 'b': expected}, 'two.safetensors')
`,
  [],
  folder,
);

const expected = readNpyMatrix(at('expected.npy'));

async function load(name: string, member?: string): Promise<Matrix> {
  return loadVectors(await openVectorsFile(at(name), { member }));
}

const NPZ = ['f4', 'f8', 'bf8', 'f2', 'i1'].flatMap((type) =>
  ['C', 'F'].flatMap((order) => [`${type}${order}.npz`, `${type}${order}-packed.npz`]),
);
const NPY = ['f4', 'f8', 'bf8', 'f2', 'i1'].flatMap((type) => [`${type}C.npy`, `${type}F.npy`]);
const SAFETENSORS = ['float64', 'float32', 'float16', 'bfloat16', 'int8', 'uint8'];

describe('vectors as NumPy and safetensors save them', () => {
  test.each(NPZ)('%s', async (name) => {
    expect(await load(name)).toEqual(expected);
    expect(await load(name, 'vectors')).toEqual(expected);
  });

  test('those that lie in the file as they are stay there', async () => {
    expect(await openVectorsFile(at('f8C.npz'))).toMatchObject({ path: at('f8C.npz'), numbers: { type: 'float64' } });
    expect(await openVectorsFile(at('float16.safetensors'))).toMatchObject({ numbers: { type: 'float16' } });
    expect(await openVectorsFile(at('f4C.npy'))).not.toHaveProperty('data');
  });

  test.each(SAFETENSORS)('%s.safetensors', async (type) => {
    const name = { uint8: 'unsigned.npy', bfloat16: 'bfloat16-expected.npy' }[type];
    expect(await load(`${type}.safetensors`)).toEqual(name ? readNpyMatrix(at(name)) : expected);
  });

  test('a member by its name', async () => {
    expect(await load('two.npz', 'embeddings')).toEqual(expected);
    expect((await load('two.npz', 'centroids')).rows).toBe(3);
    expect(await load('two.safetensors', 'b')).toEqual(expected);
    expect(await load('only.npz')).toEqual(expected);
  });
});

test('kept rows: all arrays with as many rows are cut, in type, order and packing as they were', async () => {
  const names = [...NPY, ...NPZ, ...SAFETENSORS.map((type) => `${type}.safetensors`)];
  for (const name of names) await writeKeptRows(openRows(at(name)), keep, at(`kept-${name}`));
  await writeKeptRows(openRows(at('two.npz'), { member: 'embeddings' }), keep, at('kept-two.npz'));
  await writeKeptRows(openRows(at('f4C.npz')), () => false, at('kept-nothing.npz'));
  await writeKeptRows(openRows(at('float32.safetensors')), () => false, at('kept-nothing.safetensors'));
  const checked = python(
    `
import sys, zipfile, numpy as np, safetensors
n = ${ROWS}
kept = [row for row in range(n) if row % 7 == 3 or 100 <= row < 180 or row == n - 1]
def same(was, now, name, kept=kept):
    wanted = was[kept] if was.ndim and was.shape[0] == n else was
    assert now.dtype == wanted.dtype and now.shape == wanted.shape, (name, now.dtype, now.shape)
    assert np.array_equal(now, wanted), name
    if was.ndim > 1 and min(now.shape) > 1: assert now.flags.f_contiguous == was.flags.f_contiguous, name
def arrays(name):
    if name.endswith('.npy'): return {'': np.load(name)}
    if name.endswith('.npz'):
        with np.load(name) as file: return {key: file[key] for key in file.files}
    tensors = safetensors.deserialize(open(name, 'rb').read())
    sizes = {'F64': '<f8', 'F32': '<f4', 'F16': '<f2', 'BF16': '<u2', 'I64': '<i8', 'I32': '<i4', 'I8': '|i1', 'U8': '|u1', 'BOOL': '|b1'}
    return {key: np.frombuffer(t['data'], sizes[t['dtype']]).reshape(t['shape']) for key, t in tensors}
def check(name, kept=kept, out=None):
    was, now = arrays(name), arrays(out or 'kept-' + name)
    assert list(was) == list(now) or set(was) == set(now), name
    for key in was: same(was[key], now[key], name + ' ' + key, kept)
    if name.endswith('.npz'):
        packing = lambda path: [(i.filename, i.compress_type, i.date_time) for i in zipfile.ZipFile(path).infolist()]
        assert packing(name) == packing(out or 'kept-' + name), name
        assert zipfile.ZipFile(out or 'kept-' + name).testzip() is None
    if name.endswith('.safetensors'):
        with safetensors.safe_open(name, 'np') as a, safetensors.safe_open(out or 'kept-' + name, 'np') as b:
            assert a.metadata() == b.metadata() and set(a.keys()) == set(b.keys())
for name in sys.argv[1:]: check(name)
check('f4C.npz', [], 'kept-nothing.npz')
check('float32.safetensors', [], 'kept-nothing.safetensors')
print(len(sys.argv) - 1)
`,
    [...names, 'two.npz'],
    folder,
  );
  expect(checked.trim()).toBe(String(names.length + 1));
});

test.each(['f4C.npy', 'f4C.npz', 'f4C-packed.npz', 'float32.safetensors'])(
  'a full disk ends the writing of %s',
  async (name) => {
    const sink = {
      write: () => {
        throw new Error('no space left');
      },
    };
    await expect(openRows(at(name)).writeKept(keep, sink)).rejects.toThrow('no space left');
  },
);

describe('refused with one line', () => {
  test.each<[string, string | undefined, RegExp]>([
    [
      'two.npz',
      undefined,
      /several arrays of vectors: embeddings \(500 × 6 float32\), centroids \(3 × 6 float32\); name one with --member/,
    ],
    ['two.safetensors', undefined, /several arrays of vectors: a \(500 × 6 float32\), b/],
    ['two.npz', 'embedings', /no array 'embedings'; did you mean 'embeddings'\? The arrays are embeddings \(500/],
    ['two.npz', 'labels', /two.npz, array 'labels': embeddings must be float32.*these are int64/],
    ['f4C.npz', 'turned', /array 'turned': a two-dimensional array .* this one is \(500, 2, 3\)/],
    ['no.npz', undefined, /holds no array of vectors.*labels \(500 int64\), one \(500 float32\)/],
    ['empty.npz', undefined, /holds no array of vectors.*the arrays are none/],
    ['f4C.npy', 'vectors', /--member names an array of a .npz/],
    ['missing.npz', undefined, /cannot read .*missing.npz: no such file/],
    ['missing.safetensors', undefined, /cannot read .*no such file/],
  ])('%s %s', async (name, member, message) => {
    await expect(openVectorsFile(at(name), { member })).rejects.toThrow(CoresetError);
    await expect(openVectorsFile(at(name), { member })).rejects.toThrow(message);
  });

  test('Python objects beside the vectors, before any work', async () => {
    const file = openRows(at('objects.npz'));
    await expect(file.fields()).rejects.toThrow(/array 'ids' holds Python objects.*astype\(str\)/);
    await expect(writeKeptRows(file, keep, at('kept-objects.npz'))).rejects.toThrow(/holds Python objects/);
    expect(await load('objects.npz')).toEqual(expected);
  });

  test('fields are none, and rows cannot be read', async () => {
    const file = openRows(at('f4C.npz'));
    expect(await file.fields()).toEqual([]);
    await expect(file.batches([]).next()).rejects.toThrow(/holds embeddings, not fields/);
  });

  test('a .npz file in which a byte has changed', async () => {
    const bytes = readFileSync(at('f4C-packed.npz'));
    const changed = fc.record({ place: fc.nat(bytes.length - 1), value: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(changed, async ({ place, value }) => {
        const bad = Buffer.from(bytes);
        bad[place] ^= value;
        writeFileSync(at('bad.npz'), bad);
        try {
          expect(await load('bad.npz', 'vectors')).toEqual(expected);
        } catch (error) {
          expect(CoresetError.isInstance(error), String(error)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  test.each<[string, (header: Record<string, { data_offsets: number[]; shape: number[] }>) => void]>([
    ['overlap', (header) => void (header.b.data_offsets = [0, 12000])],
    ['leave a gap', (header) => void (header.b.data_offsets = [12000, 24004])],
    ['lie outside', (header) => void (header.b.data_offsets = [24000, 36000])],
    ['have another size', (header) => void (header.b.shape = [500, 7])],
    ['have no size', (header) => void (header.b.shape = [500, -6])],
    ['are no numbers', (header) => void (header.b.shape = ['6' as unknown as number])],
    ['are missing', (header) => void delete (header as Partial<typeof header>).b],
  ])('a .safetensors file whose tensors %s', async (_, change) => {
    const bytes = readFileSync(at('two.safetensors'));
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    change(header);
    const text = Buffer.from(JSON.stringify(header));
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(text.length));
    writeFileSync(at('bad.safetensors'), Buffer.concat([prefix, text, bytes.subarray(8 + length)]));
    await expect(load('bad.safetensors', 'a')).rejects.toThrow(/cut short or damaged/);
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['no header', Buffer.alloc(100, 0xff)],
    ['no JSON', Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{]')])],
    ['a list', Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('[]')])],
    ['cut short', readFileSync(at('two.safetensors')).subarray(0, -1)],
  ])('a .safetensors file that is %s', async (_, bytes) => {
    writeFileSync(at('bad.safetensors'), bytes);
    await expect(load('bad.safetensors')).rejects.toThrow(/not a .safetensors file, cut short or damaged/);
  });
});
