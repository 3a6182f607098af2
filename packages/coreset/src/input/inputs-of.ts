import { statSync } from 'node:fs';
import type { RowFile } from '@coreset/rows';
import type { Inputs } from '../output/no-input.js';

/** Options that name files or folders which are read beside the rows. */
export interface ReadBeside {
  embeddings?: string;
  scores?: string;
  labels?: string;
  model?: string;
}

/**
 * Everything that a run reads.
 * @param given inputs as they were given: files, folders, patterns
 */
export function inputsOf(
  given: string[],
  file: RowFile | undefined,
  { embeddings, scores, labels, model }: ReadBeside = {},
): Inputs {
  const beside = [embeddings, scores, labels].filter((path) => path !== undefined && kindOf(path) === 'file');
  // Kept paths of images may lie among the images, kept rows would be rows at the next run.
  const shards = file?.format === 'folder' ? [] : given;
  return {
    files: [...(file?.parts.map(({ path }) => path) ?? []), ...(beside as string[])],
    folders: [...shards, ...(model === undefined ? [] : [model])].filter((path) => kindOf(path) === 'folder'),
  };
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  return status && (status.isDirectory() ? 'folder' : 'file');
}
