import {
  CoresetError,
  readSafetensorsHeader,
  readTensor,
  type Tensor,
  toFloat32,
  type VectorType,
} from '@coreset/core';
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

/** Types that a table may have. */
const TYPES: VectorType[] = ['float64', 'float32', 'float16', 'bfloat16', 'int8', 'uint8'];

function isTableType(type: string | undefined): type is VectorType {
  return TYPES.includes(type as VectorType);
}

interface OpenedTable {
  path: string;
  tensors: Tensor[];
  table: Tensor;
  outline: TableOutline;
}

function openTable(folder: string, model: StaticFolder): OpenedTable {
  const path = staticTablePath(folder, model);
  const { tensors } = readSafetensorsHeader(path);
  const table = tensors.find(({ name }) => name === model.tensor) as Tensor;
  const { type, dtype, shape } = table;
  const [rows, cols] = shape;
  if (!isTableType(type) || shape.length !== 2 || rows === 0 || cols === 0)
    throw new CoresetError(
      `cannot read ${path}: its ${model.tensor} are ${dtype} of the shape ${shape.join(' × ')}; a table of tokens × columns is needed, of ${TYPES.join(', ')}`,
    );
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  return { path, tensors, table, outline: { type, rows, cols, bytes } };
}

/**
 * What the table of a static model is like; its numbers are not read.
 * @throws CoresetError when it is no table of tokens
 */
export function tableOutline(folder: string, model: StaticFolder): TableOutline {
  return openTable(folder, model).outline;
}

/** A tensor with a number per token, in doubles; undefined where there is none. */
function numbersPerToken({ path, tensors }: OpenedTable, wanted: 'mapping' | 'weights'): Float64Array | undefined {
  const tensor = tensors.find(({ name }) => name === wanted);
  if (tensor === undefined) return undefined;
  const { type, dtype, shape, bytes } = tensor;
  const memory = new ArrayBuffer(bytes);
  readTensor(path, tensor, memory);
  if (shape.length === 1) {
    if (type === 'int64') return Float64Array.from(new BigInt64Array(memory), Number);
    if (type === 'int32') return Float64Array.from(new Int32Array(memory));
    if (type === 'float64') return new Float64Array(memory);
    if (isTableType(type)) return Float64Array.from(asFloat32(type, memory, shape[0]));
  }
  throw new CoresetError(
    `cannot read ${path}: its ${wanted} are ${dtype} of the shape ${shape.join(' × ')}, not a number per token`,
  );
}

function asFloat32(type: VectorType, memory: ArrayBuffer, count: number): Float32Array {
  const convert = toFloat32({ type });
  if (convert === undefined) return new Float32Array(memory);
  const values = new Float32Array(new SharedArrayBuffer(count * Float32Array.BYTES_PER_ELEMENT));
  convert(new Uint8Array(memory), values);
  return values;
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

function readValues(path: string, table: Tensor, { type, rows, cols }: TableOutline): TokenTable['values'] {
  const Kept = KEPT[type];
  const memory = Kept ? new SharedArrayBuffer(table.bytes) : new ArrayBuffer(table.bytes);
  readTensor(path, table, memory);
  return Kept ? new Kept(memory as SharedArrayBuffer) : asFloat32(type, memory as ArrayBuffer, rows * cols);
}

/**
 * Read the table of a static model.
 * @throws CoresetError naming the file when it cannot be used
 */
export function readTokenTable(folder: string, model: StaticFolder): TokenTable {
  const opened = openTable(folder, model);
  const { path, table, outline } = opened;
  const { rows, cols } = outline;
  // sentence-transformers saves neither of the two beside its own table.
  const isOfModel2Vec = model.tensor === 'embeddings';
  const mapping = isOfModel2Vec ? numbersPerToken(opened, 'mapping') : undefined;
  const weights = isOfModel2Vec ? numbersPerToken(opened, 'weights') : undefined;
  const wrong = mapping?.findIndex((row) => !(Number.isInteger(row) && row >= 0 && row < rows)) ?? -1;
  if (wrong >= 0)
    throw new CoresetError(
      `cannot read ${path}: its mapping gives the token ${wrong} the row ${mapping?.[wrong]} of a table of ${rows} rows`,
    );
  return {
    values: readValues(path, table, outline),
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
