import { createKernel, ElementType, type GraphSpec, type InferenceSession, int64Scalar, Tensor } from '@coreset/core';
import { type CandidateList, createCandidateList } from './candidate-list.js';

/** How the base lies in memory: row by row, or already transposed, which saves a pass per product. */
export type BaseLayout = 'rows' | 'columns';

/** A block of rows to search among. */
export interface CodeBlock {
  /** rows × cols, or cols × rows in the layout `columns`; not in shared memory. */
  codes: Int8Array;
  rows: number;
  halfNorms: Int32Array;
}

/** Finds, for a block of queries, the rows of a block with the nearest codes. */
export interface CodeKernel {
  /**
   * Offer each query's nearest rows of the base, as q·b − |b|²/2: greater is nearer.
   *
   * @param queries unsigned codes, see {@link unsignedCodes}
   * @param rowOf the row number of each row of the base
   */
  scan(list: CandidateList, queries: Uint8Array, base: CodeBlock, rowOf: (index: number) => number): Promise<void>;
}

/** onnxruntime's fast integer products take the left side unsigned; 128 stands for zero. */
const ZERO_POINT = 128;

function codeGraph(cols: number, layout: BaseLayout): GraphSpec {
  const transposed = layout === 'columns';
  return {
    name: 'nearest-codes',
    inputs: [
      { name: 'queries', type: ElementType.uint8, shape: ['m', cols] },
      { name: 'base', type: ElementType.int8, shape: transposed ? [cols, 'n'] : ['n', cols] },
      { name: 'halfNorms', type: ElementType.int32, shape: [1, 'n'] },
      { name: 'zeroPoint', type: ElementType.uint8, shape: [1] },
      { name: 'count', type: ElementType.int64, shape: [1] },
    ],
    outputs: [
      { name: 'score', type: ElementType.int32, shape: ['m', 'c'] },
      { name: 'index', type: ElementType.int32, shape: ['m', 'c'] },
    ],
    nodes: [
      ...(transposed
        ? []
        : [{ op: 'Transpose', inputs: ['base'], outputs: ['columns'], attributes: { perm: [1, 0] } }]),
      {
        op: 'MatMulInteger',
        inputs: ['queries', transposed ? 'base' : 'columns', 'zeroPoint'],
        outputs: ['product'],
      },
      { op: 'Sub', inputs: ['product', 'halfNorms'], outputs: ['nearness'] },
      {
        op: 'TopK',
        inputs: ['nearness', 'count'],
        outputs: ['score', 'index64'],
        attributes: { axis: 1, largest: 1, sorted: 1 },
      },
      { op: 'Cast', inputs: ['index64'], outputs: ['index'], attributes: { to: ElementType.int32 } },
    ],
  };
}

/** Codes as the left side of a product wants them. */
export function unsignedCodes(codes: Int8Array): Uint8Array {
  const result = new Uint8Array(codes.length);
  for (let i = 0; i < codes.length; i++) result[i] = codes[i] + ZERO_POINT;
  return result;
}

/** @param count rows offered per query and block */
export async function createCodeKernel(cols: number, count: number, layout: BaseLayout): Promise<CodeKernel> {
  const session: InferenceSession = await createKernel(codeGraph(cols, layout));
  const zeroPoint = new Tensor('uint8', Uint8Array.of(ZERO_POINT), [1]);
  return {
    async scan(list, queries, base, rowOf) {
      const found = Math.min(count, base.rows);
      const queryRows = queries.length / cols;
      const { score, index } = await session.run({
        queries: new Tensor('uint8', queries, [queryRows, cols]),
        base: new Tensor('int8', base.codes, layout === 'columns' ? [cols, base.rows] : [base.rows, cols]),
        halfNorms: new Tensor('int32', base.halfNorms, [1, base.rows]),
        zeroPoint,
        count: int64Scalar(found),
      });
      const scores = score.data as Int32Array;
      const indices = index.data as Int32Array;
      const allOffered = found === base.rows;
      for (let q = 0; q < queryRows; q++) {
        const end = (q + 1) * found;
        let e = q * found;
        while (e < end && list.offer(q, rowOf(indices[e]), scores[e])) e++;
        if (e === end && !allOffered) list.leave(q, scores[end - 1]);
      }
    },
  };
}

/**
 * The greatest code whose products are exact on this machine: 127 where the processor adds bytes in 32 bits (VNNI),
 * 63 where it goes through 16 bits and 127 would overflow.
 */
export async function largestExactCode(): Promise<number> {
  const cols = 64;
  const kernel = await createCodeKernel(cols, 1, 'rows');
  const list = createCandidateList(1, 1);
  const base = { codes: new Int8Array(cols).fill(127), rows: 1, halfNorms: new Int32Array(1) };
  await kernel.scan(list, new Uint8Array(cols).fill(255), base, (index) => index);
  return list.scores[0] === cols * (255 - ZERO_POINT) * 127 ? 127 : 63;
}
