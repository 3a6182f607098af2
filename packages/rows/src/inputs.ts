import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { CoresetError } from '@coreset/core';
import { globSync, isDynamicPattern } from 'tinyglobby';
import { isAddress } from './bytes/remote.js';
import { imagesAmong, otherPictures } from './folder.js';
import { EXTENSIONS } from './format.js';
import { listFolder, listFolderInTurns } from './list-folder.js';
import type { InputFile, OpenOptions } from './row.js';

/** Lists a folder, see {@link listFolder}. */
type List = (folder: string) => readonly string[];

type OnNotice = OpenOptions['onNotice'];

const SHARD = new RegExp(`(${EXTENSIONS.map((extension) => `\\${extension}`).join('|')})(\\.(gz|zstd?))?$`, 'i');

/** What tools, this one too, leave beside the shards of a data set. */
const NO_SHARD = new RegExp(
  [
    '(^|/)_',
    '\\.coreset/',
    // What map and filter of `datasets` gave, by the hash of what was done.
    '(^|/)cache-[^/]{16}(_[^/]*)?\\.arrow$',
    '(^|/)(dataset_info|dataset_infos|dataset_dict|state)\\.json$',
  ].join('|'),
);

/**
 * The files that names, glob patterns and folders of shards stand for: each argument in its turn, what a pattern or
 * folder holds in the order of the paths. A folder of images stays one input, whatever else it holds.
 * @throws CoresetError when a pattern or folder holds no file of rows, or a file is named twice
 */
export function listInputs(inputs: readonly string[], onNotice?: OnNotice): InputFile[] {
  return inputFiles(inputs, onNotice, listFolder);
}

/**
 * As {@link listInputs}, letting others have their turn where a folder has very many files.
 * @throws the reason of the signal when it aborts
 */
export async function listInputsInTurns(
  inputs: readonly string[],
  onNotice: OnNotice,
  signal: AbortSignal | undefined,
): Promise<InputFile[]> {
  const listed = new Map<string, readonly string[]>();
  for (const input of inputs)
    if (!isAddress(input) && isFolder(input)) listed.set(input, await listFolderInTurns(input, signal));
  return inputFiles(inputs, onNotice, (folder) => listed.get(folder) ?? listFolder(folder));
}

function inputFiles(inputs: readonly string[], onNotice: OnNotice, list: List): InputFile[] {
  if (inputs.length === 0) throw new CoresetError('there is no input; name a file, several, a folder or a pattern');
  const files = inputs.flatMap((input) => filesOf(input, onNotice, list));
  const seen = new Map<string, string>();
  for (const { path } of files) {
    const before = seen.get(resolve(path));
    if (before !== undefined)
      throw new CoresetError(`${path} is given twice${before === path ? '' : `, also as ${before}`}`);
    seen.set(resolve(path), path);
  }
  return withDistinctNames(files);
}

function filesOf(input: string, onNotice: OnNotice, list: List): InputFile[] {
  if (isAddress(input)) return [{ path: input, name: basename(new URL(input).pathname), partitions: {} }];
  if (!existsSync(input) && isDynamicPattern(input)) return filesOfPattern(input);
  if (isFolder(input)) return filesOfFolder(input, list(input), onNotice);
  return [{ path: input, name: basename(input), partitions: {} }];
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function filesOfPattern(pattern: string): InputFile[] {
  const paths = globSync(pattern.replaceAll('\\', '/'), {
    expandDirectories: false,
    absolute: isAbsolute(pattern),
  }).sort();
  const matching = withoutLinkedFolders(paths);
  if (paths.length === 0) throw new CoresetError(`${pattern}: no file matches this pattern`);
  // The part before the first wildcard is the folder that was given.
  const fixed: string[] = [];
  for (const segment of pattern.split('/').slice(0, -1)) {
    if (isDynamicPattern(segment)) break;
    fixed.push(segment);
  }
  const root = fixed.length > 0 ? `${fixed.join('/')}/` : '.';
  return matching.map((path) => inputFile(path, relative(root, path)));
}

/** Of files that are reached by several paths, through links to folders, the one without links, or else the first. */
function withoutLinkedFolders(paths: string[]): string[] {
  const reached = new Map<string, string>();
  const realFolders = new Map<string, string>();
  for (const path of paths) {
    const folder = dirname(path);
    const real = realFolders.get(folder) ?? realpathSync(folder);
    realFolders.set(folder, real);
    const file = join(real, basename(path));
    if (!reached.has(file) || resolve(path) === file) reached.set(file, path);
  }
  return [...reached.values()].sort();
}

function filesOfFolder(folder: string, files: readonly string[], onNotice: OnNotice): InputFile[] {
  const shards = files.filter((file) => SHARD.test(file) && !NO_SHARD.test(file));
  const whole = [{ path: folder, name: basename(resolve(folder)), partitions: {}, files }];
  if (imagesAmong(files).length === 0) {
    // A folder with neither is told so where it is opened.
    if (shards.length === 0) return whole;
    const splits = splitsOf(shards);
    if (splits.length > 1)
      onNotice?.(
        `${folder} holds the splits ${splits.join(', ')}, which are read as one corpus; name the files of one to prune it alone`,
      );
    return shards.map((shard) => inputFile(join(folder, shard), shard));
  }
  const others = shards.filter((path) => !/(^|\/)metadata\.[^/]*$|\.txt$/i.test(path));
  if (others.length > 0)
    onNotice?.(`${folder} is read as a folder of images; ${others[0]} in it is not read, name it to read its rows`);
  const pictures = otherPictures(files);
  if (pictures !== undefined)
    onNotice?.(
      `${folder}: pictures of kinds that are not read are passed over (${pictures}); convert them to JPEG or PNG`,
    );
  return whole;
}

/** The splits of a data set that folders, or the beginnings of file names, are called after. */
function splitsOf(paths: string[]): string[] {
  const found = paths.flatMap(
    (path) => path.match(/(?<=^|\/)(train|test|valid|validation|val|dev|eval)(?=[-_./]|$)/i) ?? [],
  );
  return [...new Set(found.map((split) => split.toLowerCase()))].sort();
}

const DEFAULT_PARTITION = '__HIVE_DEFAULT_PARTITION__';

function inputFile(path: string, name: string): InputFile {
  const partitions: InputFile['partitions'] = {};
  for (const segment of name.split(/[/\\]/).slice(0, -1)) {
    const at = segment.indexOf('=');
    if (at <= 0) continue;
    const value = decoded(segment.slice(at + 1));
    partitions[decoded(segment.slice(0, at))] = value === DEFAULT_PARTITION ? null : value;
  }
  return { path, name: name.replaceAll(sep, '/'), partitions };
}

/** Hive writes characters that a path cannot have in percent-encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Files of one name in different folders are told apart by their folders. */
function withDistinctNames(files: InputFile[]): InputFile[] {
  if (new Set(files.map(({ name }) => name)).size === files.length) return files;
  const paths = files.map(({ path }) => resolve(path).split(sep));
  let common = 0;
  while (paths.every((parts) => parts[common] === paths[0][common])) common++;
  return files.map((file, i) => ({ ...file, name: paths[i].slice(common).join('/') }));
}
