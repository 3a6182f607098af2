import { fileURLToPath } from 'node:url';
import { CoresetError } from '@coreset/core';
import type { Check, KernelPlace } from '@coreset/jupyter';
import { Command } from 'commander';
import { addHelpTexts } from '../help/texts.js';

const EXAMPLE = `coreset jupyter install
coreset jupyter doctor

The first puts the kernel where Jupyter finds it: choose "TypeScript (coreset)" in JupyterLab or VS Code. The second
says what is missing. In any folder's notebook import { prune } from 'coreset' works then, and packages of that folder's node_modules.`;

/** The folder of this package: what a notebook's folder does not have is looked for beside it. */
const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url));

/** `coreset jupyter install`, `uninstall` and `doctor` */
export function jupyterCommand(): Command {
  const command = new Command('jupyter').description('Install, remove or check the TypeScript kernel for Jupyter');
  addHelpTexts(command, { example: EXAMPLE });
  placed(command.command('install').description('Put the kernel where Jupyter finds it')).action(install);
  placed(command.command('uninstall').description('Remove the kernel')).action(uninstall);
  placed(command.command('doctor').description('Say what the kernel needs and does not find (exit code 2)')).action(
    doctor,
  );
  return command;
}

function placed(command: Command): Command {
  return command
    .option('--user', 'in the data folder of this user (default; uninstall, doctor: wherever Jupyter finds it)')
    .option('--sys-prefix', 'in the active Python environment')
    .option('--prefix <dir>', 'in share/jupyter/kernels of a folder')
    .option('--name <name>', 'of the kernel (default: coreset)');
}

async function install(place: KernelPlace): Promise<void> {
  const { installKernel } = await loaded();
  const { displayName, folder, isFound, hint } = await installKernel({ ...place, packages: PACKAGES });
  process.stdout.write(`${displayName}: ${folder}\n`);
  if (isFound === undefined)
    process.stderr.write(
      "coreset: note: no 'jupyter' on the PATH; pip install jupyterlab, or activate the environment that has it\n",
    );
  if (hint !== undefined) process.stderr.write(`coreset: note: ${hint}\n`);
}

async function uninstall(place: KernelPlace): Promise<void> {
  const { uninstallKernel } = await loaded();
  for (const folder of uninstallKernel(place)) process.stdout.write(`removed ${folder}\n`);
}

async function doctor(options: KernelPlace): Promise<void> {
  const { doctor } = await loaded();
  const checks: Check[] = await doctor(options);
  for (const { name, isFine, says } of checks)
    process.stdout.write(`${isFine ? 'ok     ' : 'missing'}  ${name}: ${says}\n`);
  const missing = checks.filter(({ isFine }) => !isFine).map(({ name }) => name);
  if (missing.length > 0) throw new CoresetError(`the kernel is not ready: ${missing.join(', ')}`);
}

async function loaded(): Promise<typeof import('@coreset/jupyter')> {
  try {
    return await import('@coreset/jupyter');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new CoresetError('the kernel is a package of its own; npm install @coreset/jupyter beside coreset', {
      cause: error,
    });
  }
}
