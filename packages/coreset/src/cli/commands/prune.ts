import { CoresetError, formatCount, formatSeconds } from '@coreset/core';
import { type Command, Option } from 'commander';
import { EMITS, isStdout } from '../../output/destination.js';
import { planLine } from '../../plan/plan-text.js';
import { type PruneResult, prune } from '../../prune.js';
import type { PruneOptions } from '../../run-options.js';
import { announce, type CommonFlags, report, subcommand, withProgress } from '../command-line.js';
import {
  addCorpusOptions,
  addD2Options,
  addDifficultyOptions,
  addGraphOptions,
  addMethodOptions,
  addModelOptions,
  addOtherOptions,
  addReasonOptions,
  addSeedOption,
  addSteeringOptions,
  INPUT,
  KEEP,
} from './shared-options.js';

const EXAMPLE = `coreset prune packages.jsonl --keep 0.3 --text description --out kept.jsonl

keeps 30 % of the rows of packages.jsonl. kept.jsonl has the kept lines unchanged; the folder
packages.coreset has the embeddings, difficulty, graph, the order of picks (selection.json),
the worth of every pick (selected.jsonl), the reason for every dropped row (dropped.jsonl), and a
page that shows both (report.html).`;

/** What the command line gives. */
export type PruneFlags = Omit<PruneOptions, 'edges'> &
  CommonFlags & { graphEdges?: PruneOptions['edges']; duplicates?: 'drop' | 'keep' };

/** `coreset prune` */
export function pruneCommand(): Command {
  const command = addPruneOptions(subcommand('prune', 'Keep the part of a corpus worth training on', EXAMPLE));
  return command.action(async (input: string[], flags: PruneFlags) => {
    requireOneUseOfStdout(flags);
    const result = await withProgress(flags, (run) =>
      prune(input, { ...pruneOptions(flags), ...run, onPlan: (plan) => announce(flags, planLine(plan)) }),
    );
    const { order: _, ...summary } = result;
    report(
      flags,
      summary,
      humanSummary(result),
      flags.out !== undefined && isStdout(flags.out) ? process.stderr : process.stdout,
    );
  });
}

/** The input and options of a run, for `prune` and `plan`. */
export function addPruneOptions(command: Command): Command {
  command
    .argument('<input...>', INPUT)
    .option('--keep <share|count>', KEEP)
    .option(
      '--out <file>',
      "where the kept rows go: a file, in the format of its extension; DIR/, a file for each of the input's; - is standard output (default: kept.EXT in the run directory)",
    )
    .addOption(new Option('--emit <what>', 'write the kept rows, their ids or a mask (default: rows)').choices(EMITS))
    .option('--run-dir <dir>', 'folder for the result of every stage (default: INPUT.coreset)')
    .option(
      '--base <dir>',
      'run directory of an earlier prune: rows that it embedded are not embedded again, those that it kept stay and count',
    )
    .option(
      '--labels <field|file>',
      'class of each row, for the methods d2-per-class and moderate, and for a --difficulty of training dynamics',
    )
    .option('--scores <field|file>', 'difficulty from a field or file instead of one that is computed');
  for (const add of [
    addCorpusOptions,
    addOtherOptions,
    addModelOptions,
    addDifficultyOptions,
    addGraphOptions,
    addSteeringOptions,
    addMethodOptions,
    addReasonOptions,
    addD2Options,
    addSeedOption,
  ])
    add(command);
  return command;
}

/** The library's options from the command line's. */
export function pruneOptions(flags: PruneFlags): PruneOptions {
  const { graphEdges: edges, duplicates, json: _json, quiet: _quiet, verbose: _verbose, ...options } = flags;
  return { ...options, edges, dropDuplicates: duplicates === undefined ? undefined : duplicates === 'drop' };
}

function requireOneUseOfStdout({ out, json }: PruneFlags): void {
  if (out !== undefined && isStdout(out) && json)
    throw new CoresetError('--json and --out - both write to standard output; give one of them');
}

function humanSummary(result: PruneResult): string[] {
  const { rows, kept, duplicates, indistinguishable, reasons, meanDistance, seconds, reused, files } = result;
  const share = ((100 * kept) / rows).toFixed(1);
  const stages = Object.entries(seconds).map(([stage, s]) =>
    reused.includes(stage) ? `${stage} reused` : `${stage} ${s.toFixed(1)} s`,
  );
  const counted = Object.entries(reasons).map(([reason, count]) => `${formatCount(count)} ${reason}`);
  const total = Object.values(seconds).reduce((sum, s) => sum + s, 0);
  return [
    `kept ${formatCount(kept)} of ${formatCount(rows)} rows (${share} %), dropped ${formatCount(rows - kept)}; exact duplicates among all rows: ${formatCount(duplicates)}`,
    ...(counted.length > 0 ? [`reasons for dropping: ${counted.join(', ')}`] : []),
    ...(indistinguishable > 0
      ? [`rows that the model cannot tell from an earlier one, though they differ: ${formatCount(indistinguishable)}`]
      : []),
    `mean distance of a row to the nearest kept row: ${meanDistance.kept.toFixed(3)}; with as many kept at random: ${meanDistance.random.toFixed(3)}`,
    `  kept rows         ${files.kept === '-' ? 'standard output' : files.kept}`,
    `  order of picks    ${files.selection}`,
    `  worth of picks    ${files.selected}`,
    `  why rows dropped  ${files.dropped}`,
    `  report page       ${files.report}`,
    `  all stages        ${files.runDir}`,
    `  ${formatSeconds(total)}: ${stages.join(', ')}`,
  ];
}
