import { renameSync, rmSync, statSync } from 'node:fs';
import { isatty } from 'node:tty';
import { CoresetError, messageOf, writeAtomic } from '@coreset/core';
import { detectKind, EXTENSIONS, extensionOf } from '@coreset/rows';
import { readPiped } from './piped.js';

/** Formats that piped input may have, by the extension of a file with it. */
export const INPUT_FORMATS: string[] = EXTENSIONS.map((extension) => extension.slice(1));

/**
 * Copy what is piped in to a file, so that it can be read as often as needed.
 * @param stem path of the file without its extension
 * @param format extension of its format; default: what its first bytes show
 * @returns the path of the file
 * @throws the reason of the signal when it aborts
 */
export async function spool(
  descriptor: number,
  stem: string,
  format: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (format !== undefined && !INPUT_FORMATS.includes(format))
    throw new CoresetError(`input format '${format}' is not known; use one of ${INPUT_FORMATS.join(', ')}`);
  if (isatty(descriptor))
    throw new CoresetError("input '-' reads rows from a pipe, but standard input is a terminal; pipe a file in");
  const unnamed = `${stem}.piped`;
  try {
    await writeAtomic(unnamed, async (sink) => {
      for await (const chunk of readPiped(descriptor, signal)) sink.write(chunk);
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw CoresetError.isInstance(error) ? error : new CoresetError(`cannot read standard input: ${messageOf(error)}`);
  }
  const path = `${stem}${format === undefined ? extensionByContent(unnamed) : `.${format}`}`;
  renameSync(unnamed, path);
  return path;
}

function extensionByContent(path: string): string {
  const isEmpty = statSync(path).size === 0;
  try {
    return extensionOf(detectKind(path));
  } catch {
    rmSync(path);
    if (isEmpty) throw new CoresetError('nothing is piped in: standard input is empty');
    throw new CoresetError(
      `what is piped in does not look like JSON lines, JSON, Parquet or another format that can be told by its first bytes; name it with --input-format (${INPUT_FORMATS.join(', ')})`,
    );
  }
}
