import { CoresetError, type ShowsItself } from '@coreset/core';
import { runSource } from './run-source.js';
import type { ViewSource } from './source.js';

/** What views take: the result of `prune` or `pruneRows`, or the path of a run directory. */
export type Viewable = ShowsItself | { files: { runDir: string } } | string;

const SOURCES = new WeakMap<object, () => Promise<ViewSource>>();

/** Say where what views show of a result comes from; it is asked for once. @returns the same */
export function setSource(result: object, open: () => Promise<ViewSource>): () => Promise<ViewSource> {
  let opened: Promise<ViewSource> | undefined;
  const once = (): Promise<ViewSource> => {
    opened ??= open();
    return opened;
  };
  SOURCES.set(result, once);
  return once;
}

/** @throws CoresetError when it is no result */
export async function sourceOf(result: Viewable): Promise<ViewSource> {
  if (typeof result === 'string') return runSource(result);
  const open = SOURCES.get(result);
  if (open !== undefined) return open();
  const { runDir } = (result as { files?: { runDir?: string } } | undefined)?.files ?? {};
  if (runDir !== undefined) return runSource(runDir);
  throw new CoresetError('a view is of the result of prune or pruneRows itself, or of the path of a run directory');
}
