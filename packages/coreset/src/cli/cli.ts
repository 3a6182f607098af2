import { CoresetError, fileError, isSystemError, memoryError, messageOf } from '@coreset/core';
import { type Command, CommanderError } from 'commander';
import { complain } from './colours.js';
import { Interrupted } from './command-line.js';
import { program } from './program.js';

const EXIT_BAD_INPUT = 2;
const EXIT_DEFECT = 1;
const EXIT_INTERRUPTED = 130;

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
    if (argv.length === 2) {
      root.outputHelp();
      return 0;
    }
    requireCommand(root, argv.slice(2));
    await root.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
    if (error instanceof Interrupted) {
      complain(error.message);
      return EXIT_INTERRUPTED;
    }
    if (CoresetError.isInstance(error)) {
      complain(error.message);
      return EXIT_BAD_INPUT;
    }
    const known = memoryError(error) ?? (isSystemError(error) ? systemError(error) : undefined);
    if (known !== undefined) {
      complain(known.message);
      return EXIT_BAD_INPUT;
    }
    complain(`unexpected ${error instanceof Error ? error.stack : messageOf(error)}`);
    return EXIT_DEFECT;
  }
}

/** Whatever the operating system refuses in a place where nobody thought of it. */
function systemError(error: NodeJS.ErrnoException): CoresetError {
  return fileError(error.syscall ?? 'use', error.path ?? 'what it needs', error);
}

// A reader that closes the pipe early (coreset … | head) ends the run quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  complain(fileError('write', 'standard output', error).message);
  process.exit(EXIT_BAD_INPUT);
});
// Progress that nobody reads is no reason to stop.
process.stderr.on('error', () => {});

const code = await main(process.argv);
// What waits for the reader of a pipe would hold the process.
if (code === EXIT_INTERRUPTED) process.exit(code);
process.exitCode = code;
