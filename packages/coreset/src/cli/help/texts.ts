import type { Command } from 'commander';

/** What the help of a command shows beside its options. */
export interface HelpTexts {
  /** Worked examples, with what they do. */
  example?: string;
  /** Of the options that most people need what the short help says, by flag: `--keep`. */
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
