import { extname, join, relative } from 'node:path';
import type { BudgetCommand } from '@coreset/report';
import type { Results } from '../results/results.js';
import { isVectorsAlone } from './corpus-rows.js';

/** Takes the number of each row out of `selected.jsonl`. */
const NUMBERS = `sed -E 's/^\\{"row":([0-9]+).*/\\1/'`;

/**
 * Command lines that make files of the first picks: what the run says of them, and the rows of the input themselves. The second
 * is there where the input can be read again, and each of its rows has a vector: it is a run with these vectors, in which the
 * first picks are included and nothing else has room.
 */
export function budgetCommands({ folder, manifest, input, inputRowOf, options }: Results): BudgetCommand[] {
  const selected = quoted(join(folder, 'selected.jsonl'));
  const told = {
    what: 'What the run says of them, a line each in the order of picks: row, id, rank, gain, weight',
    command: `head -n {n} ${selected} > first-{n}.jsonl`,
  };
  const canBeRead = !manifest.given.some((one) => one === '-' || one.startsWith('/dev/'));
  if (!canBeRead || inputRowOf.length < input.rows) return [told];
  const given = manifest.given.map((one) => quoted(asTyped(one)));
  const vectors = input.vectors?.path ?? join(folder, 'embeddings.npy');
  const prune = [
    `coreset prune ${given.join(' ')}`,
    ...(isVectorsAlone(input) ? [] : [`--embeddings ${quoted(asTyped(vectors))}`, '--id none']),
    ...(options.delimiter === undefined ? [] : [`--delimiter ${quoted(options.delimiter)}`]),
    ...(options.encoding === undefined ? [] : [`--encoding ${quoted(options.encoding)}`]),
    ...(options.member === undefined ? [] : [`--member ${quoted(options.member)}`]),
    '--include first-{n}.txt --keep {n} --method random --run-dir first-{n}.coreset',
    ...outOf(manifest.given),
  ].join(' ');
  return [
    told,
    { what: 'These rows of the input', command: `head -n {n} ${selected} | ${NUMBERS} > first-{n}.txt && ${prune}` },
  ];
}

/** A file like the input; of several files, and of a folder, what the run directory gets. */
function outOf(given: string[]): string[] {
  const [, name = ''] = /([^/]*)$/.exec(given[0]) ?? [];
  const extension =
    given.length === 1 && !/[*?[{]/.test(name) ? /(\.[a-z0-9]+)(\.gz|\.zst|\.br)?$/i.exec(name)?.[1] : undefined;
  return extension === undefined || extname(name) === '' ? [] : [`--out kept-{n}${extension}`];
}

/** From where the command runs, if it is in there. */
function asTyped(path: string): string {
  if (/^[a-z]+:\/\//.test(path)) return path;
  const near = relative('.', path);
  return near === '' || near.startsWith('..') ? path : near;
}

/** As one word for a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
