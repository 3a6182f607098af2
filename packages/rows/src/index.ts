export { bareExtension, type Compression, detectKind, type FileKind, type Format } from './format.js';
export { requireWritableParquet, writeKeptParquet } from './parquet/parquet-file.js';
export type { ParquetPart } from './parquet/write-kept.js';
export type { KeepRow, OpenOptions, Row, RowContents } from './row.js';
export { openRemoteParquet, openRows, type RowFile, readRows, writeKeptRows } from './row-file.js';
