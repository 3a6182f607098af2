import type { Command } from 'commander';

/** What the help of a command shows beside its options. */
export interface HelpTexts {
  /** Worked examples, with what they do. */
  example?: string;
  /** What the short help says of the options that most people need, by flag (`--keep`), and of arguments, by name. */
  mostUsed?: Readonly<Record<string, string>>;
}

const TEXTS = new WeakMap<Command, HelpTexts>();

/** What was said of a command. */
export function helpTexts(command: Command): HelpTexts {
  return TEXTS.get(command) ?? {};
}

/** Add to what the help of a command says. */
export function addHelpTexts(command: Command, texts: HelpTexts): Command {
  TEXTS.set(command, { ...helpTexts(command), ...texts });
  return command;
}
