import {
  CoresetError,
  createMatrix,
  type Matrix,
  pickOptions,
  RUN_OPTIONS,
  type RunOptions,
  range,
  requireKnownOptions,
  rowMask,
  rowOf,
  rowPlaces,
  type ShowsItself,
  shownInCell,
} from '@coreset/core';
import { difficultyScores, needsClasses, requireLearnable, scaleScores } from '@coreset/difficulty';
import { CACHE_OPTIONS, type CacheOptions, checkCache, DistinctTexts, embedTexts } from '@coreset/embedder';
import { buildGraph } from '@coreset/graph';
import type { ShownRow } from '@coreset/report';
import { describeValue, type Row, type TextFinding, type Turns, textOfRows } from '@coreset/rows';
import { type Keep, parseKeep, REASON_DEFAULTS, REASON_OPTIONS, select } from '@coreset/selector';
import { chooseMethod, defaultDifficultyWeight, defaultK, METHOD_CHOICE, type MethodChoice } from './defaults.js';
import { comparedText } from './input/corpus.js';
import { ON_BAD_ROW, type OnBadRow } from './input/corpus-options.js';
import { numberLabels } from './input/labels.js';
import {
  chosenRows,
  ROW_STEERING,
  type RowSteering,
  requireFunctions,
  type SteeredInput,
  steeredInput,
} from './prune-rows-steering.js';
import { budgetOfCosts, requireDifficulty, requireNumbers, requireUsed } from './run/checked-run.js';
import { selectSettings } from './select-settings.js';
import { cosineGraphOf, needsCosineGraph } from './stages/cosine-graph.js';
import { EMBED_SETTINGS, type EmbedSettings } from './stages/embed-corpus.js';
import type { DropReason } from './stages/result-files.js';
import { DIFFICULTY_SETTINGS, type DifficultySettings, GRAPH_SETTINGS, type GraphSettings } from './stages/stages.js';
import { type ExplainedSelection, explainSelection } from './stages/told-selection.js';
import { rowSource } from './views/row-source.js';
import { showsItself } from './views/show-result.js';
import { shownRow } from './views/shown-row.js';

/** Options of {@link pruneRows}. */
export interface PruneRowsOptions<Item>
  extends RunOptions,
    EmbedSettings,
    CacheOptions,
    Omit<DifficultySettings, 'scores'>,
    GraphSettings,
    RowSteering<Item>,
    MethodChoice {
  /**
   * The share kept (`0.3`, `'30%'`) or the number of rows kept (`3600`), of the rows that have a text or vector and are not
   * excluded; with `cost` how much is kept in that unit. Beside `maxSimilarity` it may be left out: all that are not too near.
   */
  keep?: Keep;
  /**
   * The text of a row: a field or path, several that are joined, or a function. Default: a row that is a text, else the
   * field `text`, chat turns, or the only field with texts.
   */
  text?: string | string[] | ((row: Item) => string);
  /** A text with fields in braces, `"{instruction}\n{input}"`, in place of `text`. */
  template?: string;
  /** Which turns of a chat count. Default: `all`. */
  turns?: Turns;
  /** The vector of a row, in place of a text to embed. */
  vector?: (row: Item) => ArrayLike<number>;
  /** Difficulty of a row, in place of one that is computed. */
  score?: (row: Item) => number;
  /** Class of a row, for methods that look at labels, and for a difficulty of training dynamics. */
  label?: (row: Item) => string | number;
  /** A row without a text: throw (`fail`), drop it (`skip`), or keep it (`keep`). Default: `fail`. */
  onBadRow?: OnBadRow;
}

/** A row that was not kept. */
export interface DroppedRow<Item> {
  row: Item;
  /** Its number among the rows given. */
  index: number;
  reason: DropReason;
  /** The row with the same content, of a duplicate: the kept one, else the first. */
  duplicateOf?: number;
  /** The kept row that stands for it, where one does. */
  by?: number;
  /** The cosine of both, −1 to 1. */
  similarity?: number;
}

/** A row that was picked. */
export interface SelectedRow<Item> {
  row: Item;
  /** Its number among the rows given. */
  index: number;
  /** 1 for the first pick. */
  rank: number;
  /** What it was worth to the selector when it was picked. */
  gain: number;
  /** For how many rows it stands, itself among them. */
  weight: number;
}

