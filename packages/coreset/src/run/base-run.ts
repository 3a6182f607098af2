import { constants, copyFileSync, existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  CoresetError,
  type Diagnostics,
  openNpyVectors,
  pickOptions,
  readNpy,
  readNpyVector,
  type Vectors,
} from '@coreset/core';
import { EMBED_OPTIONS, localSettings, modelSettings } from '@coreset/embedder';
import { contentOf, type RunInput } from '../input/open-input.js';
import { type Contents, contentPlaces, readContents } from '../stages/contents.js';
import { type EmbedSettings, modalityOf, modelFacts } from '../stages/embed-corpus.js';
import { finishedManifest, requireStageFiles } from './finished-run.js';
import { type Manifest, readManifest } from './manifest.js';
import type { RunDirectory } from './run-directory.js';

/** What an earlier run left, on which a run builds. */
export interface BaseRun {
  path: string;
  /** Of each row of its input. */
  contents: Contents;
  /** Kept rows of its input, in the order of picks. */
  picks: Int32Array;
  /** Its embeddings of texts or images; undefined where the vectors were there. */
  embedded?: {
    vectors: Vectors;
    /** See `Reading`, per row of the embeddings. */
    readings: Int32Array;
    /** The row of the embeddings of each row of its input, −1 where it has none. */
    rows: Int32Array;
    /** What decided the vectors. */
    facts: Diagnostics;
  };
}

/** Where a run in the same directory keeps what it builds on until it is complete. */
const ASIDE = '.base';
const FILES = ['contents.npy', 'selection.npy', 'embeddings.npy', 'readings.npy', 'manifest.json'];

/** The files of an earlier run that are read. */
export function filesOfBase(folder: string): string[] {
  return FILES.map((name) => join(folder, name)).filter((path) => existsSync(path));
}

/** Whether two names are those of one folder, so that a run builds on what is in its own directory. */
export function isSameFolder(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false; // one of them is not there
  }
}

/**
 * Keep what the base of a run in the same directory left, until the run is complete: one that is killed in between finds it
 * when it goes on.
 * @returns the base from there
 */
export async function setAside(run: RunDirectory, base: BaseRun, input: RunInput): Promise<BaseRun> {
  const aside = run.file(ASIDE);
  if (!isSameFolder(base.path, aside)) {
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside);
    // The manifest is the last: a folder that has it has all files that it names.
    for (const path of filesOfBase(run.path))
      copyFileSync(path, join(aside, basename(path)), constants.COPYFILE_FICLONE);
    await run.forget('select');
  }
  return openBase(aside, input);
}

/** Remove what {@link setAside} kept. */
export function removeAside(run: RunDirectory): void {
  rmSync(run.file(ASIDE), { recursive: true, force: true });
}

/** The folder itself, or where a run that is not complete set aside what it builds on. */
function completeIn(folder: string): string {
  const aside = join(folder, ASIDE);
  const isBegun = (manifest: Manifest): boolean => manifest.given.length > 0 && manifest.stages.select === undefined;
  return isBegun(readManifest(folder)) && readManifest(aside).stages.select !== undefined ? aside : folder;
}

/**
 * Open what an earlier run left.
 * @param given its run directory
 * @throws CoresetError when it is no finished run of this version, or its input held something else
 */
export function openBase(given: string, input: RunInput): BaseRun {
  const folder = completeIn(given);
  const refuse = (what: string): CoresetError => new CoresetError(`--base ${folder} ${what}`);
  const left = { folder, refuse, otherwise: ', or leave --base out' };
  const manifest = finishedManifest(left);
  const wanted = contentOf(input);
  const isEmbedded = manifest.stages.embed !== undefined;
  requireStageFiles(left, manifest, isEmbedded ? 'embed' : 'contents', ['contents.npy']);
  requireStageFiles(left, manifest, 'select', ['selection.npy']);
  const holds = isEmbedded ? manifest.stages.embed.diagnostics?.modality : 'vector';
  if (holds !== wanted)
    throw refuse(
      `is a run of ${holds}s, and ${input.file.path} is compared by ${wanted}s; name a run of the same kind`,
    );
  const contents = readContents(join(folder, 'contents.npy'));
  const base = { path: folder, contents, picks: Int32Array.from(readNpyVector(join(folder, 'selection.npy'))) };
  if (wanted === 'vector') return base;
  requireStageFiles(left, manifest, 'embed', ['embeddings.npy', 'readings.npy']);
  return {
    ...base,
    embedded: {
      vectors: openNpyVectors(join(folder, 'embeddings.npy')),
      readings: readNpy(join(folder, 'readings.npy')).data as Int32Array,
      rows: contentPlaces(contents),
      facts: manifest.stages.embed.diagnostics ?? {},
    },
  };
}

/** Not what a model is called, but what it is. */
const NAMES = ['model', 'commit'];

/**
 * Find out whether the vectors of an earlier run are those that this one would make.
 * @throws CoresetError that says what differs
 */
export async function requireSameModel(base: BaseRun, input: RunInput, options: EmbedSettings): Promise<void> {
  if (base.embedded === undefined || input.kind === 'vectors') return;
  const settings = await localSettings({ ...pickOptions(options, EMBED_OPTIONS), modality: modalityOf(input.corpus) });
  const now: Diagnostics = modelFacts(settings, options.model);
  const { facts } = base.embedded;
  for (const name of Object.keys(now)) {
    const [before, asked] = [facts[name], now[name]].map((value) => JSON.stringify(value));
    if (NAMES.includes(name) || before === asked) continue;
    const what =
      name === 'modelFiles'
        ? `by a model of other files (${facts.model ?? 'unknown'}, here ${now.model})`
        : `with ${name} ${before ?? 'unknown'}, here it is ${asked}`;
    throw new CoresetError(
      `--base ${base.path} was embedded ${what}; give the model and settings that it had, or leave --base out`,
    );
  }
}

/** Whether the model of a run is on this machine, so that {@link requireSameModel} does not fetch it. */
export function isModelHere(input: RunInput, options: EmbedSettings): boolean {
  if (input.kind === 'vectors' || input.corpus.content.modality === 'vector') return true;
  const settings = { ...pickOptions(options, EMBED_OPTIONS), modality: modalityOf(input.corpus) };
  return modelSettings(settings).source.kind === 'local';
}

/**
 * Vectors of a run with larger batches depend on the rows beside them.
 * @throws CoresetError when such are asked for beside a run that vectors are copied from
 */
export function checkBase({ base, batchSize }: { base?: string; batchSize?: number }): void {
  if (base === undefined) return;
  if (base === '') throw new CoresetError('--base is empty; name the run directory of an earlier run');
  if (batchSize !== undefined && batchSize > 1)
    throw new CoresetError(
      `--batch-size ${batchSize} makes a vector depend on the rows beside it, and --base copies vectors; leave one of them out`,
    );
}
