import {
  blockSteps,
  CoresetError,
  finiteSteps,
  inTurns,
  requireFloat32Holds,
  type Steps,
  type Vectors,
} from '@coreset/core';
import { openVectorsFile, type RowFile } from '@coreset/rows';
import { requireNoPipe } from './piped.js';

/**
 * Open ready-made embeddings and check every number.
 * @param member which array of an `.npz`, or tensor of a `.safetensors`, file
 * @throws CoresetError when the file is no two-dimensional float array, has no rows, a number is not finite,
 * or float64 numbers lie so far from zero that float32 cannot tell rows apart
 */
export async function openEmbeddings(path: string, member?: string, signal?: AbortSignal): Promise<Vectors> {
  requireNoPipe(path);
  const vectors = await openVectorsFile(path, { member });
  if (vectors.rows === 0 || vectors.cols === 0)
    throw new CoresetError(`${path} has no rows or no columns (${vectors.rows} × ${vectors.cols})`);
  await inTurns(requireFloat32Holds(vectors, path), signal);
  await inTurns(finiteSteps(vectors, path), signal);
  await inTurns(requireNonZero(vectors, path), signal);
  return vectors;
}

/** A row of zeros is what a failed embedding leaves; it has no direction and would be everybody's neighbour. */
function* requireNonZero(vectors: Vectors, path: string): Steps<void> {
  const { cols } = vectors;
  yield* blockSteps(vectors, 4096, (block, start, end) => {
    for (let i = start; i < end; i++) {
      if (block.subarray((i - start) * cols, (i - start + 1) * cols).every((value) => value === 0)) {
        throw new CoresetError(
          `${path}: row ${i} is all zeros, as a failed embedding leaves it; embed it again or remove it`,
        );
      }
    }
  });
}

/** Whether the rows of a file are vectors themselves. */
export function isVectorFile({ format }: RowFile): boolean {
  return format === 'npy' || format === 'npz' || format === 'safetensors';
}
