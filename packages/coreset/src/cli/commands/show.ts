import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CoresetError } from '@coreset/core';
import { Command } from 'commander';
import { findRun } from '../../results/find-run.js';
import { GROUPS } from '../help/groups.js';
import { addHelpTexts } from '../help/texts.js';
import { RUN } from './explain.js';

const EXAMPLE = `coreset show corpus.coreset

opens the report of that run in the browser, and prints its path.`;

/** `coreset show` */
export function showCommand(): Command {
  const command = new Command('show')
    .description('Open the report of a run in the browser')
    .argument('<run>', RUN)
    .optionsGroup(GROUPS.output)
    .option('--print', 'print the path alone');
  return addHelpTexts(command, { example: EXAMPLE }).action(async (run: string, { print }: { print?: boolean }) => {
    const folder = findRun(run);
    const page = join(folder, 'report.html');
    if (!existsSync(page))
      throw new CoresetError(`${folder} has no report.html; run the command that made it again, to its end`);
    process.stdout.write(`${resolve(page)}\n`);
    if (!print) await open(resolve(page));
  });
}

/** What opens a file on a desktop; undefined where there is none. */
function opener(page: string): [command: string, ...args: string[]] | undefined {
  if (process.platform === 'darwin') return ['open', page];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', page];
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return DISPLAY || WAYLAND_DISPLAY ? ['xdg-open', page] : undefined;
}

/** Open a page as the desktop does; where that fails its path is printed already. */
async function open(page: string): Promise<void> {
  const [command, ...args] = opener(page) ?? [];
  if (command === undefined) return;
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  await new Promise<void>((settled) => {
    child.once('error', () => settled());
    child.once('spawn', () => settled());
  });
  child.unref();
}
