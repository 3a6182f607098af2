import { CoresetError } from '@coreset/core';

/** Half of a surrogate pair alone, which JSON can hold and UTF-8 cannot. */
const HALF = /\p{Surrogate}/u;

/** @throws CoresetError when a text would be changed by being encoded */
export function requireWholeText(text: string, field: string, row: number): void {
  if (HALF.test(text))
    throw new CoresetError(
      `row ${row}: field '${field}' has half of a surrogate pair, which UTF-8 cannot hold; mend it or write .jsonl`,
    );
}
