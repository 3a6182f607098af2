import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type KeepRow, type OpenOptions, openRows, type Row, writeKeptRows } from '@coreset/rows';
import { temporaryFolder } from '../../../test/support.ts';

export const folder = temporaryFolder();

/** Small inputs that other tools were reported to fail on. */
export const CASES = fileURLToPath(new URL('cases/', import.meta.url));

/** A file in the test's folder. */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export async function read(path: string, fields?: string[], options: OpenOptions = {}): Promise<Row[]> {
  const rows: Row[] = [];
  const opened = openRows(path, options);
  for await (const row of opened.read(fields ?? (await opened.fields()))) rows.push(row);
  return rows;
}

/** One column. */
export async function column(path: string, field: string, options: OpenOptions = {}): Promise<unknown[]> {
  return (await read(path, [field], options)).map((row) => row[field]);
}

/** What is written when these rows are kept. */
export async function kept(path: string, keep: KeepRow, out: string, options: OpenOptions = {}): Promise<Buffer> {
  await writeKeptRows(openRows(path, options), keep, join(folder, out));
  return readFileSync(join(folder, out));
}
