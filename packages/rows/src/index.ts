export { bareExtension, detectKind, type FileKind, type Format } from './format.js';
export { type KeepRow, openRows, type Row, type RowFile, writeKeptRows } from './row-file.js';
