import type { Sink } from '@coreset/core';

/** A row's values by field name. */
export type Row = Record<string, unknown>;

/** Decides which rows, by number, are kept. */
export type KeepRow = (row: number) => boolean;

/** How a file is read, where its name and first bytes do not tell. */
export interface OpenOptions {
  /** Separates the fields of CSV. Default: the one that the header line shows. */
  delimiter?: string;
  /** Character encoding of text formats, a label of the Encoding Standard. Default: that of the byte-order mark, else `utf-8`. */
  encoding?: string;
  /** Which array of a `.npz` or `.safetensors` file holds the vectors. Default: the only one that can. */
  member?: string;
  /**
   * Called with one line for each row that cannot be read, which is then a row without fields. Without it such a row
   * ends the reading with that line.
   */
  onBrokenRow?: (problem: string) => void;
  /** Called with one line for each choice that the file's content made and its name did not, such as another delimiter. */
  onNotice?: (notice: string) => void;
}

/** Every option of {@link OpenOptions}. */
export const OPEN_OPTIONS: Readonly<Record<keyof OpenOptions, true>> = {
  delimiter: true,
  encoding: true,
  member: true,
  onBrokenRow: true,
  onNotice: true,
};

/** What each format implements. */
export interface RowContents {
  /** The fields of the rows: all columns in order, a repeated name as often as it is there; for JSON those of the first rows. */
  fields(): Promise<string[]>;
  /**
   * The rows in order, some at a time. Where the format allows it only the fields listed are decoded; a field
   * that a row lacks is undefined.
   */
  batches(fields: string[]): AsyncGenerator<Row[], void, undefined>;
  /** The rows with all their fields, of formats whose rows may have others than {@link fields} lists. */
  wholeBatches?(): AsyncGenerator<Row[], void, undefined>;
  /**
   * Write the kept rows in the file's own format, in input order, without compression.
   * @param isContinued what stands before the first row, such as a header, is in the sink already
   */
  writeKept(keep: KeepRow, sink: Sink, isContinued?: boolean): Promise<void>;
  /** What the kept rows of other files must have alike to follow these in one file, such as the encoding. */
  alike?(): Promise<string>;
}
