/** Below every score. */
export const NO_SCORE = -0x80000000;

/** For each of `count` queries the `capacity` rows of greatest integer score. */
export class CandidateList {
  /** Entries of query q are `rows[q · capacity]` onward, by falling score; equal scores stand in the order of their offers. */
  readonly rows: Int32Array;
  readonly scores: Int32Array;
  readonly sizes: Int32Array;
  /** Per query the least score of a full list, which no row that is not listed exceeds; {@link NO_SCORE} while there is room. */
  readonly thresholds: Int32Array;

  constructor(
    count: number,
    private readonly capacity: number,
  ) {
    this.rows = new Int32Array(count * capacity);
    this.scores = new Int32Array(count * capacity);
    this.sizes = new Int32Array(count);
    this.thresholds = new Int32Array(count).fill(NO_SCORE);
  }

  /** Offer a row whose score exceeds the query's threshold; one that is in the list is not listed again. */
  offer(query: number, row: number, score: number): void {
    const { rows, scores, sizes, capacity } = this;
    const first = query * capacity;
    const end = first + sizes[query];
    let at = end;
    while (at > first && scores[at - 1] < score) at--;
    for (let same = at - 1; same >= first && scores[same] === score; same--) if (rows[same] === row) return;
    const last = first + capacity - 1;
    if (sizes[query] < capacity) sizes[query]++;
    for (let to = Math.min(end, last); to > at; to--) {
      rows[to] = rows[to - 1];
      scores[to] = scores[to - 1];
    }
    rows[at] = row;
    scores[at] = score;
    if (sizes[query] === capacity) this.thresholds[query] = scores[last];
  }
}
