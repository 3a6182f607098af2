import { CoresetError } from '@coreset/core';
import type { OpenOptions, Row } from '../row.js';

/**
 * What becomes of a row that cannot be read: one without fields, of which {@link OpenOptions.onBrokenRow} is told.
 * @throws the problem when nobody wants to be told, or when it is a defect of ours
 */
export function brokenRow(problem: unknown, { onBrokenRow }: OpenOptions): Row {
  if (onBrokenRow === undefined || !CoresetError.isInstance(problem)) throw problem;
  onBrokenRow(problem.message);
  return {};
}
