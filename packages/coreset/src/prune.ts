import { join } from 'node:path';
import { diagnose, requireKnownOptions, type ShowsItself, shownInCell } from '@coreset/core';
import { modelTitle, type ReadingSummary } from '@coreset/embedder';
import type { MethodName } from '@coreset/selector';
import { defaultK } from './defaults.js';
import { givenInputs, type Input } from './input/given.js';
import { inputsOf } from './input/inputs-of.js';
import { isCopied, localInputs, requirePiped } from './input/local-inputs.js';
import { OTHER_INPUTS, type OtherName, type OtherPaths, otherPaths } from './input/other-inputs.js';
import { chooseDestination, destinationDiagnostics } from './output/destination.js';
import { type Inputs, requireOwnCache, requireOwnDirectory } from './output/no-input.js';
import { writeResult } from './output/write-result.js';
import { settingsOf } from './plan/corpus-cost.js';
import { planOf } from './plan/plan.js';
import { reportStage } from './report/report-stage.js';
import { describeInput } from './results/described-input.js';
import { filesOfBase, isSameFolder, removeAside, setAside } from './run/base-run.js';
import { type CheckedRun, checkOptions, checkRun, requireSameInputs } from './run/checked-run.js';
import { tellEnvironment } from './run/environment.js';
import { RunDirectory } from './run/run-directory.js';
import { chooseRunDir, identityOf } from './run/run-name.js';
import { PRUNE_OPTIONS, type PruneOptions } from './run-options.js';
import { readingNotes } from './stages/embed-corpus.js';
import type { EmbeddedInput } from './stages/embedded-input.js';
import { nearestStage, otherStage } from './stages/other-stages.js';
import { summaryOf } from './stages/readings.js';
import type { DropReason } from './stages/result-files.js';
import { baseNotice, type SelectedBeside, selectRequest } from './stages/select-request.js';
import {
  checkStage,
  cosineGraphStage,
  difficultyStage,
  embedStage,
  graphStage,
  mapStage,
  type SelectRequest,
  selectStage,
} from './stages/stages.js';
import { steeringNotes } from './stages/steering-notes.js';
import { runSource } from './views/run-source.js';
import { showsItself } from './views/show-result.js';

/** What {@link prune} did. */
export interface PruneResult {
  /** Rows of the input. */
  rows: number;
  /** Rows kept. */
  kept: number;
  /** Rows with the same content as an earlier row: text, bytes of an image, or where vectors are given the vector. */
  duplicates: number;
  /** Rows of other content with the vector of an earlier row. */
  indistinguishable: number;
  /** How many rows were dropped for each reason, of the reasons that there were. */
  reasons: Partial<Record<DropReason, number>>;
  /** What the model read of the texts; undefined where there are none. */
  reading?: ReadingSummary;
  /** Mean Euclidean distance of a row to the nearest kept row, and were as many kept at random; over a sample of rows. */
  meanDistance: { kept: number; random: number };
  /** Kept rows of the input in the order of picks. */
  order: Int32Array;
  /** Seconds per stage, 0 where an earlier run's result was used again. */
  seconds: Record<string, number>;
  /** Stages whose result an earlier run had left. */
  reused: string[];
  files: { kept: string; runDir: string; selection: string; selected: string; dropped: string; report: string };
}

/** With the files of an earlier run that are read, unless it is that which is written. */
function withBase(inputs: Inputs, base: string | undefined, runDir: string): Inputs {
  if (base === undefined || isSameFolder(base, runDir)) return inputs;
  return { ...inputs, files: [...inputs.files, ...filesOfBase(base)] };
}

/** Which rows of the input are kept. */
function keptMask(order: Int32Array, input: EmbeddedInput, leftOut: SelectRequest['leftOut']): Uint8Array {
  const mask = new Uint8Array(input.rows).fill(input.keepBadRows ? 1 : 0);
  for (const row of leftOut?.keys() ?? []) mask[row] = 0;
  for (const row of input.inputRows) mask[row] = 0;
  for (const row of order) mask[input.inputRows[row]] = 1;
  return mask;
}

