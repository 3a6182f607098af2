import { addCosts, type Cost, costOf } from '@coreset/core';
import { coverageCurvesCost } from '@coreset/metrics';
import { TEXT_LENGTH, TEXT_TOTAL } from './corpus-rows.js';
import { SHOWN } from './report-data.js';
import { NEIGHBOURS } from './shown-rows.js';

/** What the time of a report depends on. */
export interface ReportWorkload {
  rows: number;
  /** Columns of the vectors. */
  cols: number;
  /** Rows kept. */
  kept: number;
  /** Of the input, 0 where it is vectors alone. */
  bytes: number;
}

/** Opening what the run left. */
const START = 0.25;
/** Reading what the run says of a row, and the row itself. */
const PER_ROW = 1e-5;
const PER_BYTE = 8e-9;
/** Of the cosine to a neighbour. */
const PER_NEIGHBOUR = { serial: 1.5e-6, perColumn: 1.5e-9 };
/** Packing and compressing what is known of a row. */
const PER_SHOWN_ROW = 2.5e-5;
/** Of the page without rows, of a row, and of a byte of its text. */
const BYTES = { page: 300e3, row: 120, textByte: 0.6 };
const MEMORY = { row: 60, shownRow: 2000 };
/** The picks, and as many rows at random. */
const ORDERS = 2;

/** selection → `report.html`: the input read once more, neighbours of the shown rows, coverage of the picks beside that of random ones. */
export function reportCost({ rows, cols, kept, bytes }: ReportWorkload): Cost {
  const shown = Math.min(rows, SHOWN);
  const text = Math.min(bytes / rows, TEXT_LENGTH, TEXT_TOTAL / shown);
  const neighbours = shown * NEIGHBOURS * (PER_NEIGHBOUR.serial + cols * PER_NEIGHBOUR.perColumn);
  const page = costOf({
    serial: START + rows * PER_ROW + bytes * PER_BYTE + neighbours + shown * PER_SHOWN_ROW,
    memory: rows * MEMORY.row + shown * MEMORY.shownRow,
    disk: BYTES.page + shown * (BYTES.row + text * BYTES.textByte),
  });
  return addCosts(page, coverageCurvesCost({ rows, cols, picks: kept, orders: ORDERS }));
}
