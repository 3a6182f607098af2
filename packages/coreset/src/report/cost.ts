import { addCosts, type Cost, costOf } from '@coreset/core';
import { coverageCurvesCost } from '@coreset/metrics';

/** What the time of a report depends on. */
export interface ReportWorkload {
  rows: number;
  /** Columns of the vectors. */
  cols: number;
  /** Rows kept. */
  kept: number;
}

/** Loading what draws the plots. */
const START = 0.25;
const PER_DROPPED_ROW = 2e-6;
const PAGE_BYTES = 40e3;
/** The picks, and as many rows at random. */
const ORDERS = 2;

/** selection → `report.html`, with a look at each dropped row and the coverage of the picks beside that of random ones. */
export function reportCost({ rows, cols, kept }: ReportWorkload): Cost {
  const page = costOf({ serial: START + (rows - kept) * PER_DROPPED_ROW, disk: PAGE_BYTES });
  return addCosts(page, coverageCurvesCost({ rows, cols, picks: kept, orders: ORDERS }));
}
