import type { CoverageBesideRandom, ReasonCount, ShownDropped, ShownRow } from '@coreset/report';
import type { DropReason } from '../stages/result-files.js';

/** A dropped row, as a result tells it. */
export interface ToldDropped {
  /** Its number in the input. */
  row: number;
  reason: DropReason;
  /** The kept row that stands for it. */
  by?: number;
  /** The cosine of both, or to the row `against`. */
  similarity?: number;
  /** Of a duplicate the row that it repeats: the kept one, else the first. */
  duplicateOf?: number;
  /** The row of another file that it is too near to. */
  against?: number;
}

/** Rows on a plane. */
export interface PlacedRows {
  /** Their numbers in the input. */
  rows: Int32Array;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** How they were laid out. */
  method: string;
}

/** What views show of a result, whether it lies in memory or in a run directory. */
export interface ViewSource {
  rows: number;
  kept: number;
  method: string;
  /** Those that there are, in the order shown. */
  reasons: (ReasonCount & { reason: DropReason; meaning: string })[];
  /** What people should know of the rows, a line each. */
  notes: string[];
  /** Numbers of the dropped rows in the input, ascending. */
  dropped(reason?: DropReason): Int32Array;
  told(row: number): ToldDropped;
  isKept(row: number): boolean;
  /** Per row of the input; NaN where it has none. */
  difficulty: Float64Array;
  /** Undefined where the vectors are not there any more. */
  coverage(): Promise<CoverageBesideRandom | undefined>;
  /** All rows with a vector, or a sample; undefined where the run made none. */
  map(): Promise<PlacedRows | undefined>;
  /** Why vectors may not be there, in a line. */
  withoutVectors: string;
  show(rows: number[]): Promise<Map<number, ShownRow>>;
  /** Rows of the file that rows were compared with, as far as they are there. */
  showAgainst(rows: number[]): Promise<Map<number, NonNullable<ShownDropped['against']>>>;
  /** The path of the report page; undefined where there is none. */
  report?: string;
}
