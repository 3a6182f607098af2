import { type Stats, statSync } from 'node:fs';
import { extname } from 'node:path';
import { CoresetError, fileError } from '@coreset/core';
import { type Looks, looksLike, packing, readHead, unpackHead } from './first-bytes.js';
import type { Compression, FileKind, Format } from './kinds.js';

const BY_EXTENSION: Record<string, Format> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.jsonlines': 'jsonl',
  '.json': 'json',
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
  '.npz': 'npz',
  '.safetensors': 'safetensors',
};

/** The extensions of files of rows, each with its dot. */
export const EXTENSIONS: string[] = Object.keys(BY_EXTENSION);

/** Formats of text, which may be packed. */
const TEXT_FORMATS: Format[] = ['jsonl', 'json', 'csv', 'tsv', 'text'];

/** The endings of packed files, and how they are packed. */
const PACKED: Record<string, Compression> = { '.gz': 'gzip', '.zst': 'zstd', '.zstd': 'zstd' };

/** Enough for the first block of packed data. */
const HEAD_BYTES = 1 << 17;

/** The format that a name says; undefined where its extension is of none. */
export function formatByName(path: string): Format | undefined {
  const extension = bareExtension(path);
  return Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined;
}

/** The usual extensions of a file of this kind. */
export function extensionOf({ format, compression }: FileKind): string {
  const bare = format === 'folder' ? '.txt' : EXTENSIONS.find((extension) => BY_EXTENSION[extension] === format);
  return `${bare}${{ none: '', gzip: '.gz', zstd: '.zst' }[compression]}`;
}

/** Whether rows of this format are text, which may be packed. */
export function isTextFormat(format: Format): boolean {
  return TEXT_FORMATS.includes(format);
}

/** The extension of a name without that of its packing, in lower case. */
export function bareExtension(path: string): string {
  return extname(path.toLowerCase().replace(/\.(gz|zst|zstd|bz2|xz)$/, ''));
}

/**
 * How a file of this name is packed.
 * @throws CoresetError for packings that are not written
 */
export function compressionByName(path: string): Compression {
  const ending = extname(path).toLowerCase();
  if (ending === '.bz2' || ending === '.xz')
    throw new CoresetError(`${path}: ${ending} files are not written; name it .gz or .zst`);
  return PACKED[ending] ?? 'none';
}

/**
 * Tell a file's format, by its name or, where that says nothing, by first bytes that are certain.
 * Never waits: what is no regular file is not opened.
 * @throws CoresetError when the file is missing, of no known format, or not what its name says
 */
export function detectKind(path: string): FileKind {
  let status: Stats;
  let packedHead: Buffer;
  try {
    status = statSync(path);
    if (status.isDirectory()) return { format: 'folder', compression: 'none' };
    if (!status.isFile() || /^\/(dev\/(stdin|fd\/\d+)|proc\/[^/]+\/fd\/\d+)$/.test(path))
      throw new CoresetError(`${path} is no regular file; pipe it into -`);
    packedHead = readHead(path, HEAD_BYTES);
  } catch (error) {
    throw fileError('read', path, error);
  }
  const compression = packing(packedHead);
  const named = Object.hasOwn(PACKED, extname(path).toLowerCase()) ? compressionByName(path) : 'none';
  if (named !== 'none' && compression === 'none')
    throw new CoresetError(
      `${path}: named ${extname(path)} but not ${named === 'gzip' ? 'gzipped' : 'packed by zstd'}, or damaged`,
    );
  const byName = formatByName(path);
  const looks = looksLike(unpackHead(packedHead, compression));
  if (byName === undefined) return { format: formatByContent(path, looks), compression };
  if (compression !== 'none' && !isTextFormat(byName))
    throw new CoresetError(
      `${path}: a ${compression === 'gzip' ? 'gzipped' : 'zstd-packed'} ${byName} file cannot be read; unpack it first`,
    );
  if (looks !== undefined && contradicts(byName, looks)) throw notAsNamed(path, looks);
  return { format: byName, compression };
}

function contradicts(format: Format, { kind }: Looks): boolean {
  if (kind === 'pointer') return true;
  if (!isTextFormat(format)) return kind !== 'binary';
  if (kind === 'json') return format === 'csv' || format === 'tsv';
  return kind === 'binary' || (kind === 'web page' && format !== 'text');
}

function notAsNamed(path: string, { what, format, advice }: Looks): CoresetError {
  return new CoresetError(`${path}: holds ${what}; ${advice ?? `name it .${format}`}`);
}

function formatByContent(path: string, looks: Looks | undefined): Format {
  if (looks?.format !== undefined) return looks.format;
  if (looks?.advice !== undefined) throw notAsNamed(path, looks);
  throw new CoresetError(
    `${path}: unknown kind of file; name it ${Object.keys(BY_EXTENSION).join(', ')} (text formats also with .gz or .zst)`,
  );
}
