import { type ShowsItself, showAs } from '@coreset/core';
import type { ViewSource } from './source.js';
import { setSource } from './sources.js';
import { bundleOf } from './view.js';
import { showResult } from './views.js';

/** Let a result show itself in notebooks, and views show parts of it. @returns the same result */
export function showsItself<Result extends object>(
  result: Result,
  open: () => Promise<ViewSource>,
): Result & ShowsItself {
  const source = setSource(result, open);
  return showAs(result, async () => bundleOf(showResult(await source())));
}
