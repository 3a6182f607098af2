/** Typed arrays that {@link pack} keeps as they are. */
const ARRAYS = {
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
} as const;

type Packable = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>;

/** Where an array lies behind the JSON. */
interface Packed {
  $array: keyof typeof ARRAYS;
  at: number;
  length: number;
}

/** Of the greatest element, so that every array can be looked at in place. */
const ALIGNMENT = 8;
/** Numbers of four bytes before the JSON: its length. */
const HEADER = 4;

/**
 * Plain objects with typed arrays as bytes: the length of a JSON text, that text, and the arrays behind one another in the byte
 * order of the machine, which is little-endian wherever Node and browsers run.
 * @param value objects, arrays, texts, numbers and typed arrays; no key is `$array`
 */
export function pack(value: object): Uint8Array {
  const arrays: Packable[] = [];
  let at = 0;
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (!ArrayBuffer.isView(part)) return part;
    const $array = part.constructor.name as keyof typeof ARRAYS;
    if (!Object.hasOwn(ARRAYS, $array)) throw new TypeError(`${$array} cannot be packed`);
    const array = part as Packable;
    const place: Packed = { $array, at, length: array.length };
    arrays.push(array);
    at += aligned(array.byteLength);
    return place;
  });
  const json = new TextEncoder().encode(text);
  const start = aligned(HEADER + json.length);
  const bytes = new Uint8Array(start + at);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, HEADER);
  let place = start;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), place);
    place += aligned(array.byteLength);
  }
  return bytes;
}

/** What {@link pack} packed. @param bytes from the beginning of their buffer */
export function unpack<T extends object>(bytes: Uint8Array): T {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const start = bytes.byteOffset + aligned(HEADER + length);
  const text = new TextDecoder().decode(bytes.subarray(HEADER, HEADER + length));
  return JSON.parse(text, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || !('$array' in part)) return part;
    const { $array, at, length: elements } = part as Packed;
    return new ARRAYS[$array](bytes.buffer as ArrayBuffer, start + at, elements);
  }) as T;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** What {@link pack} packs, compressed and in letters among which there is no markup: base64 of gzip. */
export async function packToText(value: object): Promise<string> {
  const bytes = await through(pack(value), new CompressionStream('gzip'));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** What {@link packToText} packed; for browsers. */
export async function unpackText<T extends object>(text: string): Promise<T> {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return unpack<T>(await through(bytes, new DecompressionStream('gzip')));
}

async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const packed = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
