import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { CoresetError } from '@coreset/core';
import { imageProblem } from '@coreset/embedder';

/** An image file of a row. */
export interface ImageFile {
  path: string;
  bytes: number;
  /** Time of its last change. */
  changed: number;
}

/** What a row names: an image file, or what there is instead. */
export type ImageFinding = ImageFile | { problem: string };

/** @param folder that the path is relative to */
export async function inspectImage(value: string, folder: string): Promise<ImageFinding> {
  const path = resolve(folder, value);
  const file = statOf(path);
  if (file === undefined) return { problem: `the file ${path}, which is not there` };
  if (!file.isFile())
    return { problem: `${path}, which is ${file.isDirectory() ? 'a folder' : 'no regular file'}; a file is needed` };
  const problem = await imageProblem(path);
  if (problem !== undefined) return { problem: `the file ${path}, which cannot be read as an image (${problem})` };
  return { path, bytes: file.size, changed: file.mtimeMs };
}

/** What tells one state of an image file from another. @param value as the row names it */
export function imageFingerprint(value: string, { bytes, changed }: Pick<ImageFile, 'bytes' | 'changed'>): string {
  return `${value}\0${bytes}\0${changed}\n`;
}

/** So many files are looked at before the event loop turns. */
const AT_ONCE = 1000;

/**
 * Find out whether images are still what they were when they were inspected.
 * @throws CoresetError naming the first that changed
 */
export async function requireSameImages(images: ImageFile[], signal: AbortSignal | undefined): Promise<void> {
  for (const [i, { path, bytes, changed }] of images.entries()) {
    if (i % AT_ONCE === 0) await setImmediate();
    signal?.throwIfAborted();
    const now = statOf(path);
    if (now?.size !== bytes || now.mtimeMs !== changed)
      throw new CoresetError(`${path} changed while it was read; run the same command again`);
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // a path that no file can have, such as a text that was taken for one
  }
}

/** So many rows are inspected at a time. */
const AHEAD = 32;

/** Items in their order, each with what was found of it; some are looked at ahead. */
export async function* ahead<Item, Found>(
  items: AsyncIterable<Item>,
  inspect: (item: Item) => Promise<Found>,
): AsyncGenerator<{ item: Item; found: Found }, void, undefined> {
  const waiting: { item: Item; found: Promise<Found> }[] = [];
  const next = async (): Promise<{ item: Item; found: Found }> => {
    const { item, found } = waiting.shift() as (typeof waiting)[number];
    return { item, found: await found };
  };
  for await (const item of items) {
    if (waiting.length === AHEAD) yield next();
    waiting.push({ item, found: inspect(item) });
  }
  while (waiting.length > 0) yield next();
}
