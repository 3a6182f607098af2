import { CodeScores } from '@coreset/kernels';
import { type IvfData, visitorsOf } from './layout.js';

/** Codes fetched at once, so that their waits for memory overlap. */
const FETCHED = 16;
/** In {@link Refinement.seen}: a place that all of a list were compared with. */
const BY_ALL = 255;

/** Looks at the neighbours of each place's neighbours. */
export class Refinement {
  private readonly scores: CodeScores;
  private readonly width: number;
  /** The stamp of the place that last came upon each place, or {@link BY_ALL}; bytes, so that more of them stay in the cache. */
  private readonly seen: Uint8Array;
  private stamp = 0;
  private readonly reached: Int32Array;

  constructor(private readonly data: IvfData) {
    this.scores = new CodeScores(data.table);
    this.width = data.width;
    this.seen = new Uint8Array(data.rowAt.length);
    this.reached = new Int32Array(data.rowAt.length);
  }

  /**
   * Offer each place of a list the candidates of its candidates and of the places that list it, unless all that leads there
   * is old.
   *
   * @returns how many of the k nearest are new
   */
  refineList(list: number): number {
    const { offsets } = this.data;
    this.stamp = BY_ALL;
    let found = 0;
    for (let place = offsets[list]; place < offsets[list + 1]; place++) {
      if (this.stamp === BY_ALL) this.forget(list);
      this.stamp++;
      found += this.refinePlace(place);
    }
    return found;
  }

  /** Begin with stamps anew; what the search compared all of a list with stays seen. */
  private forget(list: number): void {
    const { offsets } = this.data;
    this.stamp = 0;
    this.seen.fill(0);
    this.seen.fill(BY_ALL, offsets[list], offsets[list + 1]);
    for (const visitor of visitorsOf(this.data, list)) this.seen[visitor] = BY_ALL;
  }

  private refinePlace(place: number): number {
    const { scores, reached, width } = this;
    const { found, refined, k } = this.data;
    const count = this.reach(place);
    const first = place * width;
    const last = first + width;
    for (let e = first; e < last; e++) {
      refined.places[e] = found.places[e];
      refined.scores[e] = found.scores[e];
      refined.fresh[e] = 0;
    }
    for (let start = 0; start < count; start += FETCHED) {
      const end = Math.min(count, start + FETCHED);
      for (let i = start; i < end; i++) scores.fetch(reached[i]);
      for (let i = start; i < end; i++) this.insert(first, reached[i], scores.score(place, reached[i]));
    }
    let isNew = 0;
    // The place itself is among the first k + 1.
    for (let e = first; e <= first + k && e < last; e++) isNew += refined.fresh[e];
    return isNew;
  }

  /** List in `reached` what a place should look at. @returns how many */
  private reach(place: number): number {
    const { found, followed, reverse, reverseOffsets, reverseFresh } = this.data;
    const { seen, stamp, width } = this;
    const { places, fresh } = found;
    for (let e = place * width; e < (place + 1) * width; e++) {
      if (places[e] >= 0 && seen[places[e]] !== BY_ALL) seen[places[e]] = stamp;
    }
    let count = 0;
    for (let e = place * width; e < place * width + followed; e++) {
      if (places[e] >= 0 && places[e] !== place) count = this.expand(places[e], fresh[e] === 1, count);
    }
    for (let r = reverseOffsets[place]; r < reverseOffsets[place + 1]; r++) {
      count = this.expand(reverse[r], reverseFresh[r] === 1, count);
    }
    return count;
  }

  /** List the candidates of a place, all or the fresh ones, from `count` on. @returns the new count */
  private expand(via: number, all: boolean, count: number): number {
    const { seen, stamp, reached, width } = this;
    const { followed, found } = this.data;
    const { places, fresh } = found;
    let next = count;
    for (let e = via * width; e < via * width + followed; e++) {
      if (!all && fresh[e] === 0) continue;
      const other = places[e];
      if (other < 0 || seen[other] === BY_ALL || seen[other] === stamp) continue;
      seen[other] = stamp;
      reached[next++] = other;
    }
    return next;
  }

  /** Put a place in the refined candidates that begin with entry `first`, if it belongs there: by score, then by place. */
  private insert(first: number, place: number, score: number): void {
    const { places, scores, fresh } = this.data.refined;
    const isAhead = (e: number): boolean =>
      places[e] < 0 || score > scores[e] || (score === scores[e] && place < places[e]);
    let at = first + this.width - 1;
    if (!isAhead(at)) return;
    for (; at > first && isAhead(at - 1); at--) {
      places[at] = places[at - 1];
      scores[at] = scores[at - 1];
      fresh[at] = fresh[at - 1];
    }
    places[at] = place;
    scores[at] = score;
    fresh[at] = 1;
  }
}