/**
 * Prune rows in files: embed them, score their difficulty, connect them, select the coreset and write the kept rows, with
 * the result of each stage in a run directory. The same command run again, also after a kill, uses whatever is there already.
 *
 * @param input a file of any kind that `openRows` reads, a folder of shards or images, a glob pattern, an https address,
 * several of these as one corpus, or `-` for standard input
 * @throws CoresetError when the input or an option is wrong; no half-written file is left
 */
export async function prune(input: Input | readonly Input[], asked: PruneOptions): Promise<PruneResult & ShowsItself> {
  requireKnownOptions('prune', asked, PRUNE_OPTIONS);
  const options = shownInCell(asked);
  const given = givenInputs(input);
  const method = await checkOptions(options);
  requirePiped(given, options);
  const isHere = !given.some(isCopied);
  const read = await inputsOf(given, options);
  const runDir = chooseRunDir(given, options.runDir);
  const inputs = withBase(read, options.base, runDir);
  requireOwnDirectory(runDir, inputs);
  requireOwnCache(options.cache, [...(inputs.folders ?? []), runDir]);
  const run = new RunDirectory(runDir, identityOf(given));
  run.listener = options.onDiagnostics;
  const told = { ...options, onDiagnostics: run.onDiagnostics };
  try {
    const copy = (one: string[], name: OtherName): Promise<string[]> => localInputs(one, join(run.path, name), options);
    const beside = await otherPaths(given, options, copy);
    if (isHere) return await pruneInto(run, given, beside, inputs, method, told);
    const paths = await localInputs(given, run.path, options);
    // Rows that are piped in name images where the command runs, not in the run directory.
    return await pruneInto(run, paths, beside, inputs, method, {
      ...told,
      imageFolder: options.image === undefined ? undefined : (options.imageFolder ?? '.'),
    });
  } finally {
    run.close();
  }
}

