import { basename, isAbsolute } from 'node:path';
import { type BudgetCommand, type CommandPart, shellWord } from '@coreset/report';
import { bareExtension, formatByName } from '@coreset/rows';
import type { DescribedInput } from '../results/described-input.js';
import type { Results } from '../results/results.js';
import { isVectorsAlone } from './corpus-rows.js';

const RUN: CommandPart = { of: 'run' };
const N: CommandPart = { of: 'budget' };

/** Takes the number of each row out of `selected.jsonl`; of so few rows that 0 and 1 could be marks with a zero before. */
function numbersOf(rows: number): string {
  return `sed -E 's/^\\{"row":([0-9]+).*/${rows > 2 ? '' : '0'}\\1/'`;
}

/**
 * Command lines that make files of the first picks: what the run says of them, and the rows of the input themselves. The second
 * is there where the input can be read again, and each of its rows has a vector: it is a run with these vectors, in which the
 * first picks are included and nothing else has room. They name full paths and the run directory, so that they work in any
 * folder.
 */
export function budgetCommands({ manifest, input, inputRowOf, options }: Results): BudgetCommand[] {
  const selected = line`head -n ${N} ${RUN}/selected.jsonl`;
  const told = {
    what: 'What the run says of them, a line each in the order of picks: row, id, rank, gain, weight',
    command: line`${selected} > first-${N}.jsonl`,
  };
  const canBeRead = !manifest.given.some((one) => one === '-' || one.startsWith('/dev/'));
  if (!canBeRead || inputRowOf.length < input.rows) return [told];
  const vectors = input.vectors ? pathOf(input.vectors.path) : line`${RUN}/embeddings.npy`;
  const prune = [
    line`coreset prune ${manifest.given.map(shellWord).join(' ')}`,
    ...(isVectorsAlone(input) ? [] : [line`--embeddings ${vectors} --id none`]),
    ...(options.delimiter === undefined ? [] : [line`--delimiter ${shellWord(options.delimiter)}`]),
    ...(options.encoding === undefined ? [] : [line`--encoding ${shellWord(options.encoding)}`]),
    ...(options.member === undefined ? [] : [line`--member ${shellWord(options.member)}`]),
    line`--include first-${N}.txt --keep ${N} --method random --run-dir first-${N}.coreset`,
    ...outOf(manifest.given, input),
  ];
  return [
    told,
    {
      what: 'These rows of the input',
      command: line`${selected} | ${numbersOf(input.rows)} > first-${N}.txt && ${prune.flatMap((words, i) => (i === 0 ? words : [' ', ...words]))}`,
    },
  ];
}

/** The parts of a command line. */
function line(texts: TemplateStringsArray, ...parts: (CommandPart | CommandPart[])[]): CommandPart[] {
  return texts
    .flatMap((text, i) => [text, ...(i < parts.length ? [parts[i]].flat() : [])])
    .filter((part) => part !== '');
}

/** A file like the input where that is one file; of others what the run directory gets. */
function outOf(given: string[], { files, format }: DescribedInput): CommandPart[][] {
  const isFile = given.length === 1 && files.length === 1 && format !== 'folder';
  if (!isFile || basename(files[0].path) !== basename(given[0])) return [];
  const extension = bareExtension(given[0]);
  return formatByName(given[0]) === undefined ? [] : [line`--out kept-${N}${extension}`];
}

/** Of a file that the run read: copies are told by their place in the run directory. */
function pathOf(path: string): CommandPart[] {
  return isAbsolute(path) ? [shellWord(path)] : line`${RUN}/${shellWord(path)}`;
}
