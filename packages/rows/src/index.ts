export { isAddress } from './bytes/remote.js';
export { TURNS, type Turns } from './fields/chat.js';
export { type FieldPath, parseFieldPath, type Step, valuesAt } from './fields/field-path.js';
export { requireField } from './fields/require-field.js';
export { type RowText, TEXT_OPTIONS, type TextOptions, textOfRows } from './fields/text-of-rows.js';
export { describeValue, type TextFinding } from './fields/value-text.js';
export { bareExtension, detectKind, EXTENSIONS, extensionOf, formatByName } from './format.js';
export { listInputs } from './inputs.js';
export type { Compression, FileKind, Format } from './kinds.js';
export { requireWritableParquet, writeKeptParquet } from './parquet/parquet-file.js';
export type { ParquetPart } from './parquet/write-kept.js';
export type { Part } from './row.js';
export {
  type InputFile,
  type KeepRow,
  OPEN_OPTIONS,
  type OpenOptions,
  type Row,
  type RowContents,
  type RowFile,
} from './row.js';
export { openRows, openRowsInTurns, readRows } from './row-file.js';
export { parseJson } from './text/json-value.js';
export { vectorOf, type WrittenVectors, writeVectorColumn } from './vectors/vector-column.js';
export { openVectorsFile, VECTORS_OPTIONS, type VectorsOptions } from './vectors/vectors-file.js';
export { jsonText } from './write/json-text.js';
export type { RowSource } from './write/kept-rows.js';
export { WRITE_OPTIONS, type WriteOptions, writeKeptAs } from './write/write-kept-as.js';
export {
  needsTrial,
  outputKind,
  requireWritableAs,
  tryWriting,
  writeKeptFiles,
  writeKeptRows,
  writeKeptTo,
} from './write-kept.js';
