import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Modality } from '../model-source.js';
import { KEY_BYTES } from './segment-format.js';

/** What tells an item from all others. */
export interface ItemKey {
  /** The first bytes of a SHA-256. */
  key: Uint8Array;
  /** Whether the item is still what the key was made of. */
  isSame(): Promise<boolean>;
}

const ALWAYS = async (): Promise<boolean> => true;

/** The key of a text, each of its code units counting; or of an image file, by its bytes; undefined of one that cannot be read. */
export async function keyOf(item: string, modality: Modality): Promise<ItemKey | undefined> {
  return modality === 'text' ? { key: textKey(item), isSame: ALWAYS } : imageKey(item);
}

/** UTF-8 has one code for all lone surrogates, which models may read each in its way. */
export function textKey(text: string): Uint8Array {
  return createHash('sha256').update(text, 'utf16le').digest().subarray(0, KEY_BYTES);
}

async function imageKey(path: string): Promise<ItemKey | undefined> {
  try {
    const before = await stateOf(path);
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    const isSame = async (): Promise<boolean> => (await stateOf(path).catch(() => '')) === before;
    return { key: hash.digest().subarray(0, KEY_BYTES), isSame };
  } catch {
    return undefined; // who embeds it says why
  }
}

async function stateOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
