// node scripts/jupyter.mjs lab | nbconvert …: Jupyter with the TypeScript kernel of this clone.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { jupyterEnvironment, python, setUpPython } from './python-env.mjs';

setUpPython();
const [command = 'lab', ...rest] = process.argv.slice(2);
const args = ['-m', 'jupyter', command, ...rest];
if (command === 'lab' && process.getuid?.() === 0) args.push('--allow-root');
const cwd = fileURLToPath(new URL('../notebooks', import.meta.url));
const { status } = spawnSync(python, args, { stdio: 'inherit', cwd, env: await jupyterEnvironment() });
process.exit(status ?? 1);
