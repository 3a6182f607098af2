import { rowPlaces, type Vectors } from '@coreset/core';
import type { FieldPath, RowFile } from '@coreset/rows';
import type { Corpus } from '../input/corpus.js';

/** The rows of an input as vectors, and how they relate to the input. */
export interface EmbeddedInput {
  file: RowFile;
  /** How the rows were asked to be read; undefined where there are none beside the vectors. */
  opened: Corpus['opened'] | undefined;
  idField: FieldPath | undefined;
  vectors: Vectors;
  /** SHA-256 of the input. */
  sha256: string;
  /** Hash of what the vectors were made from. */
  hash: string;
  /** Rows of the input. */
  rows: number;
  /** Input row of each vector. */
  inputRows: Int32Array;
  /** Per vector the first whose row has the same content; undefined where equal vectors are all that is known of it. */
  contentRepresentative: Int32Array | undefined;
  /** File with the content of each row of the input, see `Contents`; undefined where nobody asks for it. */
  contents: string | undefined;
  /** What the model read of each row that was embedded, see {@link Reading}; undefined where rows have vectors. */
  readings: Int32Array | undefined;
  /** Rows with nothing to embed are kept without being embedded. */
  keepBadRows: boolean;
}

/** The row of the embeddings for each row of the input, −1 for a row that was not embedded. */
export function embeddingRows({ rows, inputRows }: Pick<EmbeddedInput, 'rows' | 'inputRows'>): Int32Array {
  return rowPlaces(rows, inputRows);
}
