export { bareExtension, type Compression, detectKind, type FileKind, type Format } from './format.js';
export { type InputFile, listInputs } from './inputs.js';
export type { Part } from './joined-files.js';
export type { KeepRow, OpenOptions, Row, RowContents } from './row.js';
export { openRows, type RowFile, readRows, writeKeptFiles, writeKeptRows } from './row-file.js';
