import {
  CoresetError,
  isDebugged,
  type RunOptions,
  requireInteger,
  requireNumber,
  requireSeed,
  requireThreads,
} from '@coreset/core';
import { Command, Option } from 'commander';
import { coloursOf } from './colours.js';
import { GROUPS } from './help/groups.js';
import { addHelpTexts } from './help/texts.js';
import { progressDisplay } from './progress-display.js';

/** A command's options that every command has. */
export interface CommonFlags {
  threads?: number;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}

const DECIMAL = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;

/** What a number has to be; the name is that of the option. @throws CoresetError when it is not */
export type NumberCheck = (name: string, value: number) => void;

/** A whole number from 1 on. */
export const positive: NumberCheck = (name, value) => requireInteger(name, value, 1);

/** A number from 0 on. */
export const notNegative: NumberCheck = (name, value) => requireNumber(name, value, 0);

/** A cosine that can be asked for. */
export const cosine: NumberCheck = (name, value) => {
  if (!(value > 0 && value <= 1))
    throw new CoresetError(`${name} must be a cosine above 0 and at most 1, got ${value}`);
};

/** Worker threads. */
const threadCount: NumberCheck = (name, threads) => requireThreads(threads, name);

/** The seed of random choices. */
export const seed: NumberCheck = (name, value) => requireSeed(value, name);

/** Parse an option that is a decimal number. @throws CoresetError naming the option */
export function numberOption(flag: string, check: NumberCheck): (text: string) => number {
  return (text) => {
    const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) throw new CoresetError(`${flag} '${text}' is not a number`);
    check(flag, value);
    return value;
  };
}

/** An option that is a number. */
export function numeric(flags: string, description: string, check: NumberCheck): Option {
  const long = /--[a-z-]+/.exec(flags)?.[0] ?? flags;
  return new Option(flags, description).argParser(numberOption(long, check));
}

const REPEATABLE = new WeakSet<Option>();

/** An option that may be given several times: a list in the order given. */
export function repeatable(flags: string, description: string): Option {
  const option = new Option(flags, `${description}; may be given several times`).argParser(
    (text: string, before: string[] | undefined) => [...(before ?? []), text],
  );
  REPEATABLE.add(option);
  return option;
}

/** Whether an option may be given several times. */
export function isRepeatable(option: Option): boolean {
  return REPEATABLE.has(option);
}

/** Ask for required options behind all else: an option that is not known is more likely a slip of the missing one. */
export function requireOptionsLast(command: Command): void {
  for (const option of command.options.filter(({ mandatory }) => mandatory)) {
    option.mandatory = false;
    command.hook('preAction', () => {
      if (command.getOptionValue(option.attributeName()) === undefined)
        throw new CoresetError(`required option '${option.flags}' not specified`);
    });
  }
}

/** An option that is given twice is a slip: of two values one would be used in silence. */
export function refuseRepeatedOptions(command: Command): void {
  for (const option of command.options) {
    if (isRepeatable(option)) continue;
    let given = 0;
    command.on(`option:${option.name()}`, () => {
      if (++given > 1 && option.required) throw new CoresetError(`${option.long} is given twice; give it once`);
    });
  }
}

/** A subcommand with the options that all have, and a worked example in its help. */
export function subcommand(name: string, description: string, example: string): Command {
  const command = new Command(name)
    .description(description)
    .addOption(
      numeric(
        '--threads <n>',
        'worker threads; the result does not depend on it (default: all cores)',
        threadCount,
      ).helpGroup(GROUPS.advanced),
    )
    .optionsGroup(GROUPS.output)
    .option('--json', 'print one JSON object about the run on standard output')
    .option('--quiet', 'no progress on standard error')
    .addOption(
      new Option(
        '--verbose',
        'list all files that were written, and on standard error what decides the result, as manifest.json keeps it',
      ).conflicts('quiet'),
    );
  return addHelpTexts(command, { example });
}

/**
 * Run a command's work with progress on standard error; SIGINT and SIGTERM stop it in good order.
 * @returns what the work returns
 */
export async function withProgress<Result>(
  flags: CommonFlags,
  work: (options: RunOptions) => Promise<Result>,
): Promise<Result> {
  const display = progressDisplay();
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => controller.abort(new Interrupted(signal));
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    return await work({
      threads: flags.threads,
      signal: controller.signal,
      onNotice: display.note,
      onDiagnostics: flags.verbose || isDebugged() ? display.onDiagnostics : undefined,
      onProgress: flags.quiet ? undefined : display.onProgress,
    });
  } finally {
    display.stop();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** The reason of an abort by a signal. */
export class Interrupted extends Error {
  constructor(readonly signalName: NodeJS.Signals) {
    super(`stopped by ${signalName}; run the same command again to go on where it stopped`);
  }
}

/** Print the result: one JSON object under `--json`, else lines for people. */
export function report(
  flags: CommonFlags,
  summary: object,
  lines: string[],
  stream: NodeJS.WriteStream = process.stdout,
): void {
  stream.write(flags.json ? `${JSON.stringify(summary)}\n` : `${lines.join('\n')}\n`);
}

/** A line on standard error before the work begins, unless `--quiet`. */
export function announce(flags: CommonFlags, line: string): void {
  if (!flags.quiet) process.stderr.write(`${coloursOf(process.stderr).dim(line)}\n`);
}
