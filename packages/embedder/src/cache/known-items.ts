import { setImmediate } from 'node:timers/promises';
import { requireKnownOptions } from '@coreset/core';
import type { Items } from '../embed.js';
import { EMBED_OPTIONS, type EmbedOptions, localSettings } from '../options.js';
import { checkCache } from './cache-options.js';
import { modelFingerprint } from './model-fingerprint.js';
import { VectorCache } from './vector-cache.js';
import { keyOf } from './vector-key.js';

const AT_ONCE = 1024;

/**
 * Look which items have a vector in the cache, without reading it, writing anything or loading the model.
 * @returns of each item 1 where it has one, else 0; undefined where no cache is asked for
 * @throws CoresetError when an option is wrong, or the folder cannot be a cache
 */
export async function inCache(items: Items, options: EmbedOptions): Promise<Uint8Array | undefined> {
  requireKnownOptions('inCache', options, EMBED_OPTIONS);
  const place = checkCache(options);
  if (place === undefined) return undefined;
  const { modality, ...settings } = await localSettings(options);
  const cache = await VectorCache.open(place, modelFingerprint({ modality, ...settings }), { readOnly: true });
  try {
    const known: number[] = [];
    for await (const item of items) {
      if (known.length % AT_ONCE === 0) await setImmediate();
      options.signal?.throwIfAborted();
      const found = await keyOf(item, modality);
      known.push(found !== undefined && cache.has(found.key) ? 1 : 0);
    }
    return Uint8Array.from(known);
  } finally {
    cache.close();
  }
}
