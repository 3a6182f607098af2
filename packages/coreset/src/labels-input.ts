import { existsSync, readFileSync } from 'node:fs';
import { CoresetError, fileError, readNpyVector } from '@coreset/core';
import type { RowFile } from '@coreset/rows';

/**
 * Labels from a file (`.npy`, or text with a label per line) or else from a field of the input, numbered from
 * 0 in the order of their names.
 * @throws CoresetError when the name is neither, or there is not one label per row
 */
export async function readLabels(name: string, file: RowFile, rows: number): Promise<Int32Array> {
  return existsSync(name) ? labelsFromFile(name, rows) : numbered(await fieldValues(name, file), name, rows);
}

/** Labels from a file. @throws CoresetError when there is not one label per row */
export function labelsFromFile(path: string, rows: number): Int32Array {
  if (path.toLowerCase().endsWith('.npy')) return numbered(Array.from(readNpyVector(path), String), path, rows);
  try {
    return numbered(
      readFileSync(path, 'utf8')
        .replace(/\r?\n$/, '')
        .split(/\r?\n/),
      path,
      rows,
    );
  } catch (error) {
    throw fileError('read', path, error);
  }
}

function numbered(values: string[], name: string, rows: number): Int32Array {
  if (values.length !== rows)
    throw new CoresetError(`labels ${name}: ${values.length} labels for ${rows} rows; one per row is needed`);
  const numbers = new Map(
    Array.from(new Set(values))
      .sort()
      .map((value, number) => [value, number]),
  );
  return Int32Array.from(values, (value) => numbers.get(value) ?? 0);
}

async function fieldValues(name: string, file: RowFile): Promise<string[]> {
  const fields = await file.fields();
  if (!fields.includes(name)) {
    const listed = fields.length > 0 ? `; the fields are ${fields.slice(0, 20).join(', ')}` : '';
    throw new CoresetError(`labels '${name}' is neither a file nor a field of ${file.path}${listed}`);
  }
  const values: string[] = [];
  for await (const row of file.read([name])) {
    const value = row[name];
    if (value === undefined || value === null || typeof value === 'object') {
      throw new CoresetError(`${file.path}: row ${values.length} has no label in field '${name}'`);
    }
    values.push(String(value));
  }
  return values;
}
