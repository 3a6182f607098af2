import type { CommandPart } from '../report-data.js';

/** Where nothing tells of the run directory. */
const UNKNOWN = 'RUN';

/** A command line to copy, for a shell. @param run the run directory */
export function commandLine(parts: readonly CommandPart[], { run, budget }: { run: string; budget: number }): string {
  return parts
    .map((part) => (typeof part === 'string' ? part : part.of === 'run' ? shellWord(run) : String(budget)))
    .join('');
}

/** A text as one word of a shell command, in quotes where it needs them. */
export function shellWord(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * The run directory by the address of the page in it, so that it may be moved: its path where the page is a file, its name
 * where a server has it, `RUN` where it is a part of another page.
 */
export function runOf({ protocol, pathname }: Pick<URL, 'protocol' | 'pathname'>): string {
  if (!/^(file|https?):$/.test(protocol)) return UNKNOWN;
  const folder = decoded(pathname.slice(0, pathname.lastIndexOf('/')));
  if (protocol === 'file:') return folder || '/';
  return folder.slice(folder.lastIndexOf('/') + 1) || UNKNOWN;
}

/** As it is where it is no UTF-8. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
