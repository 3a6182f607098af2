// Scans integer products for scores that reach the threshold of a candidate list, and pushes them to it; or takes the
// greatest score alone. scan-scores.plain.ts says it in plain TypeScript, and src/int8/layout.md draws the memory.
import { int, setInt } from '../memory';

// An integer per list.
let thresholds: usize;
let sizes: usize;
let pending: usize;
/** Per list `capacity` entries by falling score and rising row, and room for pending ones, which are in any order. */
let entries: usize;
/** `capacity` entries. */
let scratch: usize;
let capacity: i32;
let room: i32;

export function useLists(
  thresholdsAt: usize,
  sizesAt: usize,
  pendingAt: usize,
  entriesAt: usize,
  scratchAt: usize,
  listCapacity: i32,
  listRoom: i32,
): void {
  thresholds = thresholdsAt;
  sizes = sizesAt;
  pending = pendingAt;
  entries = entriesAt;
  scratch = scratchAt;
  capacity = listCapacity;
  room = listRoom;
}

const ENTRY_BYTES: usize = 8;

/** The bytes of so many entries. */
function bytes(count: i32): usize {
  return (<usize>count) << 3;
}

function firstEntry(list: i32): usize {
  return entries + bytes(list * (capacity + room));
}

function push(list: i32, number: i32, score: i32): void {
  const count = int(pending, list);
  const entry = ((<i64>score) << 32) | <i64>(<u32>~number);
  store<i64>(firstEntry(list) + bytes(int(sizes, list) + count), entry);
  setInt(pending, list, count + 1);
  if (count + 1 === room) flushList(list);
}

/** Insertion sort of a few entries, the greatest first. */
function sort(first: usize, end: usize): void {
  for (let next = first + ENTRY_BYTES; next < end; next += ENTRY_BYTES) {
    const entry = load<i64>(next);
    let slot = next;
    for (; slot > first; slot -= ENTRY_BYTES) {
      const before = load<i64>(slot - ENTRY_BYTES);
      if (before >= entry) break;
      store<i64>(slot, before);
    }
    store<i64>(slot, entry);
  }
}

/** Merge the pending entries into a list, which keeps the greatest, none twice. */
function flushList(list: i32): void {
  const first = firstEntry(list);
  const listEnd = first + bytes(int(sizes, list));
  const pendingEnd = listEnd + bytes(int(pending, list));
  sort(listEnd, pendingEnd);
  setInt(pending, list, 0);
  // Entries before the greatest pending one stay where they are.
  const greatest = load<i64>(listEnd);
  let start = listEnd;
  for (; start > first; start -= ENTRY_BYTES) if (load<i64>(start - ENTRY_BYTES) > greatest) break;
  const fullEnd = first + bytes(capacity);
  const end = merge(start, listEnd, pendingEnd, fullEnd);
  setInt(sizes, list, <i32>((end - first) >> 3));
  if (end === fullEnd) setInt(thresholds, list, load<i32>(end - 4));
}

/** Merge sorted entries, from `start` to `middle` and from there to `end`, into one run from `start`. @returns its end, at most `limit` */
function merge(start: usize, middle: usize, end: usize, limit: usize): usize {
  const scratchEnd = scratch + (limit - start);
  let left = start;
  let right = middle;
  let to = scratch;
  while (right < end && to < scratchEnd) {
    const entry = load<i64>(right);
    const leftEntry = left < middle ? load<i64>(left) : i64.MIN_VALUE;
    if (leftEntry > entry) {
      store<i64>(to, leftEntry);
      left += ENTRY_BYTES;
      to += ENTRY_BYTES;
      continue;
    }
    right += ENTRY_BYTES;
    if (leftEntry === entry || (to > scratch && load<i64>(to - ENTRY_BYTES) === entry)) continue;
    store<i64>(to, entry);
    to += ENTRY_BYTES;
  }
  const merged = to - scratch;
  const rest = min(middle - left, scratchEnd - to);
  if (rest > 0) memory.copy(start + merged, left, rest);
  memory.copy(start, scratch, merged);
  return start + merged + rest;
}

/** Merge what is pending in consecutive lists. */
export function flush(first: i32, count: i32): void {
  for (let list = first; list < first + count; list++) {
    if (int(pending, list) > 0) flushList(list);
  }
}

/** Bit i tells whether the i-th of sixteen comparisons is true, given four at a time. */
function bits(a: v128, b: v128, c: v128, d: v128): i32 {
  return i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
}

/**
 * Push each row to the lists of the queries, `firstList` and those after it; score = product − norm term of the row.
 * @param products rows × columns, of which the first `queries` count; columns are a multiple of 16
 * @param base the number by which each row is listed
 */
