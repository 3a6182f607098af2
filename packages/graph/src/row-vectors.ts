import type { VectorReader, Vectors } from '@coreset/core';

/** Vectors of some rows: row r begins at `placeOf(r)` · cols of `values`. */
export interface RowVectors {
  values: Float32Array;
  placeOf(row: number): number;
}

/** The listed rows' vectors: all vectors if they are in memory, else read from the file once each. */
export function vectorsOf(vectors: Vectors, reader: VectorReader, ...lists: Int32Array[]): RowVectors {
  if ('data' in vectors) return { values: vectors.data, placeOf: (row) => row };
  const distinct = [...new Set(lists.flatMap((list) => [...list]))].sort((a, b) => a - b);
  const places = new Map(distinct.map((row, place) => [row, place]));
  return { values: reader.gather(distinct), placeOf: (row) => places.get(row) as number };
}
