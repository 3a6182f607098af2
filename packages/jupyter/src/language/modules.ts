import Module, { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolve as resolveImport } from 'import-meta-resolve';
import type { SideOutput } from './converter.js';
import { isPackageName, type Place, urlIn } from './typescript.js';

type Require = (name: string) => unknown;

/** What cells import: packages from the notebook's folder, else from where the kernel has its own; files beside the notebook. */
export class Modules {
  readonly #place: Place;
  readonly #tslab: unknown;
  readonly #sources = new Map<string, string>();
  readonly #loaded = new Map<string, Module>();

  constructor(place: Place, tslab: unknown) {
    this.#place = place;
    this.#tslab = tslab;
  }

  /** TypeScript files that were compiled with a cell; a changed one is loaded anew. */
  add(files: SideOutput[]): void {
    for (const { path, data } of files) {
      this.#sources.set(path, data);
      this.#loaded.delete(path);
    }
  }

  /** `require` for code in a file of `folder`. */
  requireFrom(folder: string): Require {
    const load = createRequire(urlIn(folder));
    return (name) => {
      if (name === 'tslab') return this.#tslab;
      return this.#side(folder, name) ?? load(this.#resolve(folder, name));
    };
  }

  /** A compiled file, which is not on disk. */
  #side(folder: string, name: string): unknown {
    if (isPackageName(name)) return undefined;
    const bare = join(folder, name).replaceAll('\\', '/');
    const path = [bare, `${bare}.js`, bare.replace(/\.[cm]?tsx?$/, '.js')].find((each) => this.#sources.has(each));
    if (path === undefined || extname(path) === '') return undefined;
    const loaded = this.#loaded.get(path);
    if (loaded !== undefined) return loaded.exports;
    const made = new Module(path) as Module & { _compile(source: string, path: string): void };
    made.filename = path;
    made.require = this.requireFrom(dirname(path)) as NodeJS.Require;
    this.#loaded.set(path, made);
    try {
      made._compile(this.#sources.get(path)!, path);
    } catch (error) {
      this.#loaded.delete(path);
      throw error;
    }
    return made.exports;
  }

  #resolve(folder: string, name: string): string {
    try {
      return resolveFrom(folder, name);
    } catch (error) {
      if (!isPackageName(name)) throw error;
      try {
        return resolveFrom(this.#place.packages, name);
      } catch {
        throw error;
      }
    }
  }
}

/** The file that a name means in a folder; also of packages that have a file for `import` alone. */
export function resolveFrom(folder: string, name: string): string {
  try {
    return createRequire(urlIn(folder)).resolve(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
    return fileURLToPath(resolveImport(name, urlIn(folder)));
  }
}
