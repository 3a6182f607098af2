import { Command } from 'commander';
import { VERSION } from '../version.js';
import { refuseRepeatedOptions, requireOptionsLast } from './command-line.js';
import { compareCommand } from './commands/compare.js';
import { embedCommand } from './commands/embed.js';
import { graphCommand } from './commands/graph.js';
import { jupyterCommand } from './commands/jupyter.js';
import { planCommand } from './commands/plan.js';
import { pruneCommand } from './commands/prune.js';
import { scoreCommand } from './commands/score.js';
import { selectCommand } from './commands/select.js';

const EXAMPLE = `
Example:
  coreset prune corpus.jsonl --keep 30% --out kept.jsonl

The same by stages, each of which writes files that NumPy reads:
  coreset embed corpus.jsonl --out embeddings.npy
  coreset score embeddings.npy --out difficulty.npy
  coreset graph embeddings.npy --k 10 --out graph
  coreset select --graph graph --scores difficulty.npy --keep 30% --out selection.json`;

/** The command line with all its commands. */
export function program(): Command {
  const root = new Command('coreset')
    .description(
      'Label-free data pruning: keep the part of a corpus worth training on, and know why the rest was dropped',
    )
    .version(VERSION)
    .addHelpText('after', EXAMPLE);
  for (const command of [
    pruneCommand(),
    planCommand(),
    embedCommand(),
    scoreCommand(),
    graphCommand(),
    selectCommand(),
    compareCommand(),
    jupyterCommand(),
  ]) {
    root.addCommand(command);
  }
  for (const command of [root, ...root.commands.flatMap((one) => [one, ...one.commands])]) {
    command.exitOverride().configureOutput({ outputError: (text, write) => write(oneLine(text)) });
    refuseRepeatedOptions(command);
    requireOptionsLast(command);
  }
  return root;
}

/** What commander says of wrong usage, with its suggestion, as one line of ours. */
function oneLine(text: string): string {
  return text.replace(/^error: /, 'coreset: ').replace(/\n\(Did you mean (.*)\?\)/s, '; did you mean $1?');
}
