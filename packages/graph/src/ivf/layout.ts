import {
  inParts,
  memoryOfVectors,
  range,
  ranges,
  type Steps,
  sharedInts,
  type Vectors,
  type WasmMemory,
} from '@coreset/core';
import { arrangeSteps, type CodeTable, QUERY_ROWS } from '@coreset/kernels';
import type { AssignedRows } from './train-lists.js';

/**
 * What the threads of an inverted-file search share; all arrays in shared memory. A slot is a row's number when rows are
 * sorted by list: the rows of a list have consecutive slots, so that their codes lie together.
 */
export interface IvfData {
  vectors: Vectors;
  /** The WebAssembly memory that begins with the vectors, if there is one. */
  memory?: WasmMemory;
  k: number;
  /** The codes of the rows, by slot. */
  table: CodeTable;
  /** The row at each slot; list l takes the slots `offsets[l]` to `offsets[l + 1] - 1`. */
  rowAtSlot: Int32Array;
  offsets: Int32Array;
  /** The queries that probe list l without lying in it: `probing[probingOffsets[l]]` to `probing[probingOffsets[l + 1] - 1]`, slots, rising. */
  probingOffsets: Int32Array;
  probing: Int32Array;
  /** Consecutive lists are searched as a group; group g begins with list `groups[g]`. */
  groups: Int32Array;
  /** Candidates kept per slot. */
  width: number;
  /** NN-descent looks at the neighbours of so many candidates of a slot, and of as many slots that list it. */
  maxCandidates: number;
  /** The candidates, and those that a round of NN-descent makes of them; behind the last round the result takes their memory. */
  found: Candidates;
  next: Candidates;
  /**
   * The reverse candidates of slot s, the first slots that list it: `reverse[reverseOffsets[s]]` to
   * `reverse[reverseOffsets[s + 1] - 1]`, with the new flag of the entry.
   */
  reverseOffsets: Int32Array;
  reverse: Int32Array;
  reverseIsNew: Uint8Array;
  /** rows × k, the result, in the memory of `next`. */
  neighbours: Int32Array;
  distances: Float32Array;
}

/** slots × width, the slot itself among them. */
export interface Candidates {
  /** Nearest by codes first, −1 beyond the last. */
  slots: Int32Array;
  scores: Int32Array;
  /** The new flag of NN-descent: 1 for a candidate that the last round found. */
  isNew: Uint8Array;
}

/** How an {@link IvfData} is laid out. */
export interface LayoutSizes {
  k: number;
  /** Candidates kept per slot. */
  width: number;
  /** Groups of lists. */
  groups: number;
}

/** Give each row a slot: the rows, and their codes, are sorted by the list that holds them. */
export function* layOut(
  vectors: Vectors,
  { table, assignment }: AssignedRows,
  { k, width, groups }: LayoutSizes,
): Steps<IvfData> {
  const { rows } = vectors;
  const probes = assignment.length / rows;
  const lists = table.rows - rows;
  const { offsets, items: rowAtSlot } = yield* invert(range(0, rows), assignment, probes, 0, 1, lists);
  yield* arrangeSteps(table, rowAtSlot);
  const maxCandidates = Math.min(width, defaultMaxCandidates(k));
  const probing = yield* invert(rowAtSlot, assignment, probes, 1, probes, lists);
  const next = emptyCandidates(rows * width);
  return {
    vectors,
    memory: memoryOfVectors(vectors),
    k,
    table,
    rowAtSlot,
    offsets,
    probingOffsets: probing.offsets,
    probing: probing.items,
    groups: divideEvenly(offsets, groups),
    width,
    maxCandidates,
    found: emptyCandidates(rows * width),
    next,
    reverseOffsets: sharedInts(rows + 1),
    reverse: sharedInts(rows * maxCandidates),
    reverseIsNew: sharedFlags(rows * maxCandidates),
    // The result is written when no round makes candidates any more.
    neighbours: new Int32Array(next.slots.buffer, 0, rows * k),
    distances: new Float32Array(next.scores.buffer, 0, rows * k),
  };
}

