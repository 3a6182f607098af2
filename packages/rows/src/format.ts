import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { CoresetError, fileError } from '@coreset/core';

/** The kinds of file that rows come from. */
export type Format = 'jsonl' | 'csv' | 'tsv' | 'parquet' | 'arrow' | 'text' | 'npy' | 'folder';

const BY_EXTENSION: Record<string, Format> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.parquet': 'parquet',
  '.pq': 'parquet',
  '.arrow': 'arrow',
  '.feather': 'arrow',
  '.ipc': 'arrow',
  '.arrows': 'arrow',
  '.txt': 'text',
  '.text': 'text',
  '.npy': 'npy',
};

/** How the bytes of a text format are packed. */
export type Compression = 'none' | 'gzip';

/** Formats that may be packed. */
const COMPRESSIBLE: Format[] = ['jsonl', 'csv', 'tsv', 'text'];

/** A file's format by its name, and how it is packed by its first bytes. */
export interface FileKind {
  format: Format;
  compression: Compression;
}

/** The extension of a name without `.gz`, in lower case. */
export function bareExtension(path: string): string {
  return extname(path.toLowerCase().replace(/\.gz$/, ''));
}

/**
 * Tell a file's format.
 * @throws CoresetError when the file is missing or of no known format
 */
export function detectKind(path: string): FileKind {
  let head: Buffer;
  try {
    if (statSync(path).isDirectory()) return { format: 'folder', compression: 'none' };
    const descriptor = openSync(path, 'r');
    head = Buffer.alloc(2);
    readSync(descriptor, head, 0, 2, 0);
    closeSync(descriptor);
  } catch (error) {
    throw fileError('read', path, error);
  }
  const format = BY_EXTENSION[bareExtension(path)];
  if (format === undefined) {
    throw new CoresetError(
      `${path}: unknown kind of file; name it ${Object.keys(BY_EXTENSION).join(', ')} (text formats also with .gz)`,
    );
  }
  const gzipped = head[0] === 0x1f && head[1] === 0x8b;
  if (gzipped && !COMPRESSIBLE.includes(format))
    throw new CoresetError(`${path}: a gzipped ${format} file cannot be read; unpack it first`);
  if (!gzipped && path.toLowerCase().endsWith('.gz'))
    throw new CoresetError(`${path}: named .gz but not gzipped, or damaged`);
  return { format, compression: gzipped ? 'gzip' : 'none' };
}
