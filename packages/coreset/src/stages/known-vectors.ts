import { type Corpus, embeddedRows } from '../input/corpus.js';
import type { BaseRun } from '../run/base-run.js';
import { type Contents, contentsOfRows, firstWithContent, readContents } from './contents.js';
import type { KnownVectors } from './embed-to-file.js';
import type { EmbeddedInput } from './embedded-input.js';

/** The vectors that an earlier run made of some rows of a corpus. @param contents of its rows */
export function knownVectors(base: BaseRun, contents: Contents, corpus: Corpus): KnownVectors | undefined {
  if (base.embedded === undefined) return undefined;
  const { vectors, readings, rows } = base.embedded;
  const same = firstWithContent(contentsOfRows(contents, embeddedRows(corpus)), base.contents);
  return { vectors, readings, of: same.map((row) => (row < 0 ? -1 : rows[row])) };
}

/** What an earlier run kept, among the rows of this one. */
export interface KeptBefore {
  /** Rows of the embeddings in the order of its picks. */
  rows: Int32Array;
  /** How many of its picks are not there any more. */
  gone: number;
}

/** Look for the picks of an earlier run by their contents. */
export function keptBefore(base: BaseRun, { contents, inputRows }: EmbeddedInput): KeptBefore {
  if (contents === undefined) return { rows: new Int32Array(0), gone: base.picks.length };
  const own = contentsOfRows(readContents(contents), inputRows);
  const found = firstWithContent(contentsOfRows(base.contents, base.picks), own);
  const rows = Int32Array.from(new Set(found.filter((row) => row >= 0)));
  return { rows, gone: found.filter((row) => row < 0).length };
}
