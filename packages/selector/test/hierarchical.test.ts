import { matrixFrom, seededRandom } from '@coreset/core';
import { kmeans, prototypeDistance } from '@coreset/difficulty';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hierarchical } from '../dist/methods/hierarchical.js';
import { orderOf } from './picks.ts';

/** A cluster, or a row that was not given yet. */
interface Node {
  children: Node[];
  row?: number;
  given: number;
}

/** Whether a row is left below a node. */
const hasRow = (node: Node): boolean => node.row !== undefined || node.children.some(hasRow);

/** The next row below a node: of the child that gave fewest. */
function next(node: Node): number {
  node.given++;
  if (node.row !== undefined) {
    const { row } = node;
    node.row = undefined;
    return row;
  }
  const left = node.children.filter(hasRow);
  // Rows of one cluster come as they are listed.
  if (left[0].row !== undefined) return next(left[0]);
  const fewest = Math.min(...left.map(({ given }) => given));
  return next(left.find(({ given }) => given === fewest) as Node);
}

test('each time the row comes from the cluster that gave fewest, from the top down', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 120 }), fc.nat(), async (rows, seed) => {
      const random = seededRandom(seed);
      const vectors = matrixFrom(
        Array.from({ length: rows }, () => {
          const [x, y] = [random.below(4), random.below(3)];
          return [10 * x * x + random.below(5), 10 * y + random.below(5)];
        }),
      );
      let { prototypes } = await kmeans(vectors, { seed });
      const { labels, distances } = await prototypeDistance(vectors, prototypes);
      const byDistance = Array.from(labels.keys()).sort((a, b) => distances[a] - distances[b] || a - b);
      let nodes: Node[] = Array.from({ length: prototypes.rows }, (_, c) => ({
        children: byDistance.flatMap((row) => (labels[row] === c ? [{ row, children: [], given: 0 }] : [])),
        given: 0,
      }));
      const upper = await kmeans(prototypes, { seed });
      const parents = (await prototypeDistance(prototypes, upper.prototypes)).labels;
      prototypes = upper.prototypes;
      nodes = Array.from({ length: prototypes.rows }, (_, c) => ({
        children: nodes.filter((_, child) => parents[child] === c),
        given: 0,
      }));
      const root: Node = { children: nodes, given: 0 };
      const picker = await hierarchical({ rows, budget: 1, vectors, seed });
      expect(Array.from(picker.scores(), (score) => -score)).toEqual(Array.from(distances));
      expect(await orderOf(picker)).toEqual(Array.from({ length: rows }, () => next(root)));
    }),
    { numRuns: 25 },
  );
});
