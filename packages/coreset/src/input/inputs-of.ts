import { statSync } from 'node:fs';
import { pickOptions, type RunOptions } from '@coreset/core';
import { OPEN_OPTIONS, type OpenOptions, openRowsInTurns } from '@coreset/rows';
import type { Inputs } from '../output/no-input.js';
import { isCopied } from './local-inputs.js';

/** Options that name files or folders which are read beside the rows. */
export interface ReadBeside extends OpenOptions {
  embeddings?: string;
  scores?: string;
  labels?: string;
  against?: string;
  toward?: string;
  away?: string;
  model?: string;
}

/**
 * Everything that a run reads.
 * @param given inputs as they were given: files, folders, patterns
 * @throws CoresetError when one is not there
 */
export async function inputsOf(given: string[], options: ReadBeside & RunOptions): Promise<Inputs> {
  const { embeddings, scores, labels, against, toward, away, model } = options;
  const others = [against, toward, away].filter((path) => path !== undefined);
  const open = { ...pickOptions(options, OPEN_OPTIONS), onNotice: undefined };
  const file = given.some(isCopied) ? undefined : await openRowsInTurns(given, open, options.signal);
  const beside = [embeddings, scores, labels, ...others].filter(
    (path) => path !== undefined && kindOf(path) === 'file',
  );
  // Kept paths of images may lie among the images, kept rows would be rows at the next run.
  const shards = file?.format === 'folder' ? [] : given;
  return {
    files: [...(file?.parts.map(({ path }) => path) ?? []), ...(beside as string[])],
    folders: [...shards, ...others, ...(model === undefined ? [] : [model])].filter(
      (path) => kindOf(path) === 'folder',
    ),
  };
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  return status && (status.isDirectory() ? 'folder' : 'file');
}
