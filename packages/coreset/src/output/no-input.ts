import { fstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { CoresetError } from '@coreset/core';

/** What a command reads, which nothing that it writes may replace. */
export interface Inputs {
  /** Files: rows, vectors, scores, labels. */
  files: string[];
  /** Folders of which any file may be read: of a model, or of rows. */
  folders?: string[];
}

/**
 * Refuse an output that is an input, under whatever name, or lies in a folder that is one.
 * @param option what named it, for the message
 * @throws CoresetError naming both
 */
export function requireNoInput(out: string, { files, folders = [] }: Inputs, option = '--out'): void {
  const same = files.find((input) => isSameFile(out, input));
  if (same !== undefined) {
    const what = resolve(out) === resolve(same) ? 'is the input itself' : `is the input ${same} itself`;
    throw new CoresetError(`${option} ${out} ${what}; name another file`);
  }
  const folder = folders.find((input) => isInside(out, input));
  if (folder !== undefined)
    throw new CoresetError(`${option} ${out} lies in the folder ${folder}, which is read; name a place outside of it`);
}

/** @throws CoresetError when what is written to standard output goes into an input */
export function requireOtherStdout({ files }: Inputs): void {
  const out = fstatSync(1, { bigint: true });
  for (const path of files) {
    const input = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (input && out.dev === input.dev && out.ino === input.ino)
      throw new CoresetError(`standard output goes into the input ${path} itself; let it go to another file`);
  }
}

/** Names of what a run leaves in its directory, besides the result. */
const RUN_FILES = [
  'manifest.json',
  'lock',
  'embeddings.npy',
  'embeddings.npy.part',
  'embeddings.npy.journal',
  'readings.npy',
  'contents.npy',
  ...['against', 'toward', 'away'].flatMap((name) => [
    `${name}.npy`,
    `${name}.npy.part`,
    `${name}.npy.journal`,
    `${name}-readings.npy`,
    `${name}-contents.npy`,
  ]),
  'against-nearest.npy',
  'against-similarity.npy',
  'difficulty.npy',
  'neighbours.npy',
  'distances.npy',
  'duplicates.npy',
  'map.npy',
  'selection.npy',
  'selection.json',
  'selected.jsonl',
  'dropped.jsonl',
  'report.html',
  'compare.json',
  'compare.csv',
];

/** @throws CoresetError when a run would write one of its own files over an input, or into a pipe or device */
export function requireOwnDirectory(runDir: string, inputs: Inputs): void {
  for (const name of RUN_FILES) {
    const own = join(runDir, name);
    const there = statSync(own, { throwIfNoEntry: false });
    if (there && !there.isFile() && !there.isDirectory())
      throw new CoresetError(
        `${own} is no regular file, and a run writes its own there; remove it or name another --run-dir`,
      );
    const same = inputs.files.find((input) => isSameFile(own, input));
    if (same !== undefined)
      throw new CoresetError(
        `${same} is read, and a run in ${runDir} writes its own ${name} in its place; name another --run-dir, or copy the file elsewhere`,
      );
  }
  requireNoInput(join(runDir, RUN_FILES[0]), { files: [], folders: inputs.folders }, '--run-dir');
}

/** @throws CoresetError when a cache of vectors, which other runs share, is or lies in a folder that a run reads or writes */
export function requireOwnCache(cache: string | undefined, folders: string[]): void {
  const folder = folders.find((one) => cache !== undefined && (isSameFile(cache, one) || isInside(cache, one)));
  if (folder !== undefined)
    throw new CoresetError(
      `--cache ${cache} ${isSameFile(`${cache}`, folder) ? 'is' : 'lies in'} the folder ${folder} of this run; name a folder of its own, which runs share`,
    );
}

/** @throws CoresetError when the run itself leaves a file of this name there */
export function requireNoRunFile(out: string, runDir: string): void {
  if (RUN_FILES.includes(basename(out)) && isSameFile(dirname(out), runDir))
    throw new CoresetError(`--out ${out}: the run itself leaves a file of this name there; name another`);
}

function isSameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  if (one && other) return one.dev === other.dev && one.ino === other.ino;
  return realPath(a) === realPath(b);
}

/** Folders of results are not read as rows. */
const RESULTS = /\.coreset$/;

function isInside(path: string, folder: string): boolean {
  const way = relative(realPath(folder), realPath(path)).split(sep);
  return way[0] !== '..' && way[0] !== '' && !way.slice(0, -1).some((name) => RESULTS.test(name));
}

/** The full path behind links, also of what is not there yet. */
function realPath(path: string): string {
  const full = resolve(path);
  try {
    return realpathSync(full);
  } catch {
    return dirname(full) === full ? full : join(realPath(dirname(full)), basename(full));
  }
}
