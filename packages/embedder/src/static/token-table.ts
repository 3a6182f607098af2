import { CoresetError, toFloat32, type VectorType } from '@coreset/core';
import { readTensor, safetensorsHeader, type TensorEntry } from './safetensors.js';
import { type StaticFolder, staticTablePath } from './static-folder.js';

/** The vectors of the tokens of a static model, in memory that threads share. */
export interface TokenTable {
  /** rows × cols; a model of one-byte numbers keeps them. */
  values: Float32Array | Int8Array | Uint8Array;
  rows: number;
  cols: number;
  /** Of each token the row that is its vector; undefined: the row of its id. */
  mapping?: Int32Array;
  /** Of each token what its vector is multiplied by; undefined: 1. */
  weights?: Float64Array;
}

/** What a table is like, as the header of its file says. */
export interface TableOutline {
  /** The type of its numbers. */
  type: VectorType;
  rows: number;
  cols: number;
  /** Of the file's tensors. */
  bytes: number;
}

const TYPES: Record<string, VectorType> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I8: 'int8',
  U8: 'uint8',
};

function tableEntry(folder: string, model: StaticFolder): { entry: TensorEntry; outline: TableOutline } {
  const path = staticTablePath(folder, model);
  const tensors = safetensorsHeader(path);
  const entry = tensors.get(model.tensor) as TensorEntry;
  const type = TYPES[entry.type];
  const [rows, cols] = entry.shape;
  if (type === undefined || entry.shape.length !== 2 || rows === 0 || cols === 0)
    throw new CoresetError(
      `cannot read ${path}: its ${model.tensor} are ${entry.type} of the shape ${entry.shape.join(' × ')}; a table of tokens × columns is needed, of ${Object.keys(TYPES).join(', ')}`,
    );
  const bytes = [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes, 0);
  return { entry, outline: { type, rows, cols, bytes } };
}

/**
 * What the table of a static model is like; its numbers are not read.
 * @throws CoresetError when it is no table of tokens
 */
export function tableOutline(folder: string, model: StaticFolder): TableOutline {
  return tableEntry(folder, model).outline;
}

/** A tensor with a number per token, in doubles; undefined where there is none. */
function numbersPerToken(path: string, name: 'mapping' | 'weights'): Float64Array | undefined {
  const entry = safetensorsHeader(path).get(name);
  if (entry === undefined) return undefined;
  const memory = new ArrayBuffer(entry.bytes);
  readTensor(path, entry, memory);
  const [count] = entry.shape;
  if (entry.shape.length === 1) {
    if (entry.type === 'I64') return Float64Array.from(new BigInt64Array(memory), Number);
    if (entry.type === 'I32') return Float64Array.from(new Int32Array(memory));
    if (entry.type === 'F64') return new Float64Array(memory);
    if (entry.type === 'F32') return Float64Array.from(new Float32Array(memory));
    const type = TYPES[entry.type];
    if (type === 'float16' || type === 'bfloat16') {
      const values = new Float32Array(count);
      toFloat32({ type })?.(new Uint8Array(memory), values);
      return Float64Array.from(values);
    }
  }
  throw new CoresetError(
    `cannot read ${path}: its ${name} are ${entry.type} of the shape ${entry.shape.join(' × ')}, not a number per token`,
  );
}

function shared<Values extends Int32Array | Float64Array>(
  values: ArrayLike<number>,
  type: new (memory: SharedArrayBuffer) => Values,
  bytes: number,
): Values {
  const result = new type(new SharedArrayBuffer(values.length * bytes));
  result.set(values);
  return result;
}

/** Numbers that a table keeps as they are; others become float32. */
const KEPT: Partial<Record<VectorType, new (memory: SharedArrayBuffer) => TokenTable['values']>> = {
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
};

function readValues(path: string, entry: TensorEntry, type: VectorType): TokenTable['values'] {
  const Kept = KEPT[type];
  if (Kept) {
    const memory = new SharedArrayBuffer(entry.bytes);
    readTensor(path, entry, memory);
    return new Kept(memory);
  }
  const memory = new ArrayBuffer(entry.bytes);
  readTensor(path, entry, memory);
  const count = entry.shape[0] * entry.shape[1];
  const values = new Float32Array(new SharedArrayBuffer(count * Float32Array.BYTES_PER_ELEMENT));
  toFloat32({ type })?.(new Uint8Array(memory), values);
  return values;
}

/**
 * Read the table of a static model.
 * @throws CoresetError naming the file when it cannot be used
 */
export function readTokenTable(folder: string, model: StaticFolder): TokenTable {
  const path = staticTablePath(folder, model);
  const { entry, outline } = tableEntry(folder, model);
  const { type, rows, cols } = outline;
  const values = readValues(path, entry, type);
  // sentence-transformers saves neither of the two beside its own table.
  const isOfModel2Vec = model.tensor === 'embeddings';
  const mapping = isOfModel2Vec ? numbersPerToken(path, 'mapping') : undefined;
  const weights = isOfModel2Vec ? numbersPerToken(path, 'weights') : undefined;
  const wrong = mapping?.findIndex((row) => !(Number.isInteger(row) && row >= 0 && row < rows)) ?? -1;
  if (wrong >= 0)
    throw new CoresetError(
      `cannot read ${path}: its mapping gives the token ${wrong} the row ${mapping?.[wrong]} of a table of ${rows} rows`,
    );
  return {
    values,
    rows,
    cols,
    mapping: mapping && shared(mapping, Int32Array, Int32Array.BYTES_PER_ELEMENT),
    weights: weights && shared(weights, Float64Array, Float64Array.BYTES_PER_ELEMENT),
  };
}

/** Tokens that a table has a vector and a weight for. */
export function knownTokens({ rows, mapping, weights }: TokenTable): number {
  return Math.min(mapping?.length ?? rows, weights?.length ?? Number.POSITIVE_INFINITY);
}
