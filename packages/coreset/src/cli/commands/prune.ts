import { CoresetError } from '@coreset/core';
import { type Command, Option } from 'commander';
import { EMITS, isStdout } from '../../output/destination.js';
import { planLine } from '../../plan/plan-text.js';
import { prune } from '../../prune.js';
import type { PruneOptions } from '../../run-options.js';
import { coloursOf } from '../colours.js';
import { announce, type CommonFlags, report, subcommand, withProgress } from '../command-line.js';
import { GROUPS } from '../help/groups.js';
import { addHelpTexts } from '../help/texts.js';
import { allFiles, pruneSummary } from '../prune-summary.js';
import { PRUNE_MOST_USED } from './most-used.js';
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
  mapOption,
} from './shared-options.js';

const EXAMPLE = `coreset prune packages.jsonl --keep 0.3 --text description --out kept.jsonl

keeps 30 % of the rows of packages.jsonl: kept.jsonl has their lines unchanged, and the folder
packages.coreset why every other row was dropped, a page that shows it, and every stage's result.`;

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
    const stream = flags.out !== undefined && isStdout(flags.out) ? process.stderr : process.stdout;
    const colours = coloursOf(stream);
    const lines = pruneSummary(result, colours);
    report(flags, summary, flags.verbose ? [...lines, ...allFiles(result, colours)] : lines, stream);
  });
}

/** The input and options of a run, for `prune` and `plan`. */
export function addPruneOptions(command: Command): Command {
  addHelpTexts(command, { mostUsed: PRUNE_MOST_USED });
  command
    .argument('<input...>', INPUT)
    .optionsGroup(GROUPS.budget)
    .option('--keep <share|count>', KEEP)
    .optionsGroup(GROUPS.output)
    .option(
      '--out <file>',
      "where the kept rows go: a file, in the format of its extension; DIR/, a file for each of the input's; - is standard output (default: kept.EXT in the run directory)",
    )
    .addOption(new Option('--emit <what>', 'write the kept rows, their ids or a mask (default: rows)').choices(EMITS))
    .option('--run-dir <dir>', 'folder for the result of every stage (default: INPUT.coreset)')
    .addOption(mapOption())
    .optionsGroup(GROUPS.others)
    .option(
      '--base <dir>',
      'run directory of an earlier prune: rows that it embedded are not embedded again, those that it kept stay and count',
    );
  for (const add of [
    addCorpusOptions,
    addOtherOptions,
    addModelOptions,
    addMethodOptions,
    addDifficultyOptions,
    addClassesAndScores,
    addReasonOptions,
    addSeedOption,
    addGraphOptions,
    addSteeringOptions,
    addD2Options,
  ])
    add(command);
  return command;
}

function addClassesAndScores(command: Command): Command {
  return command
    .optionsGroup(GROUPS.selection)
    .option(
      '--labels <field|file>',
      'class of each row, for the methods d2-per-class and moderate, and for a --difficulty of training dynamics',
    )
    .option('--scores <field|file>', 'difficulty from a field or file instead of one that is computed');
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
