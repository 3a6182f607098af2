import type { VectorReader, Vectors } from '@coreset/core';

/** Vectors of some rows: row r begins at `placeOf(r)` · cols of `values`. */
export interface RowVectors {
  values: Float32Array;
  placeOf(row: number): number;
}

/**
 * Gives the vectors of listed rows: all vectors if they are in memory, else read from the file once each, in
 * ascending order. What it gave is valid until the next call.
 */
export function rowVectors(vectors: Vectors, reader: VectorReader): (...lists: Int32Array[]) => RowVectors {
  if ('data' in vectors) return () => ({ values: vectors.data, placeOf: (row) => row });
  const places = new Int32Array(vectors.rows).fill(-1);
  let distinct = new Int32Array(0);
  return (...lists) => {
    for (const row of distinct) places[row] = -1;
    const listed = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0));
    let count = 0;
    for (const list of lists) {
      for (const row of list) {
        if (places[row] >= 0) continue;
        places[row] = 0;
        listed[count++] = row;
      }
    }
    distinct = listed.subarray(0, count).sort();
    for (let place = 0; place < count; place++) places[distinct[place]] = place;
    return { values: reader.gather(distinct), placeOf: (row) => places[row] };
  };
}
