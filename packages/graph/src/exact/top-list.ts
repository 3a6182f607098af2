import { NearestList } from '../nearest-list.js';

/** For each of `count` queries the `capacity` candidates of greatest score, kept in flat arrays. */
export interface TopList {
  /** The least score that is still in the query's list, −∞ while the list is not full. */
  worst(query: number): number;
  insert(query: number, row: number, score: number, squaredDistance: number): void;
  /**
   * Write the `k` nearest candidates other than `self`, by exact distance and then by row, into
   * `neighbours` and `distances` from entry `at` on.
   * @returns how many were written
   */
  take(query: number, self: number, k: number, neighbours: Int32Array, distances: Float32Array, at: number): number;
}

export function createTopList(count: number, capacity: number): TopList {
  const rows = new Int32Array(count * capacity);
  const scores = new Float64Array(count * capacity);
  const squared = new Float64Array(count * capacity);
  const sizes = new Int32Array(count);
  const nearest = new NearestList(capacity);
  return {
    worst: (query) => (sizes[query] < capacity ? Number.NEGATIVE_INFINITY : scores[(query + 1) * capacity - 1]),
    insert(query, row, score, squaredDistance) {
      const first = query * capacity;
      let at = first + (sizes[query] < capacity ? sizes[query]++ : capacity - 1);
      while (at > first && scores[at - 1] < score) {
        rows[at] = rows[at - 1];
        scores[at] = scores[at - 1];
        squared[at] = squared[at - 1];
        at--;
      }
      rows[at] = row;
      scores[at] = score;
      squared[at] = squaredDistance;
    },
    take(query, self, k, neighbours, distances, at) {
      nearest.clear();
      const first = query * capacity;
      for (let i = first; i < first + sizes[query]; i++) nearest.push(rows[i], squared[i]);
      return nearest.write(self, k, neighbours, distances, at);
    },
  };
}
