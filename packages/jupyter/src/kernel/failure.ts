import { inspect } from 'node:util';
import { CoresetError } from '@coreset/core';
import type { Diagnostic } from '../language/converter.js';

/** Why a cell failed, as Jupyter shows it below the cell. */
export interface Failure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** What a cell's signal is aborted with, and how a cell ends that does not hear it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const OURS = new URL('..', import.meta.url);
const OURS_PATH = decodeURIComponent(OURS.pathname);

/** Frames that say nothing of the cell: the kernel's and Node's own. */
function isForeign(line: string): boolean {
  return /^\s+at /.test(line) && (line.includes(OURS.href) || line.includes(OURS_PATH) || line.includes('node:'));
}

/** Whatever a cell threw: what the reader can mend in one line, else with the frames of the cell. */
export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error) && Object.prototype.toString.call(thrown) !== '[object Error]') {
    const shown = inspect(thrown);
    return { ename: 'Thrown', evalue: shown, traceback: [`Thrown: ${shown}`] };
  }
  const { name, message } = thrown as Error;
  if (CoresetError.isInstance(thrown) || thrown instanceof Interrupted)
    return { ename: name, evalue: message, traceback: [`${name}: ${message}`] };
  const lines = inspect(thrown).split('\n');
  // Places in a cell are those of its JavaScript, which the reader does not see.
  const traceback = lines.filter((line) => !isForeign(line)).map((line) => line.replace(/(\bcell \d+):\d+:\d+/, '$1'));
  return { ename: name, evalue: message, traceback };
}

/** Type and syntax errors, a line each: line and column from 1 on, and what is wrong. */
export function failureOfTypes(diagnostics: Diagnostic[]): Failure {
  const lines = diagnostics.map(({ fileName, start, messageText }) => {
    const file = fileName === undefined ? '' : `${fileName} `;
    return `${file}${start.line + 1}:${start.character + 1} - ${messageText}`;
  });
  return { ename: 'TypeScript', evalue: lines[0], traceback: lines.map((line) => `TypeScript ${line}`) };
}
