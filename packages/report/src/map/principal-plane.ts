import { blockSteps, inTurns, type Matrix, type Steps, scaleFor, type Vectors } from '@coreset/core';
import { principalComponents } from '@coreset/graph';

const ROWS_AT_ONCE = 4096;

/** Where rows lie along the two directions in which they vary most. @returns rows × 2, about the mean of all rows */
export async function principalPlane(vectors: Vectors, signal?: AbortSignal): Promise<Float64Array> {
  const plane = await inTurns(projection(vectors, await principalComponents(vectors, 2, signal)), signal);
  const { rows } = vectors;
  for (const axis of [0, 1]) {
    let sum = 0;
    for (let i = axis; i < plane.length; i += 2) sum += plane[i];
    for (let i = axis; i < plane.length; i += 2) plane[i] -= sum / rows;
  }
  const scale = scaleFor(plane.reduce((most, place) => Math.max(most, Math.abs(place)), 0));
  return scale === 1 ? plane : plane.map((place) => place * scale);
}

function* projection(vectors: Vectors, { data: axes, cols }: Matrix): Steps<Float64Array> {
  const plane = new Float64Array(2 * vectors.rows);
  yield* blockSteps(vectors, ROWS_AT_ONCE, (block, start, end) => {
    for (let row = start; row < end; row++) {
      const at = (row - start) * cols;
      let x = 0;
      let y = 0;
      for (let c = 0; c < cols; c++) {
        x += block[at + c] * axes[c];
        y += block[at + c] * axes[cols + c];
      }
      plane[2 * row] = x;
      plane[2 * row + 1] = y;
    }
  });
  return plane;
}