/** What {@link pruneRows} kept and dropped. */
export interface PrunedRows<Item> {
  /** The kept rows in the order given. */
  kept: Item[];
  /** The same rows in the order of picks, but for those kept without a text. */
  selected: SelectedRow<Item>[];
  dropped: DroppedRow<Item>[];
  /** Numbers of the kept rows in the order of picks: any beginning is the selection at that smaller budget. Rows kept without a text are not among them. */
  order: Int32Array;
}

const { scores: _, ...DIFFICULTY_WITHOUT_SCORES } = DIFFICULTY_SETTINGS;

/** Every option of {@link pruneRows}. */
export const PRUNE_ROWS_OPTIONS: Readonly<Record<keyof PruneRowsOptions<unknown>, true>> = {
  keep: true,
  text: true,
  template: true,
  turns: true,
  vector: true,
  score: true,
  label: true,
  onBadRow: true,
  ...RUN_OPTIONS,
  ...EMBED_SETTINGS,
  ...CACHE_OPTIONS,
  ...DIFFICULTY_WITHOUT_SCORES,
  ...GRAPH_SETTINGS,
  ...METHOD_CHOICE,
  ...ROW_STEERING,
};

/**
 * Prune rows in memory: the steps of {@link prune} without a file.
 *
 * @param rows anything that can be walked through once, in their order
 * @returns the kept rows themselves, the dropped ones with reasons, and the order of picks
 * @throws CoresetError when an option is wrong or a row has no text
 */
export async function pruneRows<Item>(
  rows: Iterable<Item> | AsyncIterable<Item>,
  asked: PruneRowsOptions<Item>,
): Promise<PrunedRows<Item> & ShowsItself> {
  requireKnownOptions('pruneRows', asked, PRUNE_ROWS_OPTIONS);
  const options = shownInCell(asked);
  const { vector, score, label, maxSimilarity, onBadRow = 'fail' } = options;
  requireRows(rows);
  checkCache(options);
  if (!ON_BAD_ROW.includes(onBadRow))
    throw new CoresetError(`pruneRows: onBadRow '${onBadRow}' is not known; use one of ${ON_BAD_ROW.join(', ')}`);
  const { text, template, turns } = options;
  if (vector && (text ?? template ?? turns) !== undefined)
    throw new CoresetError(
      'pruneRows: text, template or turns, and vector, each say what is compared; give one of them',
    );
  requireFunctions(options);
  const method = chooseMethod(pickOptions(options, METHOD_CHOICE));
  const given = { scores: score && 'score', labels: label && 'label' };
  const { difficulty, prototypes } = options;
  requireUsed(method, { ...given, difficulty: difficulty ?? 'prototype' });
  requireNumbers(options);
  requireDifficulty({ ...given, difficulty, prototypes });
  const all: Item[] = [];
  for await (const row of rows) all.push(row);
  if (all.length === 0) throw new CoresetError('pruneRows: there are no rows');
  const texts = vector ? undefined : all.map(textFinder(all, options));
  const bad = texts ? badRows(texts, onBadRow) : [];
  const isBad = rowMask(all.length, bad);
  const numbers = range(0, all.length).filter((row) => !isBad[row]);
  const items = Array.from(numbers, (row) => all[row]);
  if (items.length === 0) throw new CoresetError('pruneRows: no row has a text to embed');
  const excluded = chosenRows('exclude', all, options.exclude);
  const steered = steeredInput(all, numbers, options, excluded);
  if (steered.costs !== undefined && onBadRow === 'keep')
    throw new CoresetError(
      "pruneRows: onBadRow 'keep' means nothing beside cost: rows without text cost nothing known",
    );
  const isExcluded = rowMask(all.length, excluded ?? []);
  const budget = budgetOfRows(options, steered, items.length, bad.filter((row) => !isExcluded[row]).length);

  const labels = label && numberLabels(items.map((row, i) => labelText(label(row), numbers[i])));
  if (labels && needsClasses(difficulty)) requireLearnable(new Set(labels).size, labels.length, 'labels');
  const run = pickOptions(options, RUN_OPTIONS);
  const found = texts && Array.from(numbers, (row) => texts[row].text as string);
  const contentRepresentative = found && (await sameTexts(found));
  const vectors =
    vector || found === undefined || contentRepresentative === undefined
      ? matrixOfRows(items, numbers, vector as (row: Item) => ArrayLike<number>)
      : await embedTexts(
          found.map((_, i) => found[contentRepresentative[i]]),
          { ...run, ...pickOptions(options, { ...EMBED_SETTINGS, ...CACHE_OPTIONS }) },
        );
  const scores = score
    ? scaledScores(items.map(score))
    : (
        await difficultyScores(vectors, {
          ...run,
          ...pickOptions(options, DIFFICULTY_WITHOUT_SCORES),
          labels: needsClasses(difficulty) ? labels : undefined,
        })
      ).scores;
  const graphOptions = { ...run, ...pickOptions(options, GRAPH_SETTINGS), k: options.k ?? defaultK(method) };
  const graph = await buildGraph(vectors, graphOptions);
  const difficultyWeight = options.difficultyWeight ?? defaultDifficultyWeight({ ...given, difficulty });
  const selection = await select(
    method,
    {
      rows: items.length,
      budget,
      vectors,
      graph,
      contentRepresentative,
      scores,
      labels,
      ...steered,
      cosineGraph: (await needsCosineGraph(vectors, { ...steered, maxSimilarity }, options.signal))
        ? await cosineGraphOf(vectors, graphOptions)
        : graph,
      seed: options.seed,
      signal: options.signal,
      onDiagnostics: options.onDiagnostics,
    },
    {
      ...selectSettings({ ...options, difficultyWeight }),
      balance: options.balance ?? (options.group && 'equal'),
      groupMinimum: options.groupMinimum,
    },
  );
  const contents = contentRepresentative ?? graph.representative;
  const explained = await explainSelection(
    selection,
    {
      vectors,
      graph,
      contentRepresentative: contents,
      leftOut: steered.exclude,
      ...pickOptions(run, { signal: true, onDiagnostics: true }),
    },
    pickOptions(options, REASON_OPTIONS),
  );
  const result = results(all, numbers, explained, isExcluded, onBadRow === 'keep');
  const nearDuplicate = options.nearDuplicate ?? REASON_DEFAULTS.nearDuplicate;
  const show = shownRows(all, options);
  const from = { method, nearDuplicate, seed: options.seed, rows: all.length, numbers, vectors, scores, show };
  return showsItself(result, rowSource(result, from));
}

