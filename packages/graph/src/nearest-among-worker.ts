import { type Block, type Matrix, normaliseRows, openVectors, rowBuffer, type Vectors } from '@coreset/core';
import { compileModel, floatTensor, int64Scalar, nearestModel, type Tensor } from '@coreset/kernels';

/** Shared with every worker; all arrays but the vectors in shared memory. */
export interface NearestData {
  vectors: Vectors;
  /** The part of the others that is searched now. */
  searched: Matrix;
  /** The number of its first row among all others, and how many rows it has. */
  part: Int32Array;
  /** The nearest other of each row so far, −1 for none, and its cosine. */
  nearest: Int32Array;
  similarity: Float64Array;
}

/** The tasks of a worker. */
export interface NearestTasks {
  /** Look for nearer ones of some rows in the part that is searched now. */
  search(rows: Block): Promise<void>;
  close(): void;
}

/** Rescored of each part: float32 rounding changes the order of scores that are nearly the same. */
const CANDIDATES = 4;
/** Of vectors of length 1, twice the cosine is the score; more than the error of its sum in float32. */
const ROUNDING = 1e-5;

export function serve({ vectors, searched, part, nearest, similarity }: NearestData): NearestTasks {
  const { cols } = vectors;
  const reader = openVectors(vectors);
  const rawRoom = rowBuffer(cols);
  const unitRoom = rowBuffer(cols);
  const compiled = compileModel(nearestModel(cols));
  let first = -1;
  let base: { base: Tensor; bias: Tensor; count: Tensor };

  /** Take the part that is searched now, each row scaled to length 1. */
  function usePart(): void {
    if (part[0] === first) return;
    first = part[0];
    const unit = Float32Array.from(searched.data.subarray(0, part[1] * cols));
    normaliseRows(unit, cols);
    base = {
      base: floatTensor(unit, [part[1], cols]),
      bias: floatTensor(new Float32Array(part[1]), [1, part[1]]),
      count: int64Scalar(Math.min(CANDIDATES, part[1])),
    };
  }

  async function search({ start, end }: Block): Promise<void> {
    const model = await compiled;
    usePart();
    const rows = reader.read(start, end, rawRoom(end - start));
    const unit = unitRoom(end - start);
    unit.set(rows);
    normaliseRows(unit, cols);
    const { score, index } = await model.run({ ...base, queries: floatTensor(unit, [end - start, cols]) });
    const scores = score.data as Float32Array;
    const indices = index.data as Int32Array;
    const count = scores.length / (end - start);
    for (let row = start; row < end; row++) {
      const best = (row - start) * count;
      for (let c = best; c < best + count && scores[c] >= scores[best] - ROUNDING; c++) {
        const found = cosine(rows, row - start, searched.data, indices[c], cols);
        const other = first + indices[c];
        if (found < similarity[row] || (found === similarity[row] && other > nearest[row])) continue;
        similarity[row] = found;
        nearest[row] = other;
      }
    }
  }

  return { search, close: () => reader.close() };
}

/** The cosine of row i of `a` and row j of `b`, summed in float64; 1 of equal rows, 0 where one is all zeros. */
function cosine(a: Float32Array, i: number, b: Float32Array, j: number, cols: number): number {
  let product = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let atA = i * cols, atB = j * cols, end = atA + cols; atA < end; atA++, atB++) {
    product += a[atA] * b[atB];
    squaresA += a[atA] * a[atA];
    squaresB += b[atB] * b[atB];
  }
  const scale = Math.sqrt(squaresA * squaresB);
  return scale === 0 ? 0 : Math.max(-1, Math.min(1, product / scale));
}
