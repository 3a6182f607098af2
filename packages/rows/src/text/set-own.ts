import type { Row } from '../row.js';

/** Set a row's field; `__proto__` is a name as any other. */
export function setOwn(row: Row, field: string, value: unknown): void {
  if (field === '__proto__') Object.defineProperty(row, field, { value, enumerable: true, writable: true });
  else row[field] = value;
}
