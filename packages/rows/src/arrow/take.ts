import { type ArrowArray, isValid, range, runOf, viewBytes } from './arrays.js';

/** The values of an array at some indices, in their order, by copying bytes: no value is looked into. */
export function takeValues(array: ArrowArray, indices: Uint32Array): ArrowArray {
  const { field, buffers, children } = array;
  const { layout } = field;
  const taken: ArrowArray = {
    field,
    length: indices.length,
    validity: takeValidity(array, indices),
    buffers: [],
    children: [],
  };
  switch (layout.kind) {
    case 'none':
      return taken;
    case 'bits':
      return { ...taken, buffers: [takeBits(buffers[0], indices)] };
    case 'fixed':
      return { ...taken, buffers: [takeFixed(buffers[0], layout.width, indices)] };
    case 'bytes':
      return { ...taken, buffers: takeBytes(array, indices, layout.isWide) };
    case 'views':
      return { ...taken, buffers: takeViews(array, indices) };
    case 'list':
    case 'list-view':
      return takeLists(array, taken, indices, layout.isWide, layout.kind === 'list-view');
    case 'fixed-list': {
      const items = new Uint32Array(indices.length * layout.size);
      for (const [i, index] of indices.entries())
        for (let j = 0; j < layout.size; j++) items[i * layout.size + j] = index * layout.size + j;
      return { ...taken, children: [takeValues(children[0], items)] };
    }
    case 'struct':
      return { ...taken, children: children.map((child) => takeValues(child, indices)) };
    case 'union':
      return layout.isDense
        ? takeDenseUnion(array, taken, indices, layout.typeIds)
        : {
            ...taken,
            buffers: [takeFixed(buffers[0], 1, indices)],
            children: children.map((child) => takeValues(child, indices)),
          };
    case 'runs':
      return takeRuns(array, taken, indices);
  }
}

/** How many of the values are null. */
export function nullCount({ validity, length, field }: ArrowArray): number {
  if (field.layout.kind === 'none') return length;
  if (validity.length === 0) return 0;
  let count = 0;
  for (let i = 0; i < length; i++) count += 1 - ((validity[i >> 3] >> (i & 7)) & 1);
  return count;
}

function takeValidity({ validity }: ArrowArray, indices: Uint32Array): Buffer {
  return validity.length === 0 ? validity : takeBits(validity, indices);
}

function takeBits(bits: Buffer, indices: Uint32Array): Buffer {
  const taken = Buffer.alloc(Math.ceil(indices.length / 8));
  for (const [i, index] of indices.entries()) taken[i >> 3] |= ((bits[index >> 3] >> (index & 7)) & 1) << (i & 7);
  return taken;
}

function takeFixed(bytes: Buffer, width: number, indices: Uint32Array): Buffer {
  const taken = Buffer.alloc(indices.length * width);
  for (const [i, index] of indices.entries()) bytes.copy(taken, i * width, index * width, (index + 1) * width);
  return taken;
}

function writeOffset(buffer: Buffer, i: number, value: number, isWide: boolean): void {
  if (isWide) buffer.writeBigInt64LE(BigInt(value), i * 8);
  else buffer.writeInt32LE(value, i * 4);
}

/** Where the values taken begin and end, and new offsets for them; null values have no bytes or items. */
function takeRanges(
  array: ArrowArray,
  indices: Uint32Array,
  isWide: boolean,
): { ranges: [number, number][]; offsets: Buffer; total: number } {
  const offsets = Buffer.alloc((indices.length + 1) * (isWide ? 8 : 4));
  const ranges: [number, number][] = [];
  let total = 0;
  for (const [i, index] of indices.entries()) {
    const found: [number, number] = isValid(array, index) ? range(array, index) : [0, 0];
    ranges.push(found);
    total += found[1] - found[0];
    writeOffset(offsets, i + 1, total, isWide);
  }
  return { ranges, offsets, total };
}

