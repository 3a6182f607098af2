import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRows, type Row, readRows } from '@coreset/rows';
import { expect } from 'vitest';
import { python } from '../../../test/python.ts';

const HERE = import.meta.dirname;

/** Run a Python program of this folder that works in `folder`; what it prints, as JSON. */
export function runHere(program: string, folder: string): unknown {
  return JSON.parse(python(readFileSync(join(HERE, program), 'utf8'), [HERE, folder]));
}

/** A value of a row as the Python side writes it down. */
export function noted(value: unknown): unknown {
  if (typeof value === 'bigint') return `integer ${value}`;
  if (value instanceof Uint8Array) return `hex ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(noted);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, noted(field)]));
  return value;
}

/** The values that Python noted of a file, by column. */
export function notedColumns(path: string): Record<string, unknown[]> {
  const text = readFileSync(path, 'utf8').replaceAll(/(?<=[[ ])(NaN|-?Infinity)(?=[,\]])/g, '"$1"');
  const columns = JSON.parse(text, (_, value) =>
    typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value) ? Number(value) : value,
  );
  return columns as Record<string, unknown[]>;
}

/** The columns of a file as rows give them. */
export async function readColumns(path: string, names: string[]): Promise<Record<string, unknown[]>> {
  const rows: Row[] = [];
  for await (const batch of openRows(path).batches(names)) rows.push(...batch);
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => noted(row[name]))]));
}

/** Keeps about `share` of the rows, always the same ones. */
export function some(share: number): (row: number) => boolean {
  return (row) => (Math.imul(row + 1, 2_654_435_761) >>> 8) % 1000 < share * 1000;
}

/**
 * The columns whose values differ from those that Python noted.
 * @param files names of files of the folder, and of those with their values; null: not looked at
 */
export async function differences(folder: string, files: Record<string, string | null>): Promise<string[]> {
  const found: string[] = [];
  for (const [name, notes] of Object.entries(files)) {
    if (notes === null) continue;
    const columns = notedColumns(join(folder, notes));
    const read = await readColumns(join(folder, name), Object.keys(columns));
    for (const [column, values] of Object.entries(columns)) {
      try {
        expect(read[column]).toEqual(values);
      } catch (error) {
        found.push(`${name}, ${column}: ${(error as Error).message.slice(0, 600)}`);
      }
    }
  }
  return found;
}

/** Kept files to be compared by a Python program. */
export class KeptFiles {
  private readonly jobs: { inputs: string[]; output: string; kept: number[] }[] = [];

  /** @param outputs where kept files go; default: `folder` */
  constructor(
    private readonly folder: string,
    private readonly outputs: string = folder,
  ) {}

  /** Write the kept rows of a file of the folder. */
  async keep(name: string, label: string, keep: (row: number) => boolean): Promise<void> {
    const output = `kept-${label}-${name}`;
    const path = join(this.folder, name);
    const parts: Uint8Array[] = [];
    await openRows(path).writeKept(keep, { write: (bytes) => void parts.push(Buffer.from(bytes)) });
    writeFileSync(join(this.outputs, output), Buffer.concat(parts));
    this.add([name], output, keep, (await readRows(path, [])).length);
  }

  /** Note that `output` holds the kept rows of `inputs`. */
  add(inputs: string[], output: string, keep: (row: number) => boolean, rows: number): void {
    const kept = Array.from({ length: rows }, (_, row) => row).filter(keep);
    this.jobs.push({ inputs: inputs.map((name) => join(this.folder, name)), output, kept });
  }

  /** What differs from `table.take(kept)`, by kept file; nothing where nothing does. */
  compare(program: string): Record<string, string[]> {
    writeFileSync(join(this.outputs, 'jobs.json'), JSON.stringify(this.jobs));
    const found = runHere(program, this.outputs) as Record<string, string[]>;
    return Object.fromEntries(Object.entries(found).filter(([, problems]) => problems.length > 0));
  }
}
