import { Command } from 'commander';
import { VERSION } from '../version.js';
import { coloursOf, hasColours } from './colours.js';
import { refuseRepeatedOptions, requireOptionsLast } from './command-line.js';
import { compareCommand } from './commands/compare.js';
import { completionCommand } from './commands/completion.js';
import { embedCommand } from './commands/embed.js';
import { explainCommand } from './commands/explain.js';
import { exportCommand } from './commands/export.js';
import { graphCommand } from './commands/graph.js';
import { jupyterCommand } from './commands/jupyter.js';
import { planCommand } from './commands/plan.js';
import { pruneCommand } from './commands/prune.js';
import { scoreCommand } from './commands/score.js';
import { selectCommand } from './commands/select.js';
import { showCommand } from './commands/show.js';
import { useGroupedHelp } from './help/grouped-help.js';
import { addHelpTexts } from './help/texts.js';

const EXAMPLE = `coreset prune corpus.jsonl --keep 30% --out kept.jsonl
coreset plan corpus.jsonl --keep 30%
coreset compare corpus.jsonl --keep 0.05,0.3

The first keeps 30 % of the rows. The second says what that would take, before any work. The third shows
which method suits these rows, beside a choice at random.`;

const MORE = `
coreset COMMAND --help shows what most people need, --help-all every option.`;

/** The commands by what one wants to do, in the order of the help. */
function commandGroups(): Record<string, Command[]> {
  return {
    'Prune:': [pruneCommand(), planCommand(), compareCommand()],
    'Look at what a run left:': [showCommand(), explainCommand(), exportCommand()],
    'Stage by stage, each of which writes files that NumPy reads:': [
      embedCommand(),
      scoreCommand(),
      graphCommand(),
      selectCommand(),
    ],
    'Set up:': [completionCommand(), jupyterCommand()],
  };
}

/** The command line with all its commands. */
export function program(): Command {
  const root = new Command('coreset')
    .description(
      'Keep the part of a corpus worth training on, without labels, and know why the rest was dropped: texts, images or vectors',
    )
    .usage('<command> [options]')
    .version(VERSION, '-V, --version', 'print the version')
    .addHelpText('after', MORE);
  addHelpTexts(root, { example: EXAMPLE });
  for (const [heading, commands] of Object.entries(commandGroups()))
    for (const command of commands) root.addCommand(command.helpGroup(heading));
  useGroupedHelp(root);
  for (const command of withAllBelow(root)) {
    command.exitOverride().configureOutput({
      outputError: (text, write) => write(oneLine(text)),
      getOutHasColors: () => hasColours(process.stdout),
      getErrHasColors: () => hasColours(process.stderr),
    });
    refuseRepeatedOptions(command);
    requireOptionsLast(command);
  }
  return root;
}

function withAllBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withAllBelow)];
}

/** What commander says of wrong usage, with its suggestion, as one line of ours. */
function oneLine(text: string): string {
  const { bold, red } = coloursOf(process.stderr);
  return text
    .replace(/^error: /, () => `${bold(red('coreset:'))} `)
    .replace(/\n\(Did you mean (.*)\?\)/s, '; did you mean $1?');
}
