import { readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { PYTHON, python } from '../../../test/python.ts';

/** What came back for a step: of a cell its reply and outputs, else the reply. */
export interface Result {
  status: string;
  ename?: string;
  evalue?: string;
  outputs: { type: string; name?: string; text?: string; data?: Record<string, unknown>; [key: string]: unknown }[];
  /** From the interrupt to the end of the cell, or of a restart. */
  seconds: number;
  [key: string]: unknown;
}

export type Step =
  | { execute: string; metadata?: object; interrupt?: [shown: string, by: 'message' | 'SIGINT'] }
  | { together: string[] }
  | { complete: string }
  | { inspect: string; cursor_pos?: number }
  | { is_complete: string }
  | { restart: string };

export interface Session {
  cwd: string;
  env?: Record<string, string>;
  kernel?: string;
  steps: Record<string, Step>;
}

const CLIENT = new URL('notebook_client.py', import.meta.url);

/** The environment of Jupyter, with kernels in a data folder of its own. */
export function jupyterEnvironment(dataFolder: string): Record<string, string> {
  const path = [dirname(PYTHON), process.env.PATH].join(delimiter);
  return { PATH: path, JUPYTER_DATA_DIR: dataFolder, JUPYTER_PATH: '' };
}

/** Run cells by Jupyter's own client, a kernel per session. @returns the results of each session by the names of its steps */
export function runSessions(dataFolder: string, sessions: Session[]): Record<string, Result>[] {
  const env = jupyterEnvironment(dataFolder);
  return JSON.parse(python(readFileSync(CLIENT, 'utf8'), [JSON.stringify({ env, sessions })]));
}

/** All that a cell has printed. */
export function printedBy({ outputs }: Result, stream = 'stdout'): string {
  return outputs.flatMap(({ type, name, text }) => (type === 'stream' && name === stream ? [text] : [])).join('');
}
