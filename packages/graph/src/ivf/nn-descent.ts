import { CodeScores } from '@coreset/kernels';
import { type IvfData, probingSlots } from './layout.js';

/** Codes are fetched so many rows at a time, so that waits for memory overlap. */
const FETCHED = 16;
/** Stamp of the slots that the search compared with every row of the list. */
const BY_ALL = 255;

/**
 * NN-descent (Dong, Moses & Li 2011): a neighbour of a neighbour is likely to be a neighbour. Each slot looks at the candidates
 * of its candidates and of its reverse candidates; a path of which neither step is new is skipped, since an earlier
 * round took it. Unlike pynndescent's it begins with the candidates of the inverted file, pulls instead of joining both ends,
 * samples nothing, and each slot writes its own list only, so that the result does not depend on threads.
 */
export class NNDescent {
  private readonly scores: CodeScores;
  private readonly width: number;
  /** The stamp of the slot that last reached each slot, or {@link BY_ALL}. One byte each: more of them stay in the cache. */
  private readonly seen: Uint8Array;
  private stamp = 0;
  private readonly reached: Int32Array;

  constructor(private readonly data: IvfData) {
    this.scores = new CodeScores(data.table);
    this.width = data.width;
    this.seen = new Uint8Array(data.rowAtSlot.length);
    this.reached = new Int32Array(data.rowAtSlot.length);
  }

  /**
   * Improve the candidates of all slots of a list.
   * @returns how many of the k nearest are new
   */
  improveList(list: number): number {
    const { offsets } = this.data;
    this.stamp = BY_ALL;
    let found = 0;
    for (let slot = offsets[list]; slot < offsets[list + 1]; slot++) {
      if (this.stamp === BY_ALL) this.forget(list);
      this.stamp++;
      found += this.improveSlot(slot);
    }
    return found;
  }

  /** Begin with stamps anew. */
  private forget(list: number): void {
    const { offsets } = this.data;
    this.stamp = 0;
    this.seen.fill(0);
    this.seen.fill(BY_ALL, offsets[list], offsets[list + 1]);
    for (const probingSlot of probingSlots(this.data, list)) this.seen[probingSlot] = BY_ALL;
  }

  private improveSlot(slot: number): number {
    const { scores, reached, width } = this;
    const { found, next, k } = this.data;
    const count = this.reach(slot);
    const first = slot * width;
    const last = first + width;
    for (let e = first; e < last; e++) {
      next.slots[e] = found.slots[e];
      next.scores[e] = found.scores[e];
      next.isNew[e] = 0;
    }
    for (let start = 0; start < count; start += FETCHED) {
      const end = Math.min(count, start + FETCHED);
      for (let i = start; i < end; i++) scores.fetch(reached[i]);
      for (let i = start; i < end; i++) this.insert(first, reached[i], scores.score(slot, reached[i]));
    }
    let isNew = 0;
    // The slot itself is among the first k + 1.
    for (let e = first; e <= first + k && e < last; e++) isNew += next.isNew[e];
    return isNew;
  }

  /** List in `reached` the slots that a slot is to be compared with. @returns how many */
  private reach(slot: number): number {
    const { found, maxCandidates, reverse, reverseOffsets, reverseIsNew } = this.data;
    const { seen, stamp, width } = this;
    const { slots, isNew } = found;
    for (let e = slot * width; e < (slot + 1) * width; e++) {
      if (slots[e] >= 0 && seen[slots[e]] !== BY_ALL) seen[slots[e]] = stamp;
    }
    let count = 0;
    for (let e = slot * width; e < slot * width + maxCandidates; e++) {
      if (slots[e] >= 0 && slots[e] !== slot) count = this.expand(slots[e], isNew[e] === 1, count);
    }
    for (let r = reverseOffsets[slot]; r < reverseOffsets[slot + 1]; r++) {
      count = this.expand(reverse[r], reverseIsNew[r] === 1, count);
    }
    return count;
  }

  /** Add the candidates of slot `via` to `reached`, all or only the new ones. @returns the new count */
  private expand(via: number, all: boolean, count: number): number {
    const { seen, stamp, reached, width } = this;
    const { maxCandidates, found } = this.data;
    const { slots, isNew } = found;
    let next = count;
    for (let e = via * width; e < via * width + maxCandidates; e++) {
      if (!all && isNew[e] === 0) continue;
      const other = slots[e];
      if (other < 0 || seen[other] === BY_ALL || seen[other] === stamp) continue;
      seen[other] = stamp;
      reached[next++] = other;
    }
    return next;
  }

  /** Insert a slot into the next candidates, which begin with entry `first`: greatest score first, then lowest slot. */
  private insert(first: number, slot: number, score: number): void {
    const { slots, scores, isNew } = this.data.next;
    const isAhead = (e: number): boolean =>
      slots[e] < 0 || score > scores[e] || (score === scores[e] && slot < slots[e]);
    let at = first + this.width - 1;
    if (!isAhead(at)) return;
    for (; at > first && isAhead(at - 1); at--) {
      slots[at] = slots[at - 1];
      scores[at] = scores[at - 1];
      isNew[at] = isNew[at - 1];
    }
    slots[at] = slot;
    scores[at] = score;
    isNew[at] = 1;
  }
}
