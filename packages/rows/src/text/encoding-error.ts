import { CoresetError } from '@coreset/core';
import type { Charset } from './charset.js';

/** What to say of bytes that are no text in the file's encoding; `where` names the file and the line or element. */
export function encodingError(where: string, charset: Charset): CoresetError {
  return new CoresetError(
    `${where}: not valid ${charset.name}; name the file's encoding with --encoding, such as windows-1252`,
  );
}
