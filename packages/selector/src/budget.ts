import { CoresetError } from '@coreset/core';

/** What to keep: a share kept (`0.3`, `'0.3'`, `'30%'`) or a count of rows (`3600`, `'3600'`). */
export type Keep = number | string;

/**
 * Turn a budget into a number of rows. A number between 0 and 1, or a percentage up to 100 %, is the share
 * that is kept; a whole number from 1 on is a count. `'1.0'` could mean all rows or one row and is refused.
 *
 * @returns rows to keep, at least 1 for any positive share
 * @throws CoresetError for anything else, or for more rows than there are
 */
export function parseKeep(keep: Keep, rows: number): number {
  const text = String(keep).trim();
  const wrong = (why: string): CoresetError =>
    new CoresetError(
      `keep '${text}' ${why}; give the share to keep (0.3 or 30%) or a whole number of rows to keep (from 1 to ${rows})`,
    );
  const percent = /^(\d+(?:\.\d*)?|\.\d+)\s*%$/.exec(text);
  if (percent) {
    const share = Number(percent[1]) / 100;
    if (share <= 0 || share > 1) throw wrong('is not above 0% and at most 100%');
    return countOf(share, rows);
  }
  if (/^\d+$/.test(text)) {
    const count = Number(text);
    if (count < 1) throw wrong('keeps nothing');
    if (count > rows) throw wrong(`is more than the ${rows} rows there are`);
    return count;
  }
  if (/^1\.0*$/.test(text)) throw wrong('could mean all rows or one row (write 100% or 1)');
  const share = /^(?:\d*\.\d+|\d+\.|\d*\.?\d+e[-+]?\d+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!(share > 0 && share < 1)) throw wrong('is neither a share between 0 and 1 nor a whole number');
  return countOf(share, rows);
}

function countOf(share: number, rows: number): number {
  return Math.min(rows, Math.max(1, Math.round(share * rows)));
}
