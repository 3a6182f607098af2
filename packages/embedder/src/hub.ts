import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CoresetError, messageOf } from '@coreset/core';
import { type Dtype, type Modality, OPTIONAL_FILES, requiredFiles, weightFiles } from './model-source.js';

const NOT_FOUND = 404;

/** Where models of the hub are kept. */
function hubFolder(id: string): string {
  const cache = process.env.HF_HOME ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface');
  return join(cache, 'coreset', id);
}

/** @returns whether the hub has the file */
async function downloadFile(id: string, file: string, folder: string): Promise<boolean> {
  const path = join(folder, file);
  if (existsSync(path)) return true;
  const url = `${process.env.HF_ENDPOINT ?? 'https://huggingface.co'}/${id}/resolve/main/${file}`;
  try {
    const token = process.env.HF_TOKEN;
    const response = await fetch(url, { headers: token ? { authorization: `Bearer ${token}` } : {} });
    if (response.status === NOT_FOUND) return false;
    if (!response.ok || !response.body) throw new Error(`${response.status} ${response.statusText}`);
    mkdirSync(dirname(path), { recursive: true });
    const part = `${path}.${process.pid}.part`;
    await pipeline(Readable.fromWeb(response.body), createWriteStream(part));
    renameSync(part, path);
    return true;
  } catch (error) {
    const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : '';
    throw new CoresetError(`cannot download ${url}: ${messageOf(error)}${cause}; there is no folder ${id} here either`);
  }
}

/**
 * Download what is needed of a model of the hub, once: into `coreset/` of the folder that HF_HOME names
 * (`~/.cache/huggingface`), from the server that HF_ENDPOINT names.
 * @returns the folder
 * @throws CoresetError when the hub cannot be reached or lacks a file that is needed
 */
export async function downloadModel(
  id: string,
  { dtype, modality }: { dtype: Dtype; modality: Modality },
): Promise<string> {
  const folder = hubFolder(id);
  const first = async (files: string[]): Promise<string> => {
    for (const file of files) if (await downloadFile(id, file, folder)) return file;
    throw new CoresetError(`the model ${id} of the hub lacks ${files.join(' or ')}`);
  };
  // What is needed last tells that all is here, and the hub is not asked.
  if (requiredFiles(folder, dtype, modality).every((file) => existsSync(join(folder, file)))) return folder;
  await first(['config.json']);
  for (const file of OPTIONAL_FILES[modality]) await downloadFile(id, file, folder);
  await first([modality === 'text' ? 'tokenizer.json' : 'preprocessor_config.json']);
  for (const weights of weightFiles(dtype, modality)) await downloadFile(id, `${weights}_data`, folder);
  await first(weightFiles(dtype, modality));
  return folder;
}
