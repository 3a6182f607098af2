import { CoresetError, messageOf } from '@coreset/core';
import type { ByteSource } from './source.js';

const TIMEOUT_MS = 120_000;

/** Whether a path is an address on the web. */
export function isAddress(path: string): boolean {
  return /^https?:\/\//i.test(path);
}

/**
 * Bytes at an address, of which only the parts needed are fetched.
 * @throws CoresetError when the address cannot be reached, or its server does not send parts
 */
export async function remoteSource(address: string): Promise<ByteSource> {
  const first = await fetchPart(address, 0, 1, undefined);
  const byteLength = Number(first.headers.get('content-range')?.split('/')[1]);
  if (!Number.isSafeInteger(byteLength)) throw withoutParts(address);
  await first.arrayBuffer();
  const tag = first.headers.get('etag');
  // Only a strong tag says that the bytes are the same.
  const version = tag && !tag.startsWith('W/') ? tag : undefined;
  return {
    name: address,
    byteLength,
    async slice(start, end): Promise<Buffer> {
      if (start === end) return Buffer.alloc(0);
      const response = await fetchPart(address, start, end, version);
      const bytes = Buffer.from(await readBody(address, response));
      if (bytes.length !== end - start || Number(response.headers.get('content-range')?.split('/')[1]) !== byteLength)
        throw changed(address);
      return bytes;
    },
    close: () => Promise.resolve(),
  };
}

async function fetchPart(address: string, start: number, end: number, version: string | undefined): Promise<Response> {
  const headers: Record<string, string> = { range: `bytes=${start}-${end - 1}`, 'accept-encoding': 'identity' };
  if (version !== undefined) headers['if-range'] = version;
  let response: Response;
  try {
    response = await fetch(address, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw unreachable(address, error);
  }
  if (response.status === 206) return response;
  await response.body?.cancel();
  if (response.status === 200) throw version === undefined ? withoutParts(address) : changed(address);
  if (response.status === 416) throw new CoresetError(`cannot read ${address}: it is empty; check the address`);
  throw new CoresetError(
    `cannot read ${address}: the server says ${response.status} ${response.statusText}; check the address and who may read it`,
  );
}

async function readBody(address: string, response: Response): Promise<ArrayBuffer> {
  try {
    return await response.arrayBuffer();
  } catch (error) {
    throw unreachable(address, error);
  }
}

function unreachable(address: string, error: unknown): CoresetError {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  return new CoresetError(
    `cannot read ${address}: ${messageOf(cause)}; check the address and the connection, then run the same command again`,
  );
}

function withoutParts(address: string): CoresetError {
  return new CoresetError(
    `cannot read ${address}: its server does not send parts of a file; download it and give the local file`,
  );
}

function changed(address: string): CoresetError {
  return new CoresetError(`${address} was changed while it was read; run the same command again`);
}
