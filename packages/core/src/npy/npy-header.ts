import { CoresetError } from '../errors/error.js';
import type { NumberFormat, NumberType } from '../vectors/number-type.js';

const MAGIC = '\x93NUMPY';
const MAX_HEADER_BYTES = 1 << 16;

/** So many bytes of a `.npy` file tell how long its header is. */
export const NPY_PREAMBLE_BYTES = 12;

/** NumPy's names of the element types, without the byte order. */
const TYPES: Record<string, NumberType> = {
  f8: 'float64',
  f4: 'float32',
  f2: 'float16',
  i8: 'int64',
  u8: 'uint64',
  i4: 'int32',
  u4: 'uint32',
  i2: 'int16',
  u2: 'uint16',
  i1: 'int8',
  u1: 'uint8',
  b1: 'bool',
};

/** What the header of a `.npy` file says. */
export interface NpyHeader {
  /** The file's name in messages. */
  path: string;
  /** NumPy's name of the element type, such as `<f4`; a list where the elements are records. */
  descr: string;
  /** How the elements are encoded; undefined where they are no numbers of a type known here. */
  numbers: NumberFormat | undefined;
  /** Whether the elements are Python objects, which Python alone can read. */
  objects: boolean;
  shape: number[];
  /** Number of elements. */
  length: number;
  /** Whether the first index runs fastest (columns one after the other), not the last. */
  fortranOrder: boolean;
  /** Where the elements begin, in bytes. */
  dataOffset: number;
}

/**
 * Where the elements of a `.npy` file begin, in bytes.
 * @param preamble its first {@link NPY_PREAMBLE_BYTES}
 * @param fileBytes length of the whole file
 */
export function npyDataOffset(preamble: Buffer, fileBytes: number, path: string): number {
  if (fileBytes < NPY_PREAMBLE_BYTES) throw new CoresetError(`${path}: ${fileBytes} bytes are too few for a .npy file`);
  if (preamble.toString('latin1', 0, 6) !== MAGIC) {
    throw new CoresetError(`${path}: not a .npy file (it does not begin with the NumPy signature)`);
  }
  const version = preamble[6];
  if (version < 1 || version > 3)
    throw new CoresetError(`${path}: .npy format version ${version} is not known (1 to 3 are)`);
  const headerBytes = version === 1 ? preamble.readUInt16LE(8) : preamble.readUInt32LE(8);
  const dataOffset = textStart(version) + headerBytes;
  if (headerBytes > MAX_HEADER_BYTES || dataOffset > fileBytes) {
    throw new CoresetError(`${path}: the .npy header is cut short or damaged`);
  }
  return dataOffset;
}

function textStart(version: number): number {
  return version === 1 ? 10 : 12;
}

/**
 * Read what is before the elements of a `.npy` file (format 1 to 3).
 * @param head exactly the bytes before the elements
 */
export function parseNpyHeader(head: Buffer, path: string): NpyHeader {
  const text = head.toString('latin1', textStart(head[6]));
  const [, name, records] = /'descr'\s*:\s*(?:'([^']*)'|(\[.*\])\s*,\s*'(?:fortran_order|shape)')/s.exec(text) ?? [];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const tuple = SHAPE.exec(text)?.[1];
  const descr = name ?? records;
  if (descr === undefined || order === undefined || tuple === undefined) {
    throw new CoresetError(`${path}: the .npy header is not readable; save a plain numeric array with numpy.save`);
  }
  const shape = tuple
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => Number(part.replace('L', '')));
  return {
    path,
    descr,
    numbers: numbersOf(descr),
    objects: /(^|')[|<>=]?O8?($|')/.test(descr),
    shape,
    length: shape.reduce((product, size) => product * size, 1),
    fortranOrder: order === 'True',
    dataOffset: head.length,
  };
}

const SHAPE = /'shape'\s*:\s*\(([\d\s,L]*)\)/;

function numbersOf(descr: string): NumberFormat | undefined {
  const [, order, name] = /^([<>|=])([a-z]\d)$/.exec(descr) ?? [];
  const type = TYPES[name];
  if (type === undefined) return undefined;
  return order === '>' ? { type, bigEndian: true } : { type };
}

/** The bytes before the elements of a `.npy` file (format 1.0, C order), padded as NumPy pads them. */
export function npyHeader(descr: string, shape: number[]): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tupleOf(shape)}, }`;
  return encodeHeader(text, 1);
}

/** The header of the same array with another number of rows. */
export function npyHeaderWithRows(head: Buffer, rows: number): Buffer {
  const { shape } = parseNpyHeader(head, '');
  const text = head.toString('latin1', textStart(head[6])).trimEnd();
  return encodeHeader(text.replace(SHAPE, `'shape': ${tupleOf([rows, ...shape.slice(1)])}`), head[6]);
}

function tupleOf(shape: number[]): string {
  return `(${shape.length === 1 ? `${shape[0]},` : shape.join(', ')})`;
}

function encodeHeader(text: string, version: number): Buffer {
  const start = textStart(version);
  const padded = text.padEnd(Math.ceil((start + text.length + 1) / 64) * 64 - start - 1) + '\n';
  const header = Buffer.alloc(start + padded.length);
  header.write(MAGIC, 'latin1');
  header[6] = version;
  if (version === 1) header.writeUInt16LE(padded.length, 8);
  else header.writeUInt32LE(padded.length, 8);
  header.write(padded, start, 'latin1');
  return header;
}
