import { extname, join } from 'node:path';
import { CoresetError, npyHeader, type Sink, writeAtomic } from '@coreset/core';
import {
  extensionOf,
  jsonText,
  needsTrial,
  type RowFile,
  tryWriting,
  type WriteOptions,
  writeKeptFiles,
  writeKeptRows,
  writeKeptTo,
} from '@coreset/rows';
import type { EmbeddedInput } from '../stages/embedded-input.js';
import { numberedIds } from '../stages/result-files.js';
import type { Destination } from './destination.js';

const STDOUT: Sink = {
  write(bytes) {
    process.stdout.write(bytes);
  },
};

/** Whether some rows may turn out to be such that they cannot be written. */
export async function isTried(destination: Destination, file: RowFile): Promise<boolean> {
  if (destination.emit !== 'rows') return false;
  const needed = await Promise.all(written(destination, file).map(([rows, out]) => needsTrial(rows, out)));
  return needed.includes(true);
}

/**
 * Find out before any long work whether the result can be written, whichever rows are kept.
 * @throws CoresetError naming the row that cannot be
 */
export async function tryResult(destination: Destination, file: RowFile, options: WriteOptions): Promise<void> {
  for (const [rows, out] of written(destination, file)) await tryWriting(rows, out, options);
}

/** Files of rows, and where what is kept of each goes. */
function written({ kind, path }: Destination, file: RowFile): [RowFile, string][] {
  if (kind === 'folder') return file.parts.map((part) => [part.file, join(path, part.name)]);
  return [[file, kind === 'stdout' ? extensionOf(file) : path]];
}

/**
 * Write the kept rows, their ids or the mask.
 * @param kept 1 for each row of the input that is kept
 * @param options what of the rows becomes a line of a text file; what is looked at before the result takes its place
 */
export async function writeResult(
  destination: Destination,
  input: EmbeddedInput,
  kept: Uint8Array,
  options: WriteOptions,
): Promise<void> {
  const { emit, kind, path } = destination;
  if (emit === 'rows') {
    const { file } = input;
    const keep = (row: number): boolean => kept[row] === 1;
    if (kind === 'stdout') await writeKeptTo(file, keep, STDOUT, options);
    else if (kind === 'folder') await writeKeptFiles(file, keep, path, options);
    else await writeKeptRows(file, keep, path, options);
    return;
  }
  const extension = kind === 'stdout' ? '.txt' : extname(path).toLowerCase();
  const produce = async (sink: Sink): Promise<void> => {
    if (emit === 'ids') await writeIds(sink, extension, input, kept);
    else writeMask(sink, extension, kept);
    options.check?.();
  };
  if (kind === 'stdout') await produce(STDOUT);
  else await writeAtomic(path, produce, options.signal);
}

async function writeIds(sink: Sink, extension: string, input: EmbeddedInput, kept: Uint8Array): Promise<void> {
  let separator = '[';
  for await (const [row, id] of numberedIds(input)) {
    if (kept[row] !== 1) continue;
    if (extension === '.json') {
      sink.write(`${separator}\n${jsonText(id ?? null)}`);
      separator = ',';
    } else if (extension === '.jsonl') sink.write(`${jsonText(id ?? null)}\n`);
    else {
      if (/[\r\n]/.test(String(id)))
        throw new CoresetError(
          `the id of row ${row} has a line break, and ids are written one a line; use --out ids.jsonl`,
        );
      sink.write(`${id}\n`);
    }
  }
  if (extension === '.json') sink.write(separator === '[' ? '[]\n' : '\n]\n');
}

const ROWS_AT_ONCE = 4096;

function writeMask(sink: Sink, extension: string, kept: Uint8Array): void {
  if (extension === '.npy') {
    sink.write(npyHeader('|b1', [kept.length]));
    sink.write(kept);
    return;
  }
  const isList = extension === '.json';
  if (isList) sink.write('[');
  for (let start = 0; start < kept.length; start += ROWS_AT_ONCE) {
    const marks = Array.from(kept.subarray(start, start + ROWS_AT_ONCE), (mark) =>
      isList ? String(mark === 1) : mark,
    );
    const between = isList ? ',' : '\n';
    sink.write(`${isList && start > 0 ? ',' : ''}${marks.join(between)}${isList ? '' : '\n'}`);
  }
  if (isList) sink.write(']\n');
}
