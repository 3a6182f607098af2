import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { CoresetError, fileError, isSystemError, messageOf, type RunOptions, writeFully } from '@coreset/core';

/** What tells whether a file is still the one that was fetched. */
interface Version {
  address: string;
  etag: string | null;
  modified: string | null;
}

/**
 * Fetch a file into `path`. One that is there already is fetched again only if the server has another; a fetch that was
 * stopped goes on where it was.
 * @throws CoresetError when the server cannot be reached, does not have the file, or ends it early
 */
export async function download(address: string, path: string, options: RunOptions): Promise<void> {
  const part = `${path}.part`;
  const known = readVersion(`${path}.source`, address);
  const isWhole = existsSync(path) && known !== undefined;
  const offset = !isWhole && known !== undefined && existsSync(part) ? statSync(part).size : 0;
  const response = await request(address, conditions(known, isWhole, offset), options.signal);
  if (response.status === 304) return;
  if (response.status === 416 && offset > 0) {
    // The part is not of the file that is there now.
    rmSync(part);
    return download(address, path, options);
  }
  if (!response.ok || response.body === null)
    throw new CoresetError(
      `cannot fetch ${address}: the server answers ${response.status} ${response.statusText}`.trim(),
    );
  const start = response.status === 206 ? offset : 0;
  const length = response.headers.get('content-length');
  const total = length === null || response.headers.has('content-encoding') ? undefined : start + Number(length);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.source`, JSON.stringify(versionOf(address, response)));
  await receive(response.body as ReadableStream<Uint8Array>, { part, start, total, address }, options);
  const size = statSync(part).size;
  if (total !== undefined && size !== total)
    throw new CoresetError(
      `${address}: ${size} of ${total} bytes came; run the same command again to go on from there`,
    );
  renameSync(part, path);
}

interface Transfer {
  part: string;
  start: number;
  total: number | undefined;
  address: string;
}

async function receive(body: ReadableStream<Uint8Array>, transfer: Transfer, options: RunOptions): Promise<void> {
  const { part, start, total, address } = transfer;
  const descriptor = openSync(part, start > 0 ? 'a' : 'w');
  let done = start;
  try {
    for await (const chunk of Readable.fromWeb(body, { signal: options.signal })) {
      writeFully(descriptor, chunk as Uint8Array);
      done += chunk.length;
      options.onProgress?.({ stage: 'fetch', done, total });
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isSystemError(error) && error.syscall === 'write') throw fileError('write', part, error);
    throw new CoresetError(
      `${address}: the connection ended after ${done} bytes (${reasonOf(error)}); run the same command again to go on from there`,
    );
  } finally {
    closeSync(descriptor);
  }
}

function conditions(known: Version | undefined, isWhole: boolean, offset: number): Record<string, string> {
  const plain = { 'accept-encoding': 'identity' };
  const tag = known?.etag ?? known?.modified ?? undefined;
  if (known === undefined || tag === undefined) return plain;
  if (isWhole) return known.etag ? { ...plain, 'if-none-match': tag } : { ...plain, 'if-modified-since': tag };
  return offset > 0 ? { ...plain, range: `bytes=${offset}-`, 'if-range': tag } : plain;
}

async function request(
  address: string,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  try {
    return await fetch(address, { headers, signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new CoresetError(`cannot fetch ${address}: ${reasonOf(error)}`);
  }
}

/** What lies behind "fetch failed". */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return messageOf(cause ?? error);
}

function versionOf(address: string, { headers }: Response): Version {
  return { address, etag: headers.get('etag'), modified: headers.get('last-modified') };
}

function readVersion(path: string, address: string): Version | undefined {
  try {
    const version: Version = JSON.parse(readFileSync(path, 'utf8'));
    return version.address === address ? version : undefined;
  } catch {
    return undefined;
  }
}
