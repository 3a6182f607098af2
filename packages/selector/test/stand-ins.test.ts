import { inOneGo, type Random, seededRandom } from '@coreset/core';
import { buildGraph, type NeighbourGraph } from '@coreset/graph';
import { standIns, standInWeights } from '@coreset/selector';
import { expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';

/** Lists of other distinct rows, with distances of few different lengths, so that there are ties. */
function randomGraph(rows: number, k: number, random: Random): NeighbourGraph {
  const representative = Int32Array.from({ length: rows }, (_, row) => row);
  for (let row = 1; row < rows; row++)
    if (random.below(4) === 0) representative[row] = representative[random.below(row)];
  const neighbours = new Int32Array(rows * k);
  const distances = new Float32Array(rows * k);
  const distinct = representative.filter((first, row) => first === row);
  for (let row = 0; row < rows; row++) {
    const first = representative[row];
    if (first !== row) {
      neighbours.set([first, ...neighbours.subarray(first * k, first * k + k - 1)], row * k);
      distances.set([0, ...distances.subarray(first * k, first * k + k - 1)], row * k);
      continue;
    }
    const lengths = Array.from({ length: k }, () => random.below(4) / 2).sort();
    for (let n = 0; n < k; n++) {
      do neighbours[row * k + n] = distinct[random.below(distinct.length)];
      while (neighbours[row * k + n] === row);
      distances[row * k + n] = lengths[n];
    }
  }
  return { rows, k, neighbours, distances, representative };
}

/** All pairs of rows: the stand-in of each, and how far it is. */
function plainStandIns(graph: NeighbourGraph, order: number[], contents: Int32Array): [by: number, distance: number][] {
  const { rows, k, neighbours, distances, representative } = graph;
  const kept = order.toSorted((a, b) => a - b);
  const edge = (a: number, b: number): number => {
    let least = Number.POSITIVE_INFINITY;
    for (const [from, to] of [
      [representative[a], representative[b]],
      [representative[b], representative[a]],
    ])
      for (let e = from * k; e < (from + 1) * k; e++) if (neighbours[e] === to) least = Math.min(least, distances[e]);
    return least;
  };
  const way = (a: number, b: number): number => {
    let least = Number.POSITIVE_INFINITY;
    for (let over = 0; over < rows; over++) least = Math.min(least, edge(a, over) + edge(over, b));
    return least;
  };
  return Array.from({ length: rows }, (_, row) => {
    if (kept.includes(row)) return [row, 0];
    const sameContent = kept.find((other) => contents[other] === contents[row]);
    if (sameContent !== undefined) return [sameContent, 0];
    const sameVector = kept.find((other) => representative[other] === representative[row]);
    if (sameVector !== undefined) return [sameVector, 0];
    for (const length of [edge, way]) {
      const lengths = kept.map((other) => length(row, other));
      const least = Math.min(...lengths);
      if (least < Number.POSITIVE_INFINITY) return [kept[lengths.indexOf(least)], least];
    }
    return [-1, Number.POSITIVE_INFINITY];
  });
}

test('the kept row that stands for each row is the one that a look at all pairs finds', () => {
  const random = seededRandom(4);
  const seen = { none: 0, content: 0, twoEdges: 0 };
  for (let trial = 0; trial < 200; trial++) {
    const graph = randomGraph(12 + random.below(30), 1 + random.below(3), random);
    const { rows, representative } = graph;
    // Some rows with the vector of an earlier one have a content of their own.
    const contents = representative.map((first, row) => (random.below(3) === 0 ? row : first));
    const order = Array.from({ length: rows }, (_, row) => row)
      .filter(() => random.below(6) === 0)
      .toSorted(() => random.below(3) - 1);
    const found = inOneGo(standIns(graph, order, contents));
    const expected = plainStandIns(graph, order, contents);
    expect(Array.from(found.by, (by, row) => [by, found.distance[row]])).toEqual(expected);
    const weights = inOneGo(standInWeights(found));
    const counts = expected.map((_, row) => expected.filter(([by]) => by === row).length);
    expect(Array.from(weights)).toEqual(counts);
    for (const [row, [by, distance]] of expected.entries()) {
      if (by < 0) seen.none++;
      if (by >= 0 && by !== row && contents[by] === contents[row]) seen.content++;
      if (distance > 1.5 && by >= 0) seen.twoEdges++;
    }
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
});

test('where nobody says what the contents are, rows with one vector have one content', async () => {
  const matrix = clusteredMatrix(60, 4);
  for (let row = 3; row < 60; row += 3) matrix.data.copyWithin(row * 4, 0, 4);
  const graph = await buildGraph(matrix, { k: 3, backend: 'exact' });
  const { by, distance } = inOneGo(standIns(graph, [9, 3, 7]));
  for (let row = 0; row < 60; row += 3) {
    expect(by[row]).toBe(row === 9 ? 9 : 3);
    expect(distance[row]).toBe(0);
  }
});

test('a kept row that is none is refused', async () => {
  const graph = await buildGraph(clusteredMatrix(10, 3), { k: 2 });
  expect(() => inOneGo(standIns(graph, [10]))).toThrow('kept row 10 (at 0) is no row: they are numbered 0 to 9');
});
