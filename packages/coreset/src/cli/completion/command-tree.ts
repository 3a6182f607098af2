import type { Command } from 'commander';
import { isRepeatable } from '../command-line.js';
import { argumentValues, type Values, valuesOf } from './values.js';

/** An option, for completion. */
export interface OptionNode {
  /** As on the command line, the long form first: `--help`, `-h`. */
  flags: string[];
  description: string;
  /** Undefined where it takes none. */
  values?: Values;
  isRepeatable: boolean;
}

/** A command with those below it, for completion. */
export interface CommandNode {
  /** `prune`; empty for the program itself. */
  path: string;
  name: string;
  description: string;
  options: OptionNode[];
  /** What may stand in the place of arguments. */
  values: Values;
  commands: CommandNode[];
}

/** What may be completed of a program. */
export function commandTree(command: Command, above: readonly string[] = []): CommandNode {
  const help = command.createHelp();
  const values = command.registeredArguments.map(argumentValues);
  return {
    path: above.join(' '),
    name: command.name(),
    description: brief(command.description()),
    options: help.visibleOptions(command).map((option) => ({
      flags: [option.long, option.short].filter((flag) => flag !== undefined && flag !== null),
      description: brief(option.description),
      values: valuesOf(option),
      isRepeatable: isRepeatable(option),
    })),
    values: {
      words: values.flatMap(({ words }) => words),
      isList: false,
      paths: values.find(({ paths }) => paths !== 'none')?.paths ?? 'none',
    },
    commands: command.commands.map((one) => commandTree(one, [...above, one.name()])),
  };
}

/** The command and all below it. */
export function allCommands(command: CommandNode): CommandNode[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

const BRIEF = 80;

/** The beginning of a description, before what explains it. */
function brief(description: string): string {
  const [beginning] = description.split(/; | \(/);
  return beginning.length > BRIEF ? beginning.split(': ')[0] : beginning;
}
