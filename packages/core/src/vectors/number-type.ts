import { CoresetError } from '../errors/error.js';

/** The numbers that vectors may consist of. Larger integers are labels or row numbers, hardly ever vectors. */
export type VectorType = 'float64' | 'float32' | 'float16' | 'bfloat16' | 'int8' | 'uint8';

/** The numbers that a file may hold. */
export type NumberType = VectorType | 'int64' | 'uint64' | 'int32' | 'uint32' | 'int16' | 'uint16' | 'bool';

/** How the numbers in a file are encoded. */
export interface NumberFormat<Type extends NumberType = NumberType> {
  type: Type;
  /** Most significant byte first. Default: the least significant one. */
  bigEndian?: boolean;
}

export type VectorFormat = NumberFormat<VectorType>;

/** Bytes of one number. */
export const NUMBER_BYTES: Readonly<Record<NumberType, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  uint64: 8,
  int32: 4,
  uint32: 4,
  int16: 2,
  uint16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

const VECTOR_TYPES: NumberType[] = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int8',
  'uint8',
] satisfies VectorType[];

/**
 * Numbers that vectors may consist of, as they stand.
 * @param name of the array, for the message
 * @throws CoresetError when vectors are not of such numbers
 */
export function requireVectorFormat({ type, bigEndian }: NumberFormat, name: string): VectorFormat {
  if (!VECTOR_TYPES.includes(type))
    throw new CoresetError(`${name}: embeddings must be ${VECTOR_TYPES.join(', ')}, these are ${type}`);
  return { type: type as VectorType, bigEndian };
}

/** Turns the bytes of numbers, at the beginning of an array buffer, into float32; it may change the bytes. */
export type ToFloat32 = (bytes: Uint8Array, target: Float32Array) => void;

/**
 * How numbers become float32: exactly, but that float64 is rounded.
 * @returns undefined for those that are float32 as they stand
 */
export function toFloat32({ type, bigEndian = false }: VectorFormat): ToFloat32 | undefined {
  if (type === 'float32' && !bigEndian) return undefined;
  return (bytes, target) => {
    const size = NUMBER_BYTES[type];
    if (bigEndian) swapBytes(bytes, size);
    const { buffer, byteOffset } = bytes;
    const count = bytes.length / size;
    if (type === 'float16') spreadHalves(new Uint16Array(buffer, byteOffset, count), target);
    else if (type === 'bfloat16') spreadBrainFloats(new Uint16Array(buffer, byteOffset, count), target);
    else target.set(new VIEWS[type](buffer, byteOffset, count));
  };
}

const VIEWS: Record<
  Exclude<VectorType, 'float16' | 'bfloat16'>,
  new (
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ) => ArrayLike<number>
> = { float64: Float64Array, float32: Float32Array, int8: Int8Array, uint8: Uint8Array };

/** Reverse the bytes of each number, in place. */
export function swapBytes({ buffer, byteOffset, length }: Uint8Array, size: number): void {
  const bytes = Buffer.from(buffer, byteOffset, length);
  if (size === 2) bytes.swap16();
  else if (size === 4) bytes.swap32();
  else if (size === 8) bytes.swap64();
}

let halfValues: Float32Array | undefined;

/** The value of each of the 65,536 float16 numbers. */
function valuesOfHalves(): Float32Array {
  const values = new Float32Array(1 << 16);
  for (let bits = 0; bits < values.length; bits++) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    let value = (1 + fraction / 1024) * 2 ** (exponent - 15);
    if (exponent === 0) value = fraction * 2 ** -24;
    else if (exponent === 31) value = fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
    values[bits] = bits >> 15 === 1 ? -value : value;
  }
  return values;
}

function spreadHalves(halves: Uint16Array, target: Float32Array): void {
  const values = (halfValues ??= valuesOfHalves());
  for (let i = 0; i < halves.length; i++) target[i] = values[halves[i]];
}

/** A bfloat16 number is the upper half of a float32 number. */
function spreadBrainFloats(halves: Uint16Array, target: Float32Array): void {
  const bits = new Uint32Array(target.buffer, target.byteOffset, halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i] << 16;
}