/** How much is kept of the rows that have a text or vector. @param bad rows without one that are not excluded */
function budgetOfRows<Item>(
  { keep, maxSimilarity, onBadRow }: PruneRowsOptions<Item>,
  steered: SteeredInput,
  rows: number,
  bad: number,
): number {
  if (keep === undefined && maxSimilarity === undefined)
    throw new CoresetError('pruneRows: say how much to keep with keep, or give maxSimilarity');
  if (steered.costs !== undefined) return budgetOfCosts(keep, steered.costs, steered.exclude, 'cost');
  const left = rows - (steered.exclude?.length ?? 0);
  if (left === 0) throw new CoresetError('pruneRows: all rows are excluded');
  const kept = onBadRow === 'keep' ? bad : 0;
  const budget = parseKeep(keep ?? '100%', left + kept) - kept;
  if (budget < 1)
    throw new CoresetError(`pruneRows: ${bad} rows without text are kept, which is all that keep '${keep}' asks for`);
  return budget;
}

/** A text can be walked through too, but its characters are no rows. */
function requireRows(rows: unknown): void {
  const isWalked =
    typeof rows === 'object' && rows !== null && (Symbol.iterator in rows || Symbol.asyncIterator in rows);
  if (isWalked) return;
  const what =
    rows === null || rows === undefined ? `${rows}` : `${typeof rows === 'object' ? 'an' : 'a'} ${typeof rows}`;
  throw new CoresetError(`pruneRows: rows are ${what}; give a list of rows, or call prune for files`);
}

function labelText(label: string | number | null | undefined, row: number): string {
  if (label === undefined || label === null) throw new CoresetError(`pruneRows: the label of row ${row} is ${label}`);
  return String(label);
}

