// A graph with local edges, as a sorted corpus would have, for benchmarks in which only its size matters.
import { seededRandom } from '@coreset/core';

export const D2_EDGES = ['directed', 'symmetric'];
const REACH = 2000;

export function randomGraph(rows, k) {
  const random = seededRandom(1);
  const neighbours = new Int32Array(rows * k);
  const distances = new Float32Array(rows * k);
  const scores = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    scores[i] = random.uniform();
    for (let e = i * k; e < (i + 1) * k; e++) {
      neighbours[e] = (i + 1 + random.below(REACH)) % rows;
      distances[e] = 0.5 + 0.5 * random.uniform();
    }
    distances.subarray(i * k, (i + 1) * k).sort();
  }
  return {
    graph: { rows, k, neighbours, distances, representative: Int32Array.from({ length: rows }, (_, i) => i) },
    scores,
  };
}
