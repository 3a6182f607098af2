import { CoresetError, pickOptions, RUN_OPTIONS, type RunOptions, type Vectors } from '@coreset/core';
import type { CacheOptions } from '@coreset/embedder';
import { OPEN_OPTIONS, openRowsInTurns, parseFieldPath, type RowFile } from '@coreset/rows';
import type { EmbedSettings } from '../stages/embed-corpus.js';
import type { CorpusOptions } from './corpus-options.js';
import { descriptorOf, givenInputs } from './given.js';
import { NO_ID } from './ids.js';
import { contentOf, openInput, type RunInput } from './open-input.js';
import { isVectorFile } from './vectors.js';

/** Inputs beside the corpus, which a selection looks at and nothing is output of. */
export const OTHER_INPUTS = ['against', 'toward', 'away'] as const;

/** The name of one, which is also its option. */
export type OtherName = (typeof OTHER_INPUTS)[number];

/** Options that name inputs beside the corpus. */
export interface OtherOptions {
  /**
   * Rows that are not to be repeated, such as a test set: a file of any kind that `prune` reads, of the same fields. Rows
   * of the corpus with a similarity to one of them from `againstSimilarity` on are dropped before the selection.
   */
  against?: string;
  /** The cosine from which a row counts as one of `against`, above 0 and at most 1. Default: 0.9. */
  againstSimilarity?: number;
  /** Rows that the method `toward` selects for, a file like that of `against`. */
  toward?: string;
  /** Rows that it keeps away from, a file like that of `against`. */
  away?: string;
}

/** Every option of {@link OtherOptions}. */
export const OTHER_OPTIONS: Readonly<Record<keyof OtherOptions, true>> = {
  against: true,
  againstSimilarity: true,
  toward: true,
  away: true,
};

/** {@link OtherOptions.againstSimilarity} where none is given. */
export const AGAINST_SIMILARITY = 0.9;

/** Those that were opened. */
export type OtherInputs = Partial<Record<OtherName, RunInput>>;

/** What was asked for, as paths of this machine. */
export type OtherPaths = Partial<Record<OtherName, string[]>>;

/** @throws CoresetError when options contradict each other, or a number is out of its range */
export function checkOthers(options: OtherOptions): void {
  const { against, againstSimilarity, toward, away } = options;
  if (againstSimilarity !== undefined) {
    if (against === undefined)
      throw new CoresetError('--against-similarity means nothing without --against, the file that it is measured to');
    requireSimilarity('against-similarity', againstSimilarity);
  }
  if (away !== undefined && toward === undefined)
    throw new CoresetError('--away means nothing without --toward, the rows that are selected for');
}

/** @throws CoresetError unless it is above 0 and at most 1 */
export function requireSimilarity(name: string, value: number): void {
  if (typeof value !== 'number' || !(value > 0 && value <= 1))
    throw new CoresetError(`${name} must be above 0 and at most 1, got ${value}`);
}

/**
 * Make what is asked for files of this machine.
 * @param given inputs of the corpus
 * @param copy copies what is piped in or lies at an address
 */
export async function otherPaths(
  given: string[],
  options: OtherOptions,
  copy: (given: string[], name: OtherName) => Promise<string[]>,
): Promise<OtherPaths> {
  const paths: OtherPaths = {};
  const all = [...given];
  for (const name of OTHER_INPUTS) {
    const asked = options[name];
    if (asked === undefined) continue;
    all.push(...givenInputs(asked));
    if (all.filter((one) => descriptorOf(one) === 0).length > 1)
      throw new CoresetError('standard input is given twice; it can be read once');
    paths[name] = await copy(givenInputs(asked), name);
  }
  return paths;
}

/**
 * Open the inputs beside a corpus, each as the corpus was opened.
 * @throws CoresetError when one cannot be read, or holds something else than the corpus
 */
export async function openOthers(
  input: RunInput,
  paths: OtherPaths,
  options: CorpusOptions & EmbedSettings & RunOptions,
): Promise<OtherInputs> {
  const others: OtherInputs = {};
  for (const name of OTHER_INPUTS) {
    const asked = paths[name];
    if (asked !== undefined) others[name] = await openOther(name, asked, input, options);
  }
  return others;
}

async function openOther(
  name: OtherName,
  paths: string[],
  input: RunInput,
  options: CorpusOptions & EmbedSettings & RunOptions,
): Promise<RunInput> {
  const told = underStage(options, name);
  const file = await openRowsInTurns(paths, { ...pickOptions(told, OPEN_OPTIONS), onNotice: undefined }, told.signal);
  const holdsVectors = isVectorFile(file);
  // Vectors that lie in a file beside the corpus are those of the corpus alone.
  if (holdsVectors !== (input.kind === 'vectors') && !(holdsVectors && contentOf(input) === 'vector'))
    throw otherContent(name, file, holdsVectors ? 'vector' : 'row', input);
  const other = await openInput(paths, holdsVectors ? ofVectors(file, told) : await ofRows(file, told));
  if (contentOf(other) !== contentOf(input)) throw otherContent(name, file, contentOf(other), input);
  if (other.kind === 'vectors' && input.kind === 'vectors') requireSameCols(name, other, input);
  return other;
}

function otherContent(name: OtherName, file: RowFile, holds: string, input: RunInput): CoresetError {
  const wanted = contentOf(input);
  return new CoresetError(
    `--${name} ${file.path} holds ${holds}s, but ${input.file.path} is compared by ${wanted}s; name a file of ${wanted}s`,
  );
}

/** @throws CoresetError when vectors that are compared are of different lengths */
export function requireSameCols(
  name: OtherName,
  other: { file: RowFile; vectors: Vectors },
  input: { file: RowFile; vectors: Vectors },
): void {
  const [has, wanted] = [other.vectors.cols, input.vectors.cols];
  if (has !== wanted)
    throw new CoresetError(
      `--${name} ${other.file.path} has vectors of ${has} numbers, ${input.file.path} of ${wanted}; name vectors of the same model`,
    );
}

type OpenedBy = CorpusOptions & EmbedSettings & CacheOptions & RunOptions;

function ofVectors({ format }: RowFile, options: OpenedBy): OpenedBy {
  return { ...pickOptions(options, RUN_OPTIONS), member: format === 'npy' ? undefined : options.member };
}

/** As the corpus was opened; the field of its ids may be missing. */
async function ofRows(file: RowFile, options: OpenedBy): Promise<OpenedBy> {
  const { id } = options;
  if (id === undefined || id === NO_ID) return options;
  const fields = await file.fields();
  return { ...options, id: fields.includes(parseFieldPath(id, fields).root) ? id : NO_ID };
}

/** Options of a run by which what is told of one of its inputs is told under its name. */
export function underStage<Options extends RunOptions>(options: Options, stage: string): Options {
  const { onProgress, onNotice, onDiagnostics } = options;
  return {
    ...options,
    onProgress: onProgress && ((progress) => onProgress({ ...progress, stage })),
    onNotice: onNotice && ((message) => onNotice(`--${stage}: ${message}`)),
    onDiagnostics: onDiagnostics && ((_, facts) => onDiagnostics(stage, facts)),
  };
}