function takeBytes(array: ArrowArray, indices: Uint32Array, isWide: boolean): Buffer[] {
  const { ranges, offsets, total } = takeRanges(array, indices, isWide);
  const bytes = Buffer.alloc(total);
  let at = 0;
  for (const [start, end] of ranges) {
    if (end > array.buffers[1].length) throw new Error('an offset is damaged');
    at += array.buffers[1].copy(bytes, at, start, end);
  }
  return [offsets, bytes];
}

function takeLists(
  array: ArrowArray,
  taken: ArrowArray,
  indices: Uint32Array,
  isWide: boolean,
  hasSizes: boolean,
): ArrowArray {
  const { ranges, offsets, total } = takeRanges(array, indices, isWide);
  const [items] = array.children;
  if (ranges.some(([, end]) => end > items.length)) throw new Error('an offset is damaged');
  const itemIndices = new Uint32Array(total);
  let at = 0;
  for (const [start, end] of ranges) for (let i = start; i < end; i++) itemIndices[at++] = i;
  const children = [takeValues(items, itemIndices)];
  if (!hasSizes) return { ...taken, buffers: [offsets], children };
  const width = isWide ? 8 : 4;
  const sizes = Buffer.alloc(indices.length * width);
  for (const [i, [start, end]] of ranges.entries()) writeOffset(sizes, i, end - start, isWide);
  return { ...taken, buffers: [offsets.subarray(0, indices.length * width), sizes], children };
}

/** Short values lie in the views themselves; the others are put together into one buffer. */
function takeViews(array: ArrowArray, indices: Uint32Array): Buffer[] {
  const views = takeFixed(array.buffers[0], 16, indices);
  const parts: Buffer[] = [];
  let total = 0;
  for (const [i, index] of indices.entries()) {
    if (!isValid(array, index)) {
      views.fill(0, i * 16, (i + 1) * 16);
      continue;
    }
    const bytes = viewBytes(array, index);
    if (bytes.length <= 12) continue;
    views.writeInt32LE(0, i * 16 + 8);
    views.writeInt32LE(total, i * 16 + 12);
    parts.push(bytes);
    total += bytes.length;
  }
  return total === 0 ? [views] : [views, Buffer.concat(parts)];
}

function takeDenseUnion(array: ArrowArray, taken: ArrowArray, indices: Uint32Array, typeIds: number[]): ArrowArray {
  const [types, offsets] = array.buffers;
  const children = typeIds.map((): number[] => []);
  const newOffsets = Buffer.alloc(indices.length * 4);
  for (const [i, index] of indices.entries()) {
    const child = children[typeIds.indexOf(types.readInt8(index))];
    if (child === undefined) throw new Error('a union has a value of none of its types');
    newOffsets.writeInt32LE(child.length, i * 4);
    child.push(offsets.readInt32LE(index * 4));
  }
  return {
    ...taken,
    buffers: [takeFixed(types, 1, indices), newOffsets],
    children: array.children.map((child, c) => takeValues(child, Uint32Array.from(children[c]))),
  };
}

function takeRuns(array: ArrowArray, taken: ArrowArray, indices: Uint32Array): ArrowArray {
  const [ends, values] = array.children;
  const runs: number[] = [];
  const newEnds: number[] = [];
  for (const [i, index] of indices.entries()) {
    const run = runOf(array, index);
    if (runs.at(-1) !== run) {
      runs.push(run);
      newEnds.push(0);
    }
    newEnds[newEnds.length - 1] = i + 1;
  }
  const width = ends.field.layout.kind === 'fixed' ? ends.field.layout.width : 4;
  const bytes = Buffer.alloc(newEnds.length * width);
  for (const [i, end] of newEnds.entries()) bytes.writeUIntLE(end, i * width, Math.min(width, 6));
  return {
    ...taken,
    children: [{ ...ends, length: newEnds.length, buffers: [bytes] }, takeValues(values, Uint32Array.from(runs))],
  };
}
