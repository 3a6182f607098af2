import { arrangeCodes, type CodeTable, memoryOf, type SharedMemory, sharedInts, type Vectors } from '@coreset/core';

/**
 * What the threads of an inverted-file search share; all arrays in shared memory. The search works on places: the rows
 * sorted by list, so that what is searched together lies together.
 */
export interface IvfData {
  vectors: Vectors;
  /** That begins with the vectors, if they are in one. */
  memory?: SharedMemory;
  k: number;
  /** The codes of the row at each place. */
  table: CodeTable;
  /** The row at each place; list l takes the places `offsets[l]` to `offsets[l + 1] - 1`. */
  rowAt: Int32Array;
  offsets: Int32Array;
  /** lists × probes: the lists searched for the places of a list, −1 beyond the last. */
  probes: Int32Array;
  probesPerList: number;
  /** Candidates kept per place. */
  width: number;
  /** The candidates, and those after a refinement, which become the candidates of the next. */
  found: Candidates;
  refined: Candidates;
  /** The first places that list each place, in compressed rows, with 1 where that is new since the last refinement. */
  reverseOffsets: Int32Array;
  reverse: Int32Array;
  reverseFresh: Uint8Array;
  /** rows × k, the result. */
  neighbours: Int32Array;
  distances: Float32Array;
}

/** places × width, the place itself among them. */
export interface Candidates {
  /** Nearest by codes first, −1 beyond the last. */
  places: Int32Array;
  scores: Int32Array;
  /** 1 for what was not in the list before the last refinement. */
  fresh: Uint8Array;
}

/** Places that list a place, kept per place. */
export const REVERSE_LIMIT = 24;

/**
 * Sort the rows into lists, their codes too, and choose what each list probes.
 *
 * @param table the codes by row
 * @param near rows × votes, nearest list first
 */
export function layOut(
  vectors: Vectors,
  k: number,
  table: CodeTable,
  width: number,
  lists: number,
  probes: number,
  near: Int32Array,
): IvfData {
  const { rows } = vectors;
  const votes = near.length / rows;
  const offsets = sharedInts(lists + 1);
  for (let i = 0; i < rows; i++) offsets[near[i * votes] + 1]++;
  for (let l = 0; l < lists; l++) offsets[l + 1] += offsets[l];
  const rowAt = sharedInts(rows);
  const filled = offsets.slice();
  for (let i = 0; i < rows; i++) rowAt[filled[near[i * votes]]++] = i;
  arrangeCodes(table, rowAt);
  return {
    vectors,
    memory: memoryOf(vectors),
    k,
    table,
    rowAt,
    offsets,
    probes: chooseProbes(rowAt, offsets, near, votes, probes),
    probesPerList: probes,
    width,
    found: emptyCandidates(rows * width),
    refined: emptyCandidates(rows * width),
    reverseOffsets: sharedInts(rows + 1),
    reverse: sharedInts(rows * REVERSE_LIMIT),
    reverseFresh: sharedBytes(rows * REVERSE_LIMIT),
    neighbours: sharedInts(rows * k),
    distances: new Float32Array(new SharedArrayBuffer(rows * k * 4)),
  };
}

function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

function emptyCandidates(length: number): Candidates {
  return { places: sharedInts(length), scores: sharedInts(length), fresh: sharedBytes(length).fill(1) };
}

/** The lists that most of a list's rows have among their nearest; nearer ones count more, the list itself comes first. */
function chooseProbes(
  rowAt: Int32Array,
  offsets: Int32Array,
  near: Int32Array,
  votes: number,
  probes: number,
): Int32Array {
  const lists = offsets.length - 1;
  const result = sharedInts(lists * probes).fill(-1);
  const tally = new Float64Array(lists);
  for (let l = 0; l < lists; l++) {
    const voted: number[] = [];
    for (let place = offsets[l]; place < offsets[l + 1]; place++) {
      for (let v = 0; v < votes; v++) {
        const other = near[rowAt[place] * votes + v];
        if (tally[other] === 0) voted.push(other);
        tally[other] += 1 / (1 + v);
      }
    }
    tally[l] += rowAt.length;
    voted.sort((a, b) => tally[b] - tally[a] || a - b);
    for (let p = 0; p < Math.min(probes, voted.length); p++) result[l * probes + p] = voted[p];
    for (const other of voted) tally[other] = 0;
    tally[l] = 0;
  }
  return result;
}

/** The refined candidates become the candidates, and each place learns the first places that list it. */
export function nextRound(data: IvfData, round: number): void {
  const { found, refined } = data;
  if (round > 0) {
    found.places.set(refined.places);
    found.scores.set(refined.scores);
    found.fresh.set(refined.fresh);
  }
  listReverse(data);
}

function listReverse({ width, found, reverseOffsets, reverse, reverseFresh }: IvfData): void {
  const { places, fresh } = found;
  const rows = reverseOffsets.length - 1;
  const listing = Math.min(width, REVERSE_LIMIT);
  const counts = new Int32Array(rows);
  const visit = (use: (listed: number, place: number, entry: number) => void): void => {
    counts.fill(0);
    for (let place = 0; place < rows; place++) {
      for (let e = place * width; e < place * width + listing; e++) {
        const listed = places[e];
        if (listed < 0 || listed === place || counts[listed] === REVERSE_LIMIT) continue;
        use(listed, place, e);
        counts[listed]++;
      }
    }
  };
  reverseOffsets.fill(0);
  visit((listed) => reverseOffsets[listed + 1]++);
  for (let place = 0; place < rows; place++) reverseOffsets[place + 1] += reverseOffsets[place];
  visit((listed, place, entry) => {
    const to = reverseOffsets[listed] + counts[listed];
    reverse[to] = place;
    reverseFresh[to] = fresh[entry];
  });
}
