import { CoresetError, openNpyVectors, requireFinite, type Vectors } from '@coreset/core';

/**
 * Open ready-made embeddings and check every number.
 * @throws CoresetError when the file is no two-dimensional float array, has no rows, or a number is not finite
 */
export function openEmbeddings(path: string): Vectors {
  const vectors = openNpyVectors(path);
  if (vectors.rows === 0 || vectors.cols === 0)
    throw new CoresetError(`${path} has no rows or no columns (${vectors.rows} × ${vectors.cols})`);
  requireFinite(vectors, path);
  return vectors;
}