function sharedFlags(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

function emptyCandidates(length: number): Candidates {
  return { slots: sharedInts(length).fill(-1), scores: sharedInts(length), isNew: sharedFlags(length).fill(1) };
}

/** Fewer than all candidates, since most of what a round finds are neighbours of the nearest. */
export function defaultMaxCandidates(k: number): number {
  return 12 + Math.floor(k / 4);
}

/** The slots of a list, in even blocks of at most as many queries as one product has. */
export function blocksOf({ offsets }: IvfData, list: number): Int32Array[] {
  const count = offsets[list + 1] - offsets[list];
  return ranges(offsets[list], offsets[list + 1], Math.ceil(count / Math.ceil(count / QUERY_ROWS)));
}

/** Bounds of groups of lists with about as many rows each. */
function divideEvenly(offsets: Int32Array, groups: number): Int32Array {
  const lists = offsets.length - 1;
  const bounds = sharedInts(groups + 1);
  for (let g = 1, list = 0; g <= groups; g++) {
    while (list < lists && offsets[list] * groups < g * offsets[lists]) list++;
    bounds[g] = list;
  }
  return bounds;
}

/**
 * The inverse of an assignment: for each list the slots of the rows assigned to it, rising, in compressed rows.
 *
 * @param assignment rows × probes, of which the columns `first` to `end` − 1 count
 */
function* invert(
  rowAtSlot: Int32Array,
  assignment: Int32Array,
  probes: number,
  first: number,
  end: number,
  lists: number,
): Steps<{ offsets: Int32Array; items: Int32Array }> {
  const offsets = sharedInts(lists + 1);
  const items = sharedInts(rowAtSlot.length * (end - first));
  yield* inParts(rowAtSlot.length, (from, to) => {
    for (let row = from; row < to; row++) {
      for (let p = row * probes + first; p < row * probes + end && assignment[p] >= 0; p++)
        offsets[assignment[p] + 1]++;
    }
  });
  for (let l = 0; l < lists; l++) offsets[l + 1] += offsets[l];
  const filled = offsets.slice();
  yield* inParts(rowAtSlot.length, (from, to) => {
    for (let slot = from; slot < to; slot++) {
      const row = rowAtSlot[slot];
      for (let p = row * probes + first; p < row * probes + end && assignment[p] >= 0; p++)
        items[filled[assignment[p]]++] = slot;
    }
  });
  return { offsets, items };
}

/** The queries that probe a list without lying in it, as far as their slots are `start` to `end` − 1. */
export function probingSlots(
  { probing, probingOffsets }: IvfData,
  list: number,
  start: number = 0,
  end: number = Number.MAX_SAFE_INTEGER,
): Int32Array {
  const all = probing.subarray(probingOffsets[list], probingOffsets[list + 1]);
  return all.subarray(firstFrom(all, start), firstFrom(all, end));
}

/** The index of the first of rising numbers that is at least `least`. */
function firstFrom(numbers: Int32Array, least: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What the round made becomes the candidates. */
export function takeNext({ found, next }: IvfData): void {
  found.slots.set(next.slots);
  found.scores.set(next.scores);
  found.isNew.set(next.isNew);
}

/** Collect the reverse candidates: for each slot the first `maxCandidates` slots that list it. */
export function* collectReverse({
  width,
  maxCandidates,
  found,
  reverseOffsets,
  reverse,
  reverseIsNew,
}: IvfData): Steps<void> {
  const { slots, isNew } = found;
  const rows = reverseOffsets.length - 1;
  const counts = new Int32Array(rows);
  function* visit(use: (listed: number, slot: number, entry: number) => void): Steps<void> {
    counts.fill(0);
    yield* inParts(rows, (start, end) => {
      for (let slot = start; slot < end; slot++) {
        for (let e = slot * width; e < slot * width + maxCandidates; e++) {
          const listed = slots[e];
          if (listed < 0 || listed === slot || counts[listed] === maxCandidates) continue;
          use(listed, slot, e);
          counts[listed]++;
        }
      }
    });
  }
  reverseOffsets.fill(0);
  yield* visit((listed) => {
    reverseOffsets[listed + 1]++;
  });
  for (let slot = 0; slot < rows; slot++) reverseOffsets[slot + 1] += reverseOffsets[slot];
  yield* visit((listed, slot, entry) => {
    const to = reverseOffsets[listed] + counts[listed];
    reverse[to] = slot;
    reverseIsNew[to] = isNew[entry];
  });
}
