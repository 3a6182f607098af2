import {
  type CodeQueries,
  createCodeKernel,
  leastDistance,
  openVectors,
  QUERY_ROWS,
  range,
  type Tasks,
} from '@coreset/core';
import { type Candidates, type IvfData, REVERSE_LIMIT } from './ivf-layout.js';
import { NearestList } from './nearest-list.js';
import { RowDistances } from './row-distances.js';

export function serve(data: IvfData): Tasks {
  const { vectors, k, table, rowAt, offsets, probes, probesPerList, width, found, refined } = data;
  const { rows } = vectors;
  /** Candidates of a place, and of each of them, that a refinement looks at. */
  const expanded = Math.min(width, REVERSE_LIMIT);
  const reader = openVectors(vectors);
  const { errors, halfNorms, quantiser } = table;
  const kernel = createCodeKernel(table, width);
  const exact = new RowDistances(vectors, reader, data.memory);

  /** The places of a list, in blocks of queries. */
  async function queriesOf(list: number): Promise<CodeQueries[]> {
    const { queries } = await kernel;
    const blocks: CodeQueries[] = [];
    const count = offsets[list + 1] - offsets[list];
    const even = Math.ceil(count / Math.ceil(count / QUERY_ROWS));
    for (let start = offsets[list]; start < offsets[list + 1]; start += even) {
      const length = Math.min(offsets[list + 1] - start, even);
      blocks.push(queries(range(start, start + length), width));
    }
    return blocks;
  }

  function keep(blocks: CodeQueries[], { places: kept, scores }: Candidates): void {
    for (const { places, list } of blocks) list.write(kept, places[0] * width, scores);
  }

  function probesOf(list: number): Int32Array {
    return probes.subarray(list * probesPerList, (list + 1) * probesPerList).filter((probe) => probe >= 0);
  }

  /** Search the places of a list among the lists that it probes. */
  async function searchList(list: number): Promise<void> {
    const probed = probesOf(list);
    const base = new Int32Array(probed.reduce((sum, l) => sum + offsets[l + 1] - offsets[l], 0));
    let filled = 0;
    for (const l of probed) for (let p = offsets[l]; p < offsets[l + 1]; p++) base[filled++] = p;
    const blocks = await queriesOf(list);
    await (await kernel).scan(blocks, base);
    keep(blocks, found);
  }

  /** The stamp of the last refinement that reached each place; one byte each, so that more of them stay in the cache. */
  const reachedIn = new Uint8Array(rows);
  let stamp = 0;
  const reached = new Int32Array(rows);

  /**
   * List in `reached`, from `count` on, the candidates of a place's candidates and of the places that list it, unless
   * this search reached them before or all that leads there is old.
   *
   * @returns the new count
   */
  function reach(place: number, count: number): number {
    const { reverse, reverseOffsets, reverseFresh } = data;
    const { places, fresh } = found;
    let next = count;
    const expand = (via: number, all: boolean): void => {
      for (let e = via * width; e < via * width + expanded; e++) {
        const other = places[e];
        if (other < 0 || !(all || fresh[e] === 1)) continue;
        if (reachedIn[other] === stamp) continue;
        reachedIn[other] = stamp;
        reached[next++] = other;
      }
    };
    for (let e = place * width; e < place * width + expanded; e++) {
      if (places[e] >= 0 && places[e] !== place) expand(places[e], fresh[e] === 1);
    }
    for (let r = reverseOffsets[place]; r < reverseOffsets[place + 1]; r++) expand(reverse[r], reverseFresh[r] === 1);
    return next;
  }

  /** Offer what any place of a list reaches to all of them. @returns how many of the k nearest are new */
  async function refineList(list: number): Promise<number> {
    stamp = (stamp % 255) + 1;
    if (stamp === 1) reachedIn.fill(0);
    // What the probed lists hold was looked at in the search.
    for (const probe of probesOf(list)) reachedIn.fill(stamp, offsets[probe], offsets[probe + 1]);
    let count = 0;
    for (let place = offsets[list]; place < offsets[list + 1]; place++) count = reach(place, count);
    const blocks = await queriesOf(list);
    for (const { places, list: candidates } of blocks) {
      places.forEach((place, q) => {
        candidates.begin(q, found.places, found.scores, place * width);
      });
    }
    await (await kernel).scan(blocks, reached.slice(0, count).sort());
    keep(blocks, refined);
    return markFresh(offsets[list], offsets[list + 1]);
  }

  /**
   * Mark what is new: a refinement keeps the order of what it began with.
   *
   * @returns how many of the k nearest are new
   */
  function markFresh(start: number, end: number): number {
    let count = 0;
    for (let from = start * width; from < end * width; from += width) {
      for (let e = from, known = from; e < from + width; e++) {
        const isKnown = refined.places[e] === found.places[known];
        refined.fresh[e] = isKnown ? 0 : 1;
        if (isKnown) known++;
        else if (e <= from + k) count++;
      }
    }
    return count;
  }

  /** The k nearest of each place's candidates, by exact distance and as rows. */
  function rank({ start, end }: { start: number; end: number }): void {
    const { neighbours, distances } = data;
    const candidates = found.places
      .subarray(start * width, end * width)
      .map((place) => (place < 0 ? -1 : rowAt[place]));
    const rowsHere = rowAt.subarray(start, end);
    exact.read(rowsHere, candidates);
    const nearest = new NearestList(k + 1);
    rowsHere.forEach((row, i) => {
      nearest.clear();
      const place = start + i;
      for (let c = i * width, e = place * width; c < (i + 1) * width && candidates[c] >= 0; c++, e++) {
        const slack = errors[place] + errors[found.places[e]];
        if (leastDistance(quantiser, halfNorms[place], found.scores[e], slack) > nearest.farthest()) continue;
        nearest.offer(candidates[c], exact.between(row, candidates[c]));
      }
      const written = nearest.write(row, k, neighbours, distances, row * k);
      neighbours.fill(-1, row * k + written, (row + 1) * k);
    });
  }

  return { searchList, refineList, rank, close: () => reader.close() };
}
