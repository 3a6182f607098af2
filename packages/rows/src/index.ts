export { bareExtension, detectKind, type FileKind, type Format } from './format.js';
export { type KeepRow, openRows, type Row, type RowFile, readRows, writeKeptRows } from './row-file.js';
