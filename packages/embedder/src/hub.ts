import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CoresetError, messageOf, writeFileAtomic } from '@coreset/core';
import { MODULES, pipelineFiles } from './model-pipeline.js';
import {
  type Dtype,
  externalFiles,
  type HubModel,
  type LocalModel,
  type Modality,
  OPTIONAL_FILES,
  requiredFiles,
  weightFiles,
} from './model-source.js';
import { isStaticByConfig, staticOptions, staticWeights } from './static/static-folder.js';

const NOT_FOUND = 404;

/** What is wanted of a model. */
interface Wanted {
  dtype: Dtype;
  modality: Modality;
}

/** Where what is downloaded of a model is kept: `refs/REVISION` names the commit, `snapshots/COMMIT` has its files. */
function hubFolder(id: string): string {
  const cache = process.env.HF_HOME ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface');
  return join(cache, 'coreset', id);
}

/** The commit that a revision was when it was first asked for. */
function knownCommit({ id, revision }: HubModel): string | undefined {
  const ref = join(hubFolder(id), 'refs', revision);
  return existsSync(ref) ? readFileSync(ref, 'utf8').trim() : undefined;
}

/** A model of the hub that is here with all that is wanted, so that the hub need not be asked. */
export function cachedModel(model: HubModel, { dtype, modality }: Wanted): LocalModel | undefined {
  const commit = knownCommit(model);
  if (commit === undefined) return undefined;
  const folder = join(hubFolder(model.id), 'snapshots', commit);
  // What is needed comes last, and so tells that all is here.
  const needed =
    modality === 'text' && isStaticByConfig(folder) ? staticWeights(folder) : requiredFiles(folder, dtype, modality);
  const isHere = needed.every((file) => existsSync(join(folder, file)));
  return isHere ? { kind: 'local', folder } : undefined;
}

/** Ask for a file. @returns undefined when the hub lacks it */
async function ask({ id, revision }: HubModel, file: string): Promise<Response | undefined> {
  const url = `${process.env.HF_ENDPOINT ?? 'https://huggingface.co'}/${id}/resolve/${encodeURIComponent(revision)}/${file}`;
  try {
    const token = process.env.HF_TOKEN;
    const response = await fetch(url, { headers: token ? { authorization: `Bearer ${token}` } : {} });
    if (response.ok) return response;
    await response.body?.cancel();
    if (response.status === NOT_FOUND) return undefined;
    throw new Error(`${response.status} ${response.statusText}`);
  } catch (error) {
    throw downloadError(url, id, error);
  }
}

function downloadError(url: string, id: string, error: unknown): CoresetError {
  const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : '';
  return new CoresetError(`cannot download ${url}: ${messageOf(error)}${cause}; there is no folder ${id} here either`);
}

/** Put what the hub answered into a file, by way of one beside it, which `finish` may look at. */
async function save(
  response: Response,
  path: string,
  id: string,
  finish?: (part: string) => Promise<void>,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  // Not the number of the process, which is the same in many a container.
  const part = `${path}.${randomUUID().slice(0, 8)}.part`;
  try {
    await pipeline(Readable.fromWeb(response.body ?? new ReadableStream()), createWriteStream(part)).catch((error) => {
      throw downloadError(response.url, id, error);
    });
    await finish?.(part);
    renameSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
}

/**
 * Download what is needed of a model of the hub, once: into `coreset/` of the folder that HF_HOME names
 * (`~/.cache/huggingface`), from the server that HF_ENDPOINT names. All files are of the commit that the revision was
 * when it was first asked for.
 * @returns the folder
 * @throws CoresetError when the hub cannot be reached or lacks a file that is needed
 */
export async function downloadModel(model: HubModel, { dtype, modality }: Wanted): Promise<string> {
  const { id } = model;
  const commit = knownCommit(model) ?? (await firstCommit(model));
  const pinned = { ...model, revision: commit };
  const folder = join(hubFolder(id), 'snapshots', commit);
  const download = async (file: string, finish?: (part: string) => Promise<void>): Promise<boolean> => {
    const path = join(folder, file);
    if (existsSync(path)) return true;
    const response = await ask(pinned, file);
    if (response) await save(response, path, id, finish);
    return response !== undefined;
  };
  const first = async (files: string[], finish?: (file: string, part: string) => Promise<void>): Promise<void> => {
    for (const file of files) if (await download(file, finish && ((part) => finish(file, part)))) return;
    throw new CoresetError(`the model ${id} of the hub lacks ${files.join(' or ')}`);
  };
  const isText = modality === 'text';
  const hasModules = isText && (await download(MODULES));
  if (isText && isStaticByConfig(folder)) {
    for (const file of staticOptions(folder)) await download(file);
    for (const file of staticWeights(folder)) await first([file]);
    return folder;
  }
  for (const file of [...OPTIONAL_FILES[modality], ...(hasModules ? pipelineFiles(folder) : [])]) await download(file);
  await first([isText ? 'tokenizer.json' : 'preprocessor_config.json']);
  await first(weightFiles(dtype, modality), async (weights, part) => {
    for (const file of externalFiles(folder, weights, part)) await first([file]);
  });
  return folder;
}

/** Every model has one of them; what sentence-transformers saves of a static one has no config.json. */
const FIRST_FILES = ['config.json', MODULES];

/** The commit that a revision is now, with its config.json or modules.json. */
async function firstCommit(model: HubModel): Promise<string> {
  const { id, revision } = model;
  let response: Response | undefined;
  let file = '';
  for (file of FIRST_FILES) if ((response = await ask(model, file))) break;
  if (response === undefined) {
    const of = revision === 'main' ? '' : ` (revision ${revision})`;
    throw new CoresetError(`the model ${id} of the hub${of} lacks ${FIRST_FILES.join(' and ')}`);
  }
  const named = response.headers.get('x-repo-commit') ?? '';
  const commit = /^\w+$/.test(named) ? named : revision;
  await save(response, join(hubFolder(id), 'snapshots', commit, file), id);
  const ref = join(hubFolder(id), 'refs', revision);
  await writeFileAtomic(ref, commit);
  return commit;
}
