import { CoresetError } from '@coreset/core';

/** What to keep: a share kept (`0.3`, `'0.3'`, `'30%'`) or a count of rows (`3600`, `'3600'`, `'10k'`). */
export type Keep = number | string;

const THOUSANDS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, b: 1e9 };

/**
 * Turn a budget into a number of rows. A number between 0 and 1, or a percentage up to 100 %, is the share
 * that is kept; a whole number from 1 on is a count, where k, M and G stand for thousands, millions and billions. `'1.0'`
 * could mean all rows or one row and is refused.
 *
 * @returns rows to keep, at least 1 for any positive share
 * @throws CoresetError for anything else, or for more rows than there are
 */
export function parseKeep(keep: Keep, rows: number): number {
  const wrong = (why: string): CoresetError =>
    new CoresetError(
      `keep '${String(keep).trim()}' ${why}; give the share to keep (0.3 or 30%) or a whole number of rows to keep (from 1 to ${rows})`,
    );
  const { share, count } = shareOrCount(keep, wrong);
  if (share !== undefined) return Math.min(rows, Math.max(1, Math.round(share * rows)));
  if (count < 1) throw wrong('keeps nothing');
  if (!Number.isInteger(count)) throw wrong('is no whole number');
  if (count > rows) throw wrong(`is more than the ${rows} rows there are`);
  return count;
}

/**
 * Turn a budget into a sum of costs, as {@link parseKeep} into rows.
 * @param total what all rows cost
 * @param unit of the costs, for an error
 * @throws CoresetError for more than that, or what is no budget
 */
export function parseCostBudget(keep: Keep, total: number, unit: string): number {
  const wrong = (why: string): CoresetError =>
    new CoresetError(
      `keep '${String(keep).trim()}' ${why}; give the share to keep (0.3 or 30%) or how much to keep in the unit of --cost ${unit} (up to ${total}, such as 10M)`,
    );
  const { share, count } = shareOrCount(keep, wrong);
  if (share !== undefined) return share * total;
  if (!(count > 0)) throw wrong('keeps nothing');
  if (count > total) throw wrong(`is more than the ${total} that all rows cost`);
  return count;
}

/** A share above 0, or a count. */
function shareOrCount(
  keep: Keep,
  wrong: (why: string) => CoresetError,
): { share: number; count?: never } | { share?: never; count: number } {
  const text = String(keep).trim();
  const percent = /^(\d+(?:\.\d*)?|\.\d+)\s*%$/.exec(text);
  if (percent) {
    const share = Number(percent[1]) / 100;
    if (share <= 0 || share > 1) throw wrong('is not above 0% and at most 100%');
    return { share };
  }
  if (/^\d+$/.test(text)) return { count: Number(text) };
  const thousands = /^(\d+(?:\.\d+)?)\s*([kmgb])$/i.exec(text);
  if (thousands) return { count: Math.round(Number(thousands[1]) * THOUSANDS[thousands[2].toLowerCase()]) };
  if (/^1\.0*$/.test(text)) throw wrong('could mean all rows or one row (write 100% or 1)');
  const share = /^(?:\d*\.\d+|\d+\.|\d*\.?\d+e[-+]?\d+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!(share > 0 && share < 1)) throw wrong('is neither a share between 0 and 1 nor a whole number');
  return { share };
}
