import { CoresetError } from '@coreset/core';
import { checkCache } from '@coreset/embedder';
import { METHODS, type MethodName, parseKeep } from '@coreset/selector';
import { type Command, Option } from 'commander';
import { compareMethods } from '../../compare/compare-methods.js';
import { comparisonTable } from '../../compare/comparison-table.js';
import { requireOptionsOf } from '../../defaults.js';
import { givenInputs } from '../../input/given.js';
import { inputsOf } from '../../input/inputs-of.js';
import { localInputs, requirePiped } from '../../input/local-inputs.js';
import { openInput } from '../../input/open-input.js';
import { requireOwnCache, requireOwnDirectory } from '../../output/no-input.js';
import { readExternal, trySettings } from '../../run/checked-run.js';
import { tellEnvironment } from '../../run/environment.js';
import { RunDirectory } from '../../run/run-directory.js';
import { chooseRunDir, identityOf } from '../../run/run-name.js';
import type { PruneOptions } from '../../run-options.js';
import { embedStage } from '../../stages/stages.js';
import { coloursOf } from '../colours.js';
import { type CommonFlags, numeric, positive, report, subcommand, withProgress } from '../command-line.js';
import { completes } from '../completion/values.js';
import { GROUPS } from '../help/groups.js';
import { addHelpTexts } from '../help/texts.js';
import { COMPARE_MOST_USED } from './most-used.js';
import { addCcsOptions, addCorpusOptions, addModelOptions, INPUT } from './shared-options.js';

const EXAMPLE = `coreset compare packages.jsonl --methods auto,d2,random --keep 0.05,0.3 --labels section

prints a table and writes compare.json, compare.csv and a plot per measure into packages.coreset. With
--labels a linear probe is trained on what each method keeps and tested on a held-out fifth.`;

const DEFAULT_METHODS = 'auto,d2,random,facility-location,k-center,moderate,ccs';

type Flags = CommonFlags &
  Omit<PruneOptions, 'keep' | 'method'> & {
    methods: string;
    keep: string;
    seeds?: number;
  };

function listOf(text: string, option: string): string[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length === 0) throw new CoresetError(`${option} needs at least one item`);
  return items;
}

/** `coreset compare` */
export function compareCommand(): Command {
  const command = subcommand(
    'compare',
    'Run several selectors on the same embeddings and measure what each keeps',
    EXAMPLE,
  )
    .argument('<input...>', INPUT)
    .optionsGroup(GROUPS.selection)
    .addOption(
      completes(
        new Option('--methods <list>', `selectors, separated by commas: ${Object.keys(METHODS).join(', ')}`).default(
          DEFAULT_METHODS,
        ),
        Object.keys(METHODS),
        { isList: true },
      ),
    )
    .optionsGroup(GROUPS.budget)
    .option('--keep <list>', 'what to KEEP, separated by commas: shares or counts', '0.05,0.1,0.3,0.5')
    .optionsGroup(GROUPS.selection)
    .option('--labels <field|file>', 'class of each row: adds label balance and a linear probe')
    .option('--scores <field|file>', 'difficulty from a field or file instead of the prototype distance')
    .addOption(numeric('--seeds <n>', 'runs with different seeds, and splits for the probe (default: 3)', positive))
    .optionsGroup(GROUPS.output)
    .option('--run-dir <dir>', 'folder for embeddings, tables and plots (default: INPUT.coreset)')
    .optionsGroup(GROUPS.advanced)
    .addOption(numeric('--prototypes <p>', 'number of k-means prototypes (default: √rows, at most 1000)', positive))
    .addOption(numeric('--k <k>', 'neighbours per row (default: 32 for auto, 10 for the others)', positive));
  addHelpTexts(command, { mostUsed: COMPARE_MOST_USED });
  for (const add of [addCcsOptions, addCorpusOptions, addModelOptions]) add(command);
  return command.action(async (input: string[], flags: Flags) => {
    const methods = listOf(flags.methods, '--methods') as MethodName[];
    const { strata, cutoff } = flags;
    for (const method of methods) await trySettings(method, { strata, cutoff }, flags);
    requireOptionsOf(methods, { strata, cutoff });
    const keep = listOf(flags.keep, '--keep');
    const given = givenInputs(input);
    requirePiped(given, flags);
    const runDir = chooseRunDir(given, flags.runDir);
    checkCache(flags);
    const inputs = await inputsOf(given, flags);
    requireOwnDirectory(runDir, inputs);
    requireOwnCache(flags.cache, [...(inputs.folders ?? []), runDir]);
    const run = new RunDirectory(runDir, identityOf(given));
    try {
      const { comparisons, rows } = await withProgress(flags, async (options) => {
        run.listener = options.onDiagnostics;
        const settings = { ...flags, ...options, onDiagnostics: run.onDiagnostics };
        const opened = await openInput(await localInputs(given, run.path, settings), settings);
        await tellEnvironment(options);
        for (const one of keep) parseKeep(one, opened.vectorCount);
        run.check = () => opened.watch.verify();
        const { scores, labels } = await readExternal(opened, settings);
        const embedded = await embedStage(run, opened, settings);
        const comparisons = await compareMethods(embedded.vectors, {
          ...options,
          methods,
          keep,
          seeds: flags.seeds,
          prototypes: flags.prototypes,
          k: flags.k,
          strata,
          cutoff,
          scores: scores && Float64Array.from(embedded.inputRows, (row) => scores[row]),
          labels: labels && Int32Array.from(embedded.inputRows, (row) => labels[row]),
        });
        return { comparisons, rows: embedded.vectors.rows };
      });
      const { writeComparison } = await import('../../compare/comparison-report.js'); // plots take half a second to load
      const files = await writeComparison(run.file('.'), comparisons, rows);
      const table = comparisonTable(comparisons, coloursOf(process.stdout), process.stdout.columns);
      const more = flags.verbose ? files : [`written to ${run.path}: compare.json, compare.csv and a plot per measure`];
      report(flags, { rows, comparisons, files }, [...table, '', ...more]);
    } finally {
      run.close();
    }
  });
}