export function pushRows(
  products: usize,
  normTerms: usize,
  base: usize,
  rows: i32,
  columns: i32,
  queries: i32,
  firstList: i32,
): void {
  const listThresholds = thresholds + ((<usize>firstList) << 2);
  for (let row = 0; row < rows; row++, products += (<usize>columns) << 2) {
    const normTerm = int(normTerms, row);
    const normTerm4 = i32x4.splat(normTerm);
    for (let column = 0; column < columns; column += 16) {
      const at = products + ((<usize>column) << 2);
      const limits = listThresholds + ((<usize>column) << 2);
      let hits = bits(
        i32x4.ge_s(i32x4.sub(v128.load(at), normTerm4), v128.load(limits)),
        i32x4.ge_s(i32x4.sub(v128.load(at, 16), normTerm4), v128.load(limits, 16)),
        i32x4.ge_s(i32x4.sub(v128.load(at, 32), normTerm4), v128.load(limits, 32)),
        i32x4.ge_s(i32x4.sub(v128.load(at, 48), normTerm4), v128.load(limits, 48)),
      );
      for (; hits !== 0; hits &= hits - 1) {
        const query = column + ctz(hits);
        if (query >= queries) break;
        push(firstList + query, int(base, row), int(products, query) - normTerm);
      }
    }
  }
}

/**
 * Push the queries, numbered `number` and up, to the list of each row, `base` of the row plus `shift`; score = product − norm
 * term of the query.
 */
export function pushQueries(
  products: usize,
  normTerms: usize,
  base: usize,
  rows: i32,
  columns: i32,
  queries: i32,
  number: i32,
  shift: i32,
): void {
  for (let row = 0; row < rows; row++, products += (<usize>columns) << 2) {
    const list = int(base, row) + shift;
    let threshold4 = i32x4.splat(int(thresholds, list));
    for (let column = 0; column < columns; column += 16) {
      const at = products + ((<usize>column) << 2);
      const terms = normTerms + ((<usize>column) << 2);
      let hits = bits(
        i32x4.ge_s(i32x4.sub(v128.load(at), v128.load(terms)), threshold4),
        i32x4.ge_s(i32x4.sub(v128.load(at, 16), v128.load(terms, 16)), threshold4),
        i32x4.ge_s(i32x4.sub(v128.load(at, 32), v128.load(terms, 32)), threshold4),
        i32x4.ge_s(i32x4.sub(v128.load(at, 48), v128.load(terms, 48)), threshold4),
      );
      if (hits === 0) continue;
      for (; hits !== 0; hits &= hits - 1) {
        const query = column + ctz(hits);
        if (query >= queries) break;
        push(list, number + query, int(products, query) - int(normTerms, query));
      }
      threshold4 = i32x4.splat(int(thresholds, list));
    }
  }
}

/**
 * Per row the greatest score so far in `scores` and the number of its query in `best`, of equal ones the lowest. Queries are
 * numbered `number` and up; score = product − norm term of the query.
 */
export function takeBest(
  products: usize,
  normTerms: usize,
  number: i32,
  rows: i32,
  columns: i32,
  scores: usize,
  best: usize,
): void {
  for (let row = 0; row < rows; row++, products += (<usize>columns) << 2) {
    let greatest4 = i32x4.splat(int(scores, row));
    let best4 = i32x4.splat(int(best, row));
    let numbers4 = i32x4.add(i32x4.splat(number), i32x4(0, 1, 2, 3));
    for (let column = 0; column < columns; column += 4) {
      const offset = (<usize>column) << 2;
      const scores4 = i32x4.sub(v128.load(products + offset), v128.load(normTerms + offset));
      best4 = v128.bitselect(numbers4, best4, i32x4.gt_s(scores4, greatest4));
      greatest4 = i32x4.max_s(scores4, greatest4);
      numbers4 = i32x4.add(numbers4, i32x4.splat(4));
    }
    setInt(scores, row, i32x4.extract_lane(greatest4, 0));
    setInt(best, row, i32x4.extract_lane(best4, 0));
    keepBetter(i32x4.extract_lane(greatest4, 1), i32x4.extract_lane(best4, 1), scores, best, row);
    keepBetter(i32x4.extract_lane(greatest4, 2), i32x4.extract_lane(best4, 2), scores, best, row);
    keepBetter(i32x4.extract_lane(greatest4, 3), i32x4.extract_lane(best4, 3), scores, best, row);
  }
}

function keepBetter(score: i32, number: i32, scores: usize, best: usize, row: i32): void {
  const greatest = int(scores, row);
  if (score > greatest || (score === greatest && number < int(best, row))) {
    setInt(scores, row, score);
    setInt(best, row, number);
  }
}
