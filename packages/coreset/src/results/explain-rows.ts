import { CoresetError, RUN_OPTIONS, type RunOptions, requireKnownOptions } from '@coreset/core';
import type { Id } from '../input/ids.js';
import { DROP_REASONS, meaningOf } from '../stages/drop-reasons.js';
import type { DropReason } from '../stages/result-files.js';
import type { ShownRow } from './input-rows.js';
import type { Results } from './results.js';
import { KEPT } from './told-rows.js';

/** Another row, and how similar it is. */
export interface RelatedRow extends ShownRow {
  /** The cosine of both; undefined where it is not known. */
  similarity?: number;
  kept: boolean;
}

/** All that is known of one row. */
export interface RowExplanation extends ShownRow {
  kept: boolean;
  /** Of a pick: 1 for the first, what it was worth to the method, for how many rows it stands, and the most similar of these. */
  rank?: number;
  gain?: number;
  weight?: number;
  standsFor?: RelatedRow[];
  /** Of a dropped row. */
  reason?: DropReason;
  meaning?: string;
  /** The kept row that stands for it. */
  by?: RelatedRow;
  /** The row that it repeats. */
  duplicateOf?: RelatedRow;
  /** The row of the file of `--against` that it is too near to. */
  against?: { row: number; similarity: number };
  /** From 0, easiest, to 1, and the percentage of rows that are easier. */
  difficulty?: { value: number; percentile: number };
  neighbours: RelatedRow[];
}

/** Explained rows, and what could not be told of them. */
export interface ExplainedRows {
  rows: RowExplanation[];
  notes: string[];
}

/** Rows for which a pick stands and neighbours that are told, at most. */
const MOST = 5;

/**
 * Explain rows of the input.
 * @throws CoresetError for a number that is no row
 */
export async function explainRows(
  results: Results,
  rows: readonly number[],
  options: RunOptions = {},
): Promise<ExplainedRows> {
  requireKnownOptions('explainRows', options, RUN_OPTIONS);
  for (const row of rows) requireRow(results, row);
  const notes: string[] = [];
  const stoodFor = rowsStoodFor(results, rows);
  const neighbours = await neighboursOf(results, rows, notes, options);
  const named = new Set<number>(rows);
  for (const [i, row] of rows.entries()) {
    for (const other of [results.by[row], results.duplicateOf[row]]) if (other >= 0) named.add(other);
    for (const other of stoodFor.get(row) ?? []) named.add(other);
    for (const { row: other } of neighbours[i]) named.add(other);
  }
  const { shown, problem } = await results.show(named, options);
  if (problem !== undefined) notes.unshift(problem);
  const related = (row: number, similarity?: number): RelatedRow => ({
    ...(shown.get(row) as ShownRow),
    similarity: similarity === undefined || Number.isNaN(similarity) ? undefined : similarity,
    kept: results.reason[row] === KEPT,
  });
  const explained = rows.map(
    (row, i): RowExplanation => ({
      ...(shown.get(row) as ShownRow),
      kept: results.reason[row] === KEPT,
      ...(results.rank[row] > 0 && {
        rank: results.rank[row],
        gain: results.gain[row],
        weight: results.weight[row],
        standsFor: (stoodFor.get(row) ?? []).map((other) => related(other, results.similarity[other])),
      }),
      ...(results.reason[row] !== KEPT && droppedParts(results, row, related)),
      ...difficultyOf(results, row),
      neighbours: neighbours[i].map((one) => related(one.row, one.similarity)),
    }),
  );
  return { rows: explained, notes };
}

function requireRow({ rows, folder }: Results, row: number): void {
  if (!Number.isInteger(row) || row < 0 || row >= rows)
    throw new CoresetError(`${folder} has no row ${row}; its rows go from 0 to ${rows - 1}`);
}

function droppedParts(
  { reason, by, similarity, duplicateOf, against, nearDuplicate }: Results,
  row: number,
  related: (row: number, similarity?: number) => RelatedRow,
): Partial<RowExplanation> {
  const why = DROP_REASONS[reason[row]];
  return {
    reason: why,
    meaning: meaningOf(why, nearDuplicate),
    ...(by[row] >= 0 && { by: related(by[row], similarity[row]) }),
    ...(duplicateOf[row] >= 0 && { duplicateOf: related(duplicateOf[row]) }),
    ...(against[row] >= 0 && { against: { row: against[row], similarity: similarity[row] } }),
  };
}

/** Of each pick among the rows the dropped rows for which it stands, the most similar first, some of them. */
function rowsStoodFor({ by, similarity, rank, rows: count }: Results, rows: readonly number[]): Map<number, number[]> {
  const found = new Map<number, number[]>(rows.filter((row) => rank[row] > 0).map((row) => [row, []]));
  for (let row = 0; row < count; row++) found.get(by[row])?.push(row);
  for (const [pick, list] of found)
    found.set(pick, list.sort((a, b) => similarity[b] - similarity[a] || a - b).slice(0, MOST));
  return found;
}

async function neighboursOf(
  results: Results,
  rows: readonly number[],
  notes: string[],
  options: Pick<RunOptions, 'signal'>,
): Promise<{ row: number; similarity: number }[][]> {
  try {
    const { k, neighbours, cosines } = await results.neighboursOf(rows, MOST, options);
    return rows.map((_, i) =>
      Array.from(neighbours.subarray(i * k, (i + 1) * k), (row, e) => ({ row, similarity: cosines[i * k + e] })).filter(
        ({ row }) => row >= 0,
      ),
    );
  } catch (error) {
    if (!CoresetError.isInstance(error)) throw error;
    notes.push(error.message);
    return rows.map(() => []);
  }
}

function difficultyOf({ difficulty }: Results, row: number): Pick<RowExplanation, 'difficulty'> {
  const value = difficulty[row];
  if (Number.isNaN(value)) return {};
  let easier = 0;
  let all = 0;
  for (const other of difficulty) {
    if (Number.isNaN(other)) continue;
    all++;
    if (other < value) easier++;
  }
  return { difficulty: { value, percentile: (100 * easier) / all } };
}

/** How a name on the command line is taken: for an id where there is one of that name, else for a row number. */
export type NamedBy = 'row' | 'id' | undefined;

/**
 * The rows of names.
 * @param namedBy `undefined`: ids come first
 * @throws CoresetError for a name that is no row
 */
export async function rowsOfNames(results: Results, names: readonly string[], namedBy: NamedBy): Promise<number[]> {
  const { rows, folder, input } = results;
  const ids = namedBy === 'row' ? new Map<string, Id>() : await results.rowsOfIds(names);
  return names.map((name) => {
    const byId = ids.get(name);
    if (byId !== undefined) return Number(byId);
    const number = namedBy !== 'id' && /^\d+$/.test(name) ? Number(name) : Number.NaN;
    if (number < rows) return number;
    const hasIds = input.id !== undefined && namedBy !== 'row';
    const whole = namedBy === 'id' ? '' : `${hasIds ? ', and' : ''} its rows go from 0 to ${rows - 1}`;
    const id = hasIds ? ` no row with the id '${name}' (field '${input.id}')` : ` no row ${name}`;
    const none = namedBy === 'id' && input.id === undefined ? ' no ids; name rows by their numbers' : id;
    const hint = input.id === undefined && namedBy === undefined ? '; rows of a run with --id FIELD have ids too' : '';
    throw new CoresetError(`${folder} has${none}${whole && !hasIds ? ';' : ''}${whole}${hint}`);
  });
}
