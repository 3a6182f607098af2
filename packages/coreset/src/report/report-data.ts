import { type RunOptions, randomOrder, range, seededRandom } from '@coreset/core';
import type { ReadingSummary } from '@coreset/embedder';
import { type MapMethod, mapMethod, type ReportData } from '@coreset/report';
import { methodOf } from '@coreset/selector';
import type { Results } from '../results/results.js';
import { KEPT } from '../results/told-rows.js';
import { DROP_REASONS, meaningOf } from '../stages/drop-reasons.js';
import type { DropReason } from '../stages/result-files.js';
import { VERSION } from '../version.js';
import { budgetCommands } from './budget-commands.js';
import { readCorpus } from './corpus-rows.js';
import { heaviestRows } from './heaviest-rows.js';
import { shownRows } from './shown-rows.js';

/** Mean Euclidean distance of a row to the nearest kept row, by the number of rows kept. */
export interface ReportCoverage {
  budgets: Int32Array;
  kept: Float64Array;
  random: Float64Array;
}

/** What is not among the results of a run. */
export interface ReportSource {
  method: string;
  /** What the rows were embedded by; undefined of vectors that were there. */
  model?: string;
  coverage: ReportCoverage;
  /** What people should know of the rows, a line each. */
  notes: string[];
  reading?: ReadingSummary;
}

/** What a map says of its rows. */
const MAPS: Record<MapMethod, string> = {
  umap: 'By UMAP of the neighbour graph: what is near is alike; distances between groups say little.',
  pca: 'By the two directions in which the embeddings vary most.',
};

/** Of a greater corpus a sample is shown row by row. */
export const SHOWN = 50_000;
const BINS = 40;

/** How many rows were dropped for each reason that there was. */
export function countReasons({ reason }: Pick<Results, 'reason'>): { reason: DropReason; count: number }[] {
  const counts = new Uint32Array(KEPT + 1);
  for (let row = 0; row < reason.length; row++) counts[reason[row]]++;
  return DROP_REASONS.map((name, place) => ({ reason: name, count: counts[place] })).filter(({ count }) => count > 0);
}

/**
 * What a report page shows of a run: of all rows in sums, and of 50,000 at most one by one.
 * @throws CoresetError when a file is damaged
 */
export async function reportData(
  results: Results,
  { method, model, coverage, notes, reading }: ReportSource,
  { signal }: Pick<RunOptions, 'signal'> = {},
): Promise<ReportData> {
  const { rows, picks, kept, nearDuplicate, options } = results;
  const shown = sampleOf(rows, SHOWN, rows > SHOWN ? heaviestRows(results) : []);
  const corpus = await readCorpus(results, shown, signal);
  const difficulty = byDifficulty(results);
  const reasons = countReasons(results);
  const layout = mapMethod(results.inputRowOf.length, options.map);
  const isShared = options.balance !== undefined || options.cost !== undefined;
  return {
    name: results.name,
    version: VERSION,
    method,
    model,
    isNested: methodOf(method).isForBudget !== true && !isShared,
    rows,
    kept,
    keptUnseen: kept - picks.length,
    order: picks,
    commands: budgetCommands(results),
    reasons: reasons.map(({ reason, count }) => ({ reason, count, meaning: meaningOf(reason, nearDuplicate) })),
    notes: corpus.problem === undefined ? notes : [...notes, corpus.problem],
    coverage,
    difficulty,
    fields: corpus.fields,
    reading: reading && {
      tokens: reading.tokens,
      unknownTokens: reading.unknownTokens,
      lostTokens: reading.lostTokens,
      cutRows: reading.cutRows,
      emptyRows: reading.emptyRows,
    },
    map: layout && { method: MAPS[layout] },
    textLength: corpus.textLength,
    shown: await shownRows(
      results,
      { shown, corpus, map: results.map(), reasons, hasReading: reading !== undefined },
      signal,
    ),
  };
}

/**
 * Some rows of a corpus at random, ascending: all, or `most` of them, the same ones for the same numbers.
 * @param always rows that are among them, fewer than `most`
 */
export function sampleOf(rows: number, most: number, always: number[] = []): Int32Array {
  if (rows <= most) return range(0, rows);
  const sample = randomOrder(rows, seededRandom(0), most);
  const found = new Set(always);
  for (let i = 0; found.size < most; i++) found.add(sample[i]);
  return Int32Array.from(found).sort();
}

/** The rows of the corpus, and its picks, by difficulty. */
function byDifficulty({ difficulty, picks }: Results): ReportData['difficulty'] {
  const binOf = (row: number): number => Math.min(BINS - 1, Math.floor(difficulty[row] * BINS));
  const all = new Uint32Array(BINS);
  for (let row = 0; row < difficulty.length; row++) if (!Number.isNaN(difficulty[row])) all[binOf(row)]++;
  return { all, picks: Uint8Array.from(picks, binOf) };
}
