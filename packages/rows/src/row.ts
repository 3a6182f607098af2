import type { Sink } from '@coreset/core';
import type { FileKind } from './kinds.js';

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

/** One of the files that a corpus is made of. */
export interface InputFile {
  path: string;
  /** Its name among the results: relative to the folder that was given, or its own. */
  name: string;
  /** Columns in the names of folders, such as `lang=en`; null stands for Hive's default partition. */
  partitions: Record<string, string | null>;
  /** What is in it and the folders in it, of a folder. */
  files?: readonly string[];
}

/** One file of several, and its place among their rows. */
export interface Part extends InputFile {
  file: RowFile;
}

/** Rows of several files as those of one; row numbers run over all. */
export interface JoinedRows extends RowContents {
  parts: Part[];
  /** The row that each part begins with, and as the last number that of all rows. */
  starts(): Promise<number[]>;
  /** The file of a row and its number there, as far as files were read to their end. */
  place(row: number): string;
}

/** Rows of a file, or of several as one, read as a stream as often as needed; only a few rows are in memory at a time. */
export interface RowFile extends FileKind, JoinedRows {
  /** The file, or what was given for several. */
  path: string;
  /** The rows of {@link batches}, one at a time. */
  read(fields: string[]): AsyncGenerator<Row, void, undefined>;
}
