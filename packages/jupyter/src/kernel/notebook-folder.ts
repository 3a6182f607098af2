import { statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';

function folderOf(notebook: string): string | undefined {
  const folder = dirname(notebook);
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? folder : undefined;
}

/** The folder of the notebook, by what Jupyter's server says of it, else the working directory. */
export function folderAtStart(environment: NodeJS.ProcessEnv, cwd: string): string {
  const notebook = environment.JPY_SESSION_NAME ?? '';
  if (!isAbsolute(notebook) && !notebook.endsWith('.ipynb')) return cwd;
  return folderOf(resolve(cwd, notebook)) ?? cwd;
}

/** The folder of the notebook by the metadata of a cell: VS Code names the cell `vscode-notebook-cell:/path/to/it.ipynb#…`. */
export function folderOfCell({ cellId }: Record<string, unknown>): string | undefined {
  if (typeof cellId !== 'string' || !URL.canParse(cellId)) return undefined;
  const { protocol, pathname } = new URL(cellId);
  if (protocol !== 'vscode-notebook-cell:') return undefined;
  const path = decodeURIComponent(pathname).replace(/^\/(?=[a-z]:)/i, '');
  return isAbsolute(path) ? folderOf(path) : undefined;
}
