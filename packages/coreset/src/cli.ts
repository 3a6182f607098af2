import { CoresetError, messageOf } from '@coreset/core';
import { Command, CommanderError } from 'commander';
import { Interrupted, refuseRepeatedOptions, requireOptionsLast } from './command-line.js';
import { compareCommand } from './commands/compare.js';
import { embedCommand } from './commands/embed.js';
import { graphCommand } from './commands/graph.js';
import { planCommand } from './commands/plan.js';
import { pruneCommand } from './commands/prune.js';
import { scoreCommand } from './commands/score.js';
import { selectCommand } from './commands/select.js';
import { VERSION } from './version.js';

const EXIT_BAD_INPUT = 2;
const EXIT_DEFECT = 1;
const EXIT_INTERRUPTED = 130;

const EXAMPLE = `
Example:
  coreset prune corpus.jsonl --keep 30% --out kept.jsonl

The same by stages, each of which writes files that NumPy reads:
  coreset embed corpus.jsonl --out embeddings.npy
  coreset score embeddings.npy --out difficulty.npy
  coreset graph embeddings.npy --k 10 --out graph
  coreset select --graph graph --scores difficulty.npy --keep 30% --out selection.json`;

function program(): Command {
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
  ]) {
    root.addCommand(command);
  }
  for (const command of [root, ...root.commands]) {
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

/** `--help` of a command that is none would show the general help as if all were well. */
function requireCommand(root: Command, [first]: string[]): void {
  if (first === undefined || first.startsWith('-') || first === 'help') return;
  if (root.commands.some((command) => command.name() === first)) return;
  root.parse(['node', 'coreset', first]); // says so, and suggests the nearest
}

/** Run the command line and return the exit code: 0, 2 for bad input or options, 130 when interrupted, 1 for a defect. */
async function main(argv: string[]): Promise<number> {
  try {
    const root = program();
    requireCommand(root, argv.slice(2));
    await root.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
    if (error instanceof Interrupted) {
      process.stderr.write(`coreset: ${error.message}\n`);
      return EXIT_INTERRUPTED;
    }
    if (CoresetError.isInstance(error)) {
      process.stderr.write(`coreset: ${error.message}\n`);
      return EXIT_BAD_INPUT;
    }
    process.stderr.write(`coreset: unexpected ${error instanceof Error ? error.stack : messageOf(error)}\n`);
    return EXIT_DEFECT;
  }
}

// A reader that closes the pipe early (coreset … | head) ends the run quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : EXIT_DEFECT));

process.exitCode = await main(process.argv);
