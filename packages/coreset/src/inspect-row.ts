import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isImageFile } from '@coreset/embedder';

/** What was found where a row should have something to embed. */
export interface Finding {
  /** What there is instead; undefined where all is well. */
  problem?: string;
  /** Characters of a text, 0 of an image. */
  characters: number;
  /** Path, size and time of change of an image, empty of a text. */
  fingerprint: string;
}

/** What a value is, where it is not what was expected. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'empty' : `a ${typeof value}`;
}

const problem = (text: string): Finding => ({ problem: text, characters: 0, fingerprint: '' });

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

export function inspectText(value: unknown): Finding {
  return isFilled(value) ? { characters: value.length, fingerprint: '' } : problem(describe(value));
}

/** @param folder that the path is relative to */
export async function inspectImage(value: unknown, folder: string): Promise<Finding> {
  if (!isFilled(value)) return problem(describe(value));
  const path = resolve(folder, value);
  const file = statOf(path);
  if (!file?.isFile()) return problem(`the file ${path}, which is not there`);
  if (!(await isImageFile(path))) return problem(`the file ${path}, which is no image`);
  return { characters: 0, fingerprint: `${value}\0${file.size}\0${file.mtimeMs}\n` };
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // a path that no file can have, such as a text that was taken for one
  }
}

/** So many rows are inspected at a time. */
const AHEAD = 32;

/** Take rows in order, each with what was found in it. */
export async function inspectAhead<Row>(
  rows: AsyncIterable<Row>,
  inspect: (row: Row) => Promise<Finding>,
  take: (row: Row, finding: Finding) => void,
): Promise<void> {
  const ahead: { row: Row; finding: Promise<Finding> }[] = [];
  const takeFirst = async (): Promise<void> => {
    const { row, finding } = ahead.shift() as (typeof ahead)[number];
    take(row, await finding);
  };
  for await (const row of rows) {
    if (ahead.length === AHEAD) await takeFirst();
    ahead.push({ row, finding: inspect(row) });
  }
  while (ahead.length > 0) await takeFirst();
}
