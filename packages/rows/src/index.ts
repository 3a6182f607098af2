export { TURNS, type Turns } from './fields/chat.js';
export { type FieldPath, parseFieldPath, rootOf, type Step, valuesAt } from './fields/field-path.js';
export { nearestName } from './fields/nearest-name.js';
export { requireField } from './fields/require-field.js';
export { type RowText, type TextOptions, textOfRows } from './fields/text-of-rows.js';
export { describeValue, type TextFinding } from './fields/value-text.js';
export { bareExtension, type Compression, detectKind, type FileKind, type Format } from './format.js';
export type { KeepRow, OpenOptions, Row, RowContents } from './row.js';
export { openRows, type RowFile, readRows, writeKeptRows } from './row-file.js';
