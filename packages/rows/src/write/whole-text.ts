import { CoresetError } from '@coreset/core';

/** Half of a surrogate pair alone, which JSON can hold and UTF-8 cannot. */
const HALF = /\p{Surrogate}/u;

/**
 * @param place what messages call the row
 * @throws CoresetError when a text would be changed by being encoded
 */
export function requireWholeText(text: string, field: string, place: () => string): void {
  if (HALF.test(text))
    throw new CoresetError(
      `${place()}, field '${field}' has half of a surrogate pair, which UTF-8 cannot hold; mend it or write .jsonl`,
    );
}