async function pruneInto(
  run: RunDirectory,
  paths: string[],
  beside: OtherPaths,
  inputs: Inputs,
  method: MethodName,
  options: PruneOptions,
): Promise<PruneResult & ShowsItself> {
  const checked = await checkRun(paths, beside, method, options);
  const { file, corpus } = checked.input;
  const destination = await chooseDestination(options, file, corpus, run.path, inputs);
  const environment = await tellEnvironment(options);
  const planned = await planOf(checked, options, run.path);
  options.onPlan?.(planned);
  for (const notice of planned.notices) options.onNotice?.(notice);
  run.check = () => requireSameInputs(checked);
  const writing = { text: corpus?.content.rowText, check: run.check, signal: options.signal };
  await checkStage(run, checked.input, destination, writing);
  const isOwnBase = options.base !== undefined && isSameFolder(options.base, run.path);
  const base = checked.base && isOwnBase ? await setAside(run, checked.base, checked.input) : checked.base;
  const input = await embedStage(run, checked.input, options, { name: 'embed', base });
  const { signal, onProgress, onNotice, onDiagnostics, onPlan, threads, cache, cacheSize, ...described } = options;
  await run.describe(describeInput(checked.input, input, run.path), described, environment);
  const { readings } = input;
  const reading = readings && corpus?.content.modality === 'text' ? summaryOf(readings) : undefined;
  const notes = readings && corpus ? await readingNotes(corpus, readings, options) : [];
  for (const note of notes) onNotice?.(note);
  const request = await selectRequest(checked, input, options, await embedBeside(run, checked, input, options));
  const out = request.exclude?.length ?? 0;
  notes.push(...steeringNotes(request, options));
  const gone = baseNotice(checked, input);
  if (gone !== undefined) onNotice?.(gone);

  const difficulty = await difficultyStage(run, input, options, checked);
  const graph = await graphStage(run, input, { ...options, k: options.k ?? defaultK(method) });
  const cosineGraph = await cosineGraphStage(run, input, request, { ...options, k: options.k ?? defaultK(method) });
  const selected = await selectStage(run, input, { graph, difficulty, cosineGraph }, request, {
    signal,
    onDiagnostics,
  });
  const { order, duplicates, indistinguishable } = selected;
  signal?.throwIfAborted();
  const shortage = shortageNotice(request, order.length, input.vectors.rows - out, options);
  if (shortage !== undefined) onNotice?.(shortage);
  if (indistinguishable > 0 && options.maxSimilarity === undefined) {
    notes.push(indistinguishableNotice(indistinguishable));
    onNotice?.(notes[notes.length - 1]);
  }

  await mapStage(run, input, graph, options);
  signal?.throwIfAborted();

  const kept = keptMask(order, input, request.leftOut);
  diagnose(options, 'write', destinationDiagnostics(destination, file, run.path));
  await run.timed('write', () => writeResult(destination, input, kept, writing));
  signal?.throwIfAborted();
  const files = {
    kept: destination.path,
    runDir: run.path,
    selection: run.file('selection.json'),
    selected: run.file('selected.jsonl'),
    dropped: run.file('dropped.jsonl'),
    report: run.file('report.html'),
  };
  const picks = order.map((row) => input.inputRows[row]);
  const report = await reportStage(run, {
    method: checked.method,
    model: readings && corpus && modelTitle(settingsOf(corpus, options), options.model),
    input,
    order,
    seed: options.seed,
    signal,
    notes,
    reading,
  });
  const { coverage } = report;
  const reasons = Object.fromEntries(report.reasons.map(({ reason, count }) => [reason, count]));
  await run.note({ duplicates, indistinguishable, reasons, reading });
  if (isOwnBase) removeAside(run);
  const result: PruneResult = {
    rows: input.rows,
    kept: report.kept,
    duplicates,
    indistinguishable,
    reasons,
    reading,
    meanDistance: {
      kept: coverage.kept[coverage.kept.length - 1],
      random: coverage.random[coverage.random.length - 1],
    },
    order: picks,
    seconds: Object.fromEntries(run.outcomes.map(({ stage, seconds }) => [stage, seconds])),
    reused: run.outcomes.filter(({ reused }) => reused).map(({ stage }) => stage),
    files,
  };
  return showsItself(result, async () => ({
    ...(await runSource(run.path)),
    notes,
    coverage: async () => coverage,
  }));
}

/** Embed the inputs beside the corpus, and find the nearest of `against`. */
async function embedBeside(
  run: RunDirectory,
  { others }: CheckedRun,
  input: EmbeddedInput,
  options: PruneOptions,
): Promise<SelectedBeside> {
  const beside: SelectedBeside = {};
  for (const name of OTHER_INPUTS) beside[name] = await otherStage(run, name, others, input, options);
  const { against } = beside;
  return against ? { ...beside, nearest: await nearestStage(run, input, against, options) } : beside;
}

/** What to say where fewer rows are kept than were asked for. @param left rows that are not left out */
function shortageNotice(
  { budget, costs, groups }: SelectRequest,
  kept: number,
  left: number,
  { keep, maxSimilarity }: PruneOptions,
): string | undefined {
  if (keep === undefined || costs !== undefined || kept >= budget) return undefined;
  const others = left - kept;
  const why =
    maxSimilarity !== undefined
      ? `the other ${others} are nearer than ${maxSimilarity} to one of them`
      : groups === undefined
        ? `the other ${others} repeat one of them`
        : `the other ${others} repeat one of them, or are of a group that has its share`;
  return `kept ${kept} ${kept === 1 ? 'row' : 'rows'}, fewer than the ${budget} asked for: ${why}`;
}

function indistinguishableNotice(count: number): string {
  const are = count === 1 ? '1 row has' : `${count} rows have`;
  return `${are} the same vector as an earlier row, but other content: the model cannot tell them apart, so they are kept at random, in the share that is kept of all`;
}
