import { resolve } from 'node:path';
import { CoresetError, formatBytes } from '@coreset/core';
import { CPU } from '@coreset/kernels';
import { checkFolder } from './cache-folder.js';

/** Where vectors are kept for later runs. */
export interface CacheOptions {
  /**
   * A folder that keeps vectors for all runs that name it, in which a vector is looked for before the model is asked: results
   * are the same with it and without. It is made where it is missing, may be deleted at any time, and several processes may
   * use it at once. Default: none.
   */
  cache?: string;
  /**
   * The most that the folder may hold, in bytes or as a text such as `500MB` or `10GB`: what was not used for longest goes
   * first. Default: `10GB`.
   */
  cacheSize?: number | string;
}

/** Every option of {@link CacheOptions}. */
export const CACHE_OPTIONS: Readonly<Record<keyof CacheOptions, true>> = { cache: true, cacheSize: true };

/** A cache that was asked for. */
export interface CachePlace {
  folder: string;
  /** Bytes. */
  size: number;
}

export const DEFAULT_CACHE_SIZE = '10GB';
const LEAST_BYTES = 1e6;
const SIZE = /^\s*(\d+\.?\d*|\.\d+)\s*(?:([kmgt])(i?))?b?\s*$/i;
const POWERS = ['k', 'm', 'g', 't'];

/**
 * Look whether a cache can be used, without making or writing anything.
 * @returns undefined where none is asked for
 * @throws CoresetError when an option is wrong, or the folder cannot be a cache
 */
export function checkCache({
  cache,
  cacheSize,
  device = CPU,
  batchSize,
}: CacheOptions & { device?: string; batchSize?: number }): CachePlace | undefined {
  if (cache === undefined) {
    if (cacheSize !== undefined)
      throw new CoresetError(
        `a cache size (${cacheSize}) means nothing without a cache; name its folder with --cache, or leave --cache-size out`,
      );
    return undefined;
  }
  if (typeof cache !== 'string' || cache === '')
    throw new CoresetError(`the cache is ${cache === '' ? 'empty' : typeof cache}; name a folder (--cache DIR)`);
  if (device !== CPU && batchSize === undefined)
    throw new CoresetError(
      `the device ${device} embeds in batches, which make a vector depend on the items beside it, and --cache keeps vectors; leave one of them out, or give --batch-size 1`,
    );
  if (batchSize !== undefined && batchSize > 1)
    throw new CoresetError(
      `a batch size (--batch-size) of ${batchSize} makes a vector depend on the items beside it, and --cache keeps vectors; leave one of them out`,
    );
  const place = { folder: resolve(cache), size: sizeOf(cacheSize ?? DEFAULT_CACHE_SIZE) };
  checkFolder(place.folder, cache);
  return place;
}

function sizeOf(asked: number | string): number {
  const [, digits, unit, binary] = SIZE.exec(String(asked)) ?? [];
  const base = binary ? 1024 : 1000;
  const bytes = Number(digits) * base ** (unit === undefined ? 0 : POWERS.indexOf(unit.toLowerCase()) + 1);
  if (Number.isFinite(bytes) && bytes >= LEAST_BYTES) return bytes;
  throw new CoresetError(
    `cache size (--cache-size) '${asked}' is no size of at least ${formatBytes(LEAST_BYTES)}; write 500MB or 10GB`,
  );
}
