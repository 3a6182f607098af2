import { createKernel, ElementType, type GraphSpec, int64Scalar, type NodeSpec, Tensor } from '@coreset/core';
import { type CandidateList, createCandidateList, NOTHING_LEFT_OUT } from './candidate-list.js';
import type { CodeTable } from './code-table.js';
import { ZERO_POINT } from './quantise.js';

/** A block of places whose neighbours are searched together. */
export interface CodeQueries {
  places: Int32Array;
  list: CandidateList;
  tensor: Tensor;
}

/** Searches blocks of places among others by their codes. */
export interface CodeKernel {
  queries(places: Int32Array, capacity: number): CodeQueries;
  /**
   * Offer the `base` places, at most {@link BASE_ROWS}, to each block of queries.
   *
   * @param groups groups looked into per query; a list is complete except for what its `leftOut` says
   */
  scan(blocks: CodeQueries[], base: Int32Array, groups: number): Promise<void>;
}

export const BASE_ROWS = 8192;
/** A product of this many columns and base rows / SLICES rows stays in the cache. */
export const QUERY_ROWS = 256;
/**
 * The base is multiplied in slices, and rows at the same position of all slices are a group. TopK picks the groups with
 * the greatest scores, then their members are looked at: over all rows it would take as long as the product.
 */
const SLICES = 8;
/** Half a squared norm that keeps an unused row of the last slice out of every list. */
const UNUSED = 0x3fffffff;

/** base · queriesᵀ, since the right side of a product must lie by columns and the queries are the smaller to turn. */
function codeGraph(cols: number): GraphSpec {
  const slices = Array.from({ length: SLICES }, (_, s) => s);
  const turn = { perm: [1, 0] };
  return {
    name: 'nearest-codes',
    inputs: [
      { name: 'queries', type: ElementType.int8, shape: ['m', cols] },
      { name: 'zeroPoint', type: ElementType.uint8, shape: [1] },
      { name: 'count', type: ElementType.int64, shape: [1] },
      ...slices.flatMap((s) => [
        { name: `base${s}`, type: ElementType.uint8, shape: ['n', cols] },
        { name: `halfNorms${s}`, type: ElementType.int32, shape: ['n', 1] },
      ]),
    ],
    outputs: [
      { name: 'greatest', type: ElementType.int32, shape: ['m', 'c'] },
      { name: 'group', type: ElementType.int32, shape: ['m', 'c'] },
      { name: 'members', type: ElementType.int32, shape: ['m', 'slices × c'] },
    ],
    nodes: [
      { op: 'Transpose', inputs: ['queries'], outputs: ['columns'], attributes: turn },
      ...slices.flatMap((s): NodeSpec[] => [
        { op: 'MatMulInteger', inputs: [`base${s}`, 'columns', 'zeroPoint'], outputs: [`product${s}`] },
        { op: 'Sub', inputs: [`product${s}`, `halfNorms${s}`], outputs: [`score${s}`] },
        ...(s > 0
          ? [{ op: 'Max', inputs: [s > 1 ? `max${s - 1}` : 'score0', `score${s}`], outputs: [`max${s}`] }]
          : []),
      ]),
      { op: 'Transpose', inputs: [`max${SLICES - 1}`], outputs: ['greatestOfGroups'], attributes: turn },
      {
        op: 'TopK',
        inputs: ['greatestOfGroups', 'count'],
        outputs: ['greatest', 'group64'],
        attributes: { axis: 1, largest: 1, sorted: 1 },
      },
      { op: 'Cast', inputs: ['group64'], outputs: ['group'], attributes: { to: ElementType.int32 } },
      { op: 'Transpose', inputs: ['group64'], outputs: ['groupByQuery'], attributes: turn },
      ...slices.map((s) => ({
        op: 'GatherElements',
        inputs: [`score${s}`, 'groupByQuery'],
        outputs: [`members${s}`],
        attributes: { axis: 0 },
      })),
      {
        op: 'Concat',
        inputs: slices.map((s) => `members${s}`),
        outputs: ['membersByQuery'],
        attributes: { axis: 0 },
      },
      { op: 'Transpose', inputs: ['membersByQuery'], outputs: ['members'], attributes: turn },
    ],
  };
}

/** Once per thread; the table's codes must be in place before the first search. */
export async function createCodeKernel(table: CodeTable): Promise<CodeKernel> {
  const { codes, halfNorms, cols } = table;
  const session = await createKernel(codeGraph(cols));
  const zeroPoint = new Tensor('uint8', Uint8Array.of(ZERO_POINT), [1]);
  const baseCodes = new Uint8Array(BASE_ROWS * cols);
  const baseNorms = new Int32Array(BASE_ROWS);

  /** Copy the base's codes into slices; valid until the next scan. */
  const slice = (base: Int32Array, width: number): Record<string, Tensor> => {
    for (let i = 0; i < base.length; ) {
      let end = i + 1;
      while (end < base.length && base[end] === base[end - 1] + 1) end++;
      const from = base[i];
      baseCodes.set(codes.subarray(from * cols, (from + end - i) * cols), i * cols);
      baseNorms.set(halfNorms.subarray(from, from + end - i), i);
      i = end;
    }
    baseNorms.fill(UNUSED, base.length, width * SLICES);
    const tensors: Record<string, Tensor> = {};
    for (let s = 0; s < SLICES; s++) {
      const sliceCodes = baseCodes.subarray(s * width * cols, (s + 1) * width * cols);
      tensors[`base${s}`] = new Tensor('uint8', sliceCodes, [width, cols]);
      tensors[`halfNorms${s}`] = new Tensor('int32', baseNorms.subarray(s * width, (s + 1) * width), [width, 1]);
    }
    return tensors;
  };

  return {
    queries(places, capacity) {
      const signed = new Int8Array(places.length * cols);
      for (let i = 0, to = 0; i < places.length; i++) {
        const end = (places[i] + 1) * cols;
        for (let from = places[i] * cols; from < end; from++) signed[to++] = codes[from] - ZERO_POINT;
      }
      const tensor = new Tensor('int8', signed, [places.length, cols]);
      return { places, list: createCandidateList(places.length, capacity), tensor };
    },
    async scan(blocks, base, groups) {
      const width = Math.ceil(base.length / SLICES);
      const count = Math.min(groups, width);
      const feeds = { ...slice(base, width), zeroPoint, count: int64Scalar(count) };
      for (const { places, list, tensor } of blocks) {
        const found = await session.run({ ...feeds, queries: tensor });
        const greatest = found.greatest.data as Int32Array;
        const group = found.group.data as Int32Array;
        const members = found.members.data as Int32Array;
        for (let q = 0; q < places.length; q++) {
          const end = (q + 1) * count;
          let e = end - count;
          let worst = list.worst(q);
          let passedOver = NOTHING_LEFT_OUT;
          for (; e < end && greatest[e] > worst; e++) {
            let member = q * count * SLICES + e - (end - count);
            for (let at = group[e]; at < base.length; at += width, member += count) {
              const score = members[member];
              if (score > worst) {
                list.offer(q, base[at], score);
                worst = list.worst(q);
              } else if (score > passedOver) {
                passedOver = score;
              }
            }
          }
          list.leave(q, passedOver);
          if (e < end) list.leave(q, greatest[e]);
          else if (count < width) list.leave(q, greatest[end - 1]);
        }
      }
    },
  };
}