function results<Item>(
  all: Item[],
  numbers: Int32Array,
  { order, gain, weight, by, similarity, reasons, duplicateOf }: ExplainedSelection,
  isExcluded: Uint8Array,
  keepBadRows: boolean,
): PrunedRows<Item> {
  const embedded = rowPlaces(all.length, numbers);
  const kept: Item[] = [];
  const dropped: DroppedRow<Item>[] = [];
  for (const [index, row] of all.entries()) {
    const own = embedded[index];
    const chosen = own >= 0 ? reasons[own] : keepBadRows ? undefined : 'nothing to embed';
    const reason = isExcluded[index] ? 'excluded' : chosen;
    if (reason === undefined) kept.push(row);
    else
      dropped.push({
        row,
        index,
        reason,
        ...(reason === 'duplicate' && { duplicateOf: numbers[duplicateOf[own]] }),
        ...(by[own] >= 0 && { by: numbers[by[own]], similarity: similarity[own] }),
      });
  }
  const picks = order.map((row) => numbers[row]);
  const selected = Array.from(picks, (index, p) => ({
    row: all[index],
    index,
    rank: p + 1,
    gain: gain[p],
    weight: weight[p],
  }));
  return { kept, selected, dropped, order: picks };
}

/** So many rows show what a field holds. */
const FIRST_ROWS = 100;

/** How the text of each row is found, without white space before and behind it. */
function textFinder<Item>(
  rows: Item[],
  { text, template, turns }: Pick<PruneRowsOptions<Item>, 'text' | 'template' | 'turns'>,
): (row: Item) => TextFinding {
  if (typeof text === 'function') return (row) => trimmed(textFound(text(row)));
  const objects: Row[] = (rows.slice(0, FIRST_ROWS) as unknown[]).filter(isObject);
  const fields = [...new Set(objects.flatMap((row) => Object.keys(row)))];
  const rowText =
    objects.length > 0 ? textOfRows({ text, template, turns, source: 'pruneRows' }, fields, objects) : undefined;
  return (row) => trimmed(rowText && isObject(row) ? rowText.textOf(row) : textFound(row));
}

/** How a row is shown: by its text, where it has one. */
function shownRows<Item>(rows: Item[], options: PruneRowsOptions<Item>): (index: number) => ShownRow {
  const textOf = options.vector ? undefined : textFinder(rows, options);
  return (index) => shownRow(rows[index], index, textOf?.(rows[index]).text);
}

function isObject(row: unknown): row is Row {
  return typeof row === 'object' && row !== null;
}

function textFound(value: unknown): TextFinding {
  if (typeof value === 'string' && value.trim() !== '') return { text: value };
  return { problem: `it is ${describeValue(value)}` };
}

function trimmed(found: TextFinding): TextFinding {
  return found.text === undefined ? found : { text: found.text.trim() };
}

function badRows(texts: TextFinding[], onBadRow: OnBadRow): number[] {
  const bad: number[] = [];
  for (const [index, { problem }] of texts.entries()) {
    if (problem === undefined) continue;
    if (onBadRow === 'fail')
      throw new CoresetError(
        `pruneRows: row ${index} has no text, ${problem}; say where it is with text, or choose onBadRow: 'skip' or 'keep'`,
      );
    bad.push(index);
  }
  return bad;
}

function matrixOfRows<Item>(items: Item[], numbers: Int32Array, vector: (row: Item) => ArrayLike<number>): Matrix {
  const cols = vector(items[0])?.length;
  if (cols === undefined)
    throw new CoresetError(`pruneRows: the vector of row 0 is ${typeof vector(items[0])}, not a list of numbers`);
  const matrix = createMatrix(items.length, cols);
  for (const [i, item] of items.entries()) {
    const values = vector(item);
    if (values?.length !== cols)
      throw new CoresetError(
        `pruneRows: the vector of row ${numbers[i]} has ${values?.length} numbers, that of row 0 has ${cols}`,
      );
    const target = rowOf(matrix, i);
    for (let c = 0; c < cols; c++) target[c] = values[c];
    if (!target.every(Number.isFinite) || target.every((value) => value === 0))
      throw new CoresetError(
        `pruneRows: the vector of row ${numbers[i]} is all zeros or holds a number that is not finite`,
      );
  }
  return matrix;
}

function scaledScores(scores: number[]): Float64Array {
  return scaleScores(Float64Array.from(scores));
}

async function sameTexts(texts: string[]): Promise<Int32Array> {
  const seen = await DistinctTexts.create();
  for (const text of texts) seen.add(comparedText(text));
  return seen.repeats()?.representative ?? range(0, texts.length);
}
