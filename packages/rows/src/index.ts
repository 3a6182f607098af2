export {
  bareExtension,
  type Compression,
  compressionByName,
  detectKind,
  type FileKind,
  type Format,
  isTextFormat,
} from './format.js';
export type { KeepRow, OpenOptions, Row, RowContents } from './row.js';
export { openRows, type RowFile, readRows, writeKeptRows } from './row-file.js';
