import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openVectors } from '@coreset/core';
import {
  type OpenOptions,
  openRows,
  openVectorsFile,
  type RowFile,
  requireWritableAs,
  writeKeptFiles,
  writeKeptRows,
} from '@coreset/rows';
import { python } from '../python.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** A file that a tool wrote, several, or a folder. */
export interface ToolFile {
  format: string;
  tool: string;
  /** How it was written, and in which group of the table that is. */
  how: string;
  fold: string;
  path: string;
  /** What Python has in the field `text`, or the vectors. */
  texts: unknown[];
  /** The options that a user would give. */
  open?: OpenOptions;
  /** The last row is broken. */
  skip?: boolean;
  /** The name of the kept file, where the input is several files. */
  one?: string;
  /** The kept rows are also written to a file each. */
  each?: boolean;
}

/** What became of a file; `yes`, or what went wrong. */
export interface Finding {
  file: ToolFile;
  reads: string;
  keeps: string;
  equals: string;
}

interface Job {
  case: ToolFile;
  inputs: string[];
  outputs: string[];
  kept: number[];
  folders?: [string, string];
}

function runHere(program: string, folder: string): unknown {
  return JSON.parse(python(readFileSync(join(HERE, program), 'utf8'), [HERE, folder]));
}

/** Read every file that the tools write into `folder`, keep a third of its rows, and have the tool compare both. */
export async function findings(folder: string): Promise<Finding[]> {
  const files = runHere('make_files.py', folder) as ToolFile[];
  const found: Finding[] = [];
  const jobs: { job: Job; finding: Finding }[] = [];
  for (const [i, file] of files.entries()) {
    const finding: Finding = { file, reads: 'yes', keeps: 'yes', equals: 'yes' };
    found.push(finding);
    try {
      finding.reads = await readsSame(folder, file);
    } catch (error) {
      finding.reads = (error as Error).message;
    }
    try {
      for (const job of await keptFiles(folder, file, `kept/${i}`)) jobs.push({ job, finding });
    } catch (error) {
      finding.keeps = (error as Error).message;
      finding.equals = 'no';
    }
  }
  writeFileSync(join(folder, 'jobs.json'), JSON.stringify(jobs.map(({ job }) => job)));
  const differences = runHere('compare_kept.py', folder) as (string | null)[];
  for (const [i, difference] of differences.entries()) if (difference !== null) jobs[i].finding.equals = difference;
  return found;
}

function opened(folder: string, { path, open, skip }: ToolFile): RowFile {
  return openRows(join(folder, path), { ...open, ...(skip ? { onBrokenRow: () => undefined } : {}) });
}

async function readsSame(folder: string, file: ToolFile): Promise<string> {
  const values: unknown[] = [];
  if (/\.(npy|npz|safetensors)$/.test(file.path)) {
    const reader = openVectors(await openVectorsFile(join(folder, file.path)));
    const { rows, cols } = reader;
    const data = reader.read(0, rows);
    reader.close();
    for (let row = 0; row < rows; row++) values.push(Array.from(data.subarray(row * cols, (row + 1) * cols)));
  } else for await (const row of opened(folder, file).read(['text'])) values.push(row.text ?? null);
  const at = file.texts.findIndex((text, row) => JSON.stringify(text) !== JSON.stringify(values[row]));
  if (at >= 0) return `row ${at} is ${JSON.stringify(values[at])}, not ${JSON.stringify(file.texts[at])}`;
  return values.length === file.texts.length ? 'yes' : `${values.length} rows, not ${file.texts.length}`;
}

function isKept(row: number): boolean {
  return row % 3 === 0;
}

async function keptFiles(folder: string, file: ToolFile, out: string): Promise<Job[]> {
  const rows = opened(folder, file);
  const inputs = rows.parts.map(({ path }) => path);
  const kept = file.texts.map((_, row) => row).filter((row) => isKept(row) && !(file.skip && file.texts[row] === null));
  const keep = (row: number): boolean => kept.includes(row);
  const jobs: Job[] = [];
  mkdirSync(join(folder, out), { recursive: true });
  if (file.one !== undefined || !file.each) {
    const path = join(folder, out, file.one ?? rows.parts[0].name);
    await requireWritableAs(rows, path);
    await writeKeptRows(rows, keep, path);
    jobs.push({ case: file, inputs, outputs: [path], kept });
  }
  if (file.each) {
    const outputs = await writeKeptFiles(rows, keep, join(folder, out, 'each'));
    jobs.push({ case: file, inputs, outputs, kept });
    if (rows.parts.some(({ partitions }) => Object.keys(partitions).length > 0))
      jobs[jobs.length - 1].folders = [join(folder, file.path), join(folder, out, 'each')];
  }
  return jobs;
}
