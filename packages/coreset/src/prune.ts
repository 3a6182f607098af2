import { basename, join, resolve } from 'node:path';
import { CoresetError, type RunOptions } from '@coreset/core';
import { bareExtension, openRows, type RowFile, writeKeptRows } from '@coreset/rows';
import type { Keep, MethodName } from '@coreset/selector';
import { checkOptions, checkRun } from './checked-run.js';
import type { CorpusOptions } from './corpus.js';
import { defaultDifficultyWeight, defaultK, type Preset } from './defaults.js';
import type { EmbedSettings } from './embed-corpus.js';
import { type Plan, planOf } from './plan-run.js';
import { reportStage } from './report-stage.js';
import { RunDirectory } from './run-directory.js';
import { spool } from './spool.js';
import {
  type DifficultySettings,
  difficultyStage,
  type EmbeddedInput,
  embedStage,
  type GraphSettings,
  graphStage,
  type SelectSettings,
  selectSettings,
  selectStage,
} from './stages.js';

/** Options of {@link prune}. */
export interface PruneOptions
  extends RunOptions,
    CorpusOptions,
    EmbedSettings,
    DifficultySettings,
    GraphSettings,
    SelectSettings {
  /** The share kept (`0.3`, `'30%'`) or the number of rows kept (`3600`), of the rows that have a text or an image. */
  keep: Keep;
  /** `auto` (default) or `paper`: D2 as published. Options of D2's own imply `paper`. */
  preset?: Preset;
  /** Any selector by name, in place of the preset's. */
  method?: MethodName;
  /** Class of each row, a field of the input or a file; for methods that need labels. */
  labels?: string;
  /** Where the kept rows go, in the input's format. Default: `kept.EXT` in the run directory. */
  out?: string;
  /** Called before the work begins with what it is expected to take if no earlier result can be used. */
  onPlan?: (plan: Plan) => void;
  /** Folder for the result of every stage. Default: `NAME.coreset` in the working directory. */
  runDir?: string;
}

/** What {@link prune} did. */
export interface PruneResult {
  /** Rows of the input. */
  rows: number;
  /** Rows kept. */
  kept: number;
  /** Rows whose vector is that of an earlier row. */
  duplicates: number;
  /** Mean Euclidean distance of a row to the nearest kept row, and were as many kept at random; over a sample of rows. */
  meanDistance: { kept: number; random: number };
  /** Kept rows of the input in the order of picks. */
  order: Int32Array;
  /** Seconds per stage, 0 where an earlier run's result was used again. */
  seconds: Record<string, number>;
  /** Stages whose result an earlier run had left. */
  reused: string[];
  files: { kept: string; runDir: string; selection: string; dropped: string; report: string };
}

/** A name for the run directory of an input: its own, without extensions. */
export function defaultRunDir(input: string): string {
  const name =
    input === '-'
      ? 'stdin'
      : basename(resolve(input))
          .replace(/\.gz$/i, '')
          .replace(/\.[^.]+$/, '');
  return `${name}.coreset`;
}

function defaultOut(file: RowFile, runDir: string): string {
  const extension = file.format === 'folder' ? '.txt' : bareExtension(file.path);
  return join(runDir, `kept${extension}${file.compression === 'gzip' ? '.gz' : ''}`);
}

/** Which rows of the input are kept. */
function keptMask(order: Int32Array, input: EmbeddedInput): Uint8Array {
  const mask = new Uint8Array(input.rows).fill(input.keepBadRows ? 1 : 0);
  for (const row of input.inputRows) mask[row] = 0;
  for (const row of order) mask[input.inputRows[row]] = 1;
  return mask;
}

/**
 * Prune a file: embed its rows, score their difficulty, connect them, select the coreset and write the kept
 * rows, with the result of each stage in a run directory. The same command run again, also after a kill,
 * uses whatever is there already.
 *
 * @param input JSONL, CSV, TSV, Parquet, text, `.npy` embeddings or a folder of images; `-` reads JSONL from standard input
 * @throws CoresetError when the input or an option is wrong; no half-written file is left
 */
export async function prune(input: string, options: PruneOptions): Promise<PruneResult> {
  const method = await checkOptions(options);
  if (input !== '-') openRows(input);
  if (options.out !== undefined && resolve(options.out) === resolve(input)) {
    throw new CoresetError(`--out ${options.out} is the input itself; name another file`);
  }
  const run = new RunDirectory(options.runDir ?? defaultRunDir(input));
  try {
    if (input !== '-') return await pruneInto(run, input, method, options);
    const spooled = run.file('input.jsonl');
    await spool(spooled);
    // Its rows name images where the command runs, not in the run directory.
    return await pruneInto(run, spooled, method, { ...options, imageFolder: options.imageFolder ?? '.' });
  } finally {
    run.close();
  }
}

async function pruneInto(
  run: RunDirectory,
  path: string,
  method: MethodName,
  options: PruneOptions,
): Promise<PruneResult> {
  const checked = await checkRun(path, method, options);
  const { budget, scores, labels } = checked;
  options.onPlan?.(await planOf(checked, options));
  const input = await embedStage(run, checked.input, options);
  const { signal, onProgress, onNotice, onPlan, threads, ...described } = options;
  await run.describe(
    { path: resolve(path), rows: input.rows, format: input.file.format, sha256: input.sha256 },
    described,
  );

  const difficulty = await difficultyStage(run, input, options, scores);
  const graph = await graphStage(run, input, { ...options, k: options.k ?? defaultK(method) });
  const { order, duplicates } = await selectStage(
    run,
    input,
    { graph, difficulty },
    {
      method,
      budget,
      labels: labels && Int32Array.from(input.inputRows, (row) => labels[row]),
      seed: options.seed,
      settings: selectSettings({
        ...options,
        difficultyWeight: options.difficultyWeight ?? defaultDifficultyWeight(options),
      }),
    },
  );
  signal?.throwIfAborted();
  if (order.length < budget) {
    onNotice?.(
      `kept ${order.length} rows, fewer than the ${budget} asked for: the other ${input.vectors.rows - order.length} repeat one of them`,
    );
  }

  const kept = keptMask(order, input);
  const out = options.out ?? defaultOut(input.file, run.path);
  await run.timed('write', () => writeKeptRows(input.file, (row) => kept[row] === 1, out));
  signal?.throwIfAborted();
  const files = {
    kept: out,
    runDir: run.path,
    selection: run.file('selection.json'),
    dropped: run.file('dropped.jsonl'),
    report: run.file('report.html'),
  };
  const picks = order.map((row) => input.inputRows[row]);
  const report = await reportStage(run, { checked, input, order, picks, kept, seed: options.seed, signal });
  const { coverage } = report;
  return {
    rows: input.rows,
    kept: report.kept,
    duplicates,
    meanDistance: {
      kept: coverage.kept[coverage.kept.length - 1],
      random: coverage.random[coverage.random.length - 1],
    },
    order: picks,
    seconds: Object.fromEntries(run.outcomes.map(({ stage, seconds }) => [stage, seconds])),
    reused: run.outcomes.filter(({ reused }) => reused).map(({ stage }) => stage),
    files,
  };
}
