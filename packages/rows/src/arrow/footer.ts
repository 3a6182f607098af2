/** Where a message lies in the file written. */
export interface Place {
  offset: number;
  headLength: number;
  bodyLength: number;
}

const BLOCK_BYTES = 24;

/**
 * The footer of a file with other batches than `old`'s. The new table stands before the bytes of the old footer and
 * points into them for the schema and the metadata, so that these stay as they were.
 */
export function arrowFooter(old: Buffer, dictionaries: Place[], batches: Place[]): Buffer {
  const oldTable = old.readUInt32LE(0);
  const schema = fieldPosition(old, oldTable, 1);
  const metadata = fieldPosition(old, oldTable, 4);
  if (schema === undefined) throw new Error('its footer has no schema');
  const version = fieldPosition(old, oldTable, 0);

  // root offset, vtable (two lengths, five fields), table (vtable offset, version, four offsets)
  const vtable = 4;
  const vtableBytes = 4 + 5 * 2;
  const table = 20;
  const tableBytes = 4 + 4 + 4 * 4;
  const dictionaryVector = table + tableBytes;
  const dictionaryBytes = vectorBytes(dictionaryVector, dictionaries.length);
  const batchVector = dictionaryVector + dictionaryBytes;
  const oldStart = Math.ceil((batchVector + vectorBytes(batchVector, batches.length)) / 8) * 8;
  const head = Buffer.alloc(oldStart);

  head.writeUInt32LE(table, 0);
  head.writeUInt16LE(vtableBytes, vtable);
  head.writeUInt16LE(tableBytes, vtable + 2);
  const places = [4, 8, 12, 16, metadata === undefined ? 0 : 20];
  for (const [i, place] of places.entries()) head.writeUInt16LE(place, vtable + 4 + i * 2);
  head.writeInt32LE(table - vtable, table);
  head.writeInt16LE(version === undefined ? 0 : old.readInt16LE(version), table + 4);
  const point = (place: number, target: number): void => {
    head.writeUInt32LE(target - (table + place), table + place);
  };
  point(8, oldStart + target(old, schema));
  point(12, writeVector(head, dictionaryVector, dictionaries));
  point(16, writeVector(head, batchVector, batches));
  if (metadata !== undefined) point(20, oldStart + target(old, metadata));
  return Buffer.concat([head, old]);
}

/** Where field `i` of a flatbuffers table lies, or undefined where it is left out. */
function fieldPosition(buffer: Buffer, table: number, i: number): number | undefined {
  const vtable = table - buffer.readInt32LE(table);
  if (4 + i * 2 >= buffer.readUInt16LE(vtable)) return undefined;
  const place = buffer.readUInt16LE(vtable + 4 + i * 2);
  return place === 0 ? undefined : table + place;
}

function target(buffer: Buffer, position: number): number {
  return position + buffer.readUInt32LE(position);
}

/** Space for a vector of blocks whose elements begin at a multiple of eight. */
function vectorBytes(start: number, count: number): number {
  return vectorStart(start) + 4 + count * BLOCK_BYTES - start;
}

function vectorStart(start: number): number {
  return Math.ceil((start + 4) / 8) * 8 - 4;
}

function writeVector(head: Buffer, start: number, places: Place[]): number {
  const at = vectorStart(start);
  head.writeUInt32LE(places.length, at);
  for (const [i, { offset, headLength, bodyLength }] of places.entries()) {
    const block = at + 4 + i * BLOCK_BYTES;
    head.writeBigInt64LE(BigInt(offset), block);
    head.writeInt32LE(headLength, block + 8);
    head.writeBigInt64LE(BigInt(bodyLength), block + 16);
  }
  return at;
}
