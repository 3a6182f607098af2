import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type BuilderProgram,
  nameVariablesOfShorthand,
  type ShorthandTypeScript,
  visitShorthand,
} from './shorthand.js';

/** Where cells look for packages. */
export interface Place {
  /** The notebook's folder. */
  folder: string;
  /** Where packages are looked for that are not found from there. */
  packages: string;
}

type Resolved = { resolvedModule?: object };
type Options = Record<string, unknown> & { typeRoots?: string[] };

interface Host {
  createProgram(...args: unknown[]): BuilderProgram;
  resolveModuleNameLiterals?(
    literals: { text: string }[],
    containingFile: string,
    redirected: unknown,
    options: Options,
  ): Resolved[];
  hasInvalidatedResolutions?(path: string): boolean;
}

/** What is taken of the compiler that tslab brings. */
interface TypeScript extends ShorthandTypeScript {
  sys: { getCurrentDirectory(): string; fileExists(path: string): boolean };
  ModuleResolutionKind: { Node10: number; Bundler: number };
  createWatchCompilerHost(rootFiles: string[], options: Options, ...rest: unknown[]): Host;
  getPreEmitDiagnosticsOfFiles(...args: unknown[]): { code: number }[];
  resolveModuleName(name: string, containingFile: string, options: Options, host: Host): Resolved;
}

/** TypeScript has no types for a package; at run time it works. */
const NO_DECLARATION_FILE = 7016;
const NODE_TYPES = dirname(dirname(createRequire(import.meta.url).resolve('@types/node/package.json')));

/** The compiler as tslab shall see it. */
export interface RepairedTypeScript {
  exports: TypeScript;
  /** Whether tslab has asked for a compiler in the way that is repaired. */
  isUsedAsExpected(): boolean;
}

/**
 * A compiler with the options that tslab hard-codes put right: modules are resolved as by a bundler, so that packages
 * are found that have only "exports"; types are strict; `{ rows }` names a variable of an earlier cell; packages are looked for in a second place; a package without
 * types is `any`.
 */
export function repairTypeScript(ts: TypeScript, place: () => Place): RepairedTypeScript {
  let isExpected = false;
  const repaired = {
    getPreEmitDiagnosticsOfFiles: (...args: unknown[]) =>
      ts.getPreEmitDiagnosticsOfFiles(...args).filter(({ code }) => code !== NO_DECLARATION_FILE),
    visitEachChild: visitShorthand(ts),
    createWatchCompilerHost(rootFiles: string[], options: Options, ...rest: unknown[]): Host {
      isExpected = options?.moduleResolution === ts.ModuleResolutionKind.Node10 && options.strict === undefined;
      const host = ts.createWatchCompilerHost(rootFiles, repairOptions(ts, options), ...rest);
      const { createProgram } = host;
      host.createProgram = (...args) => nameVariablesOfShorthand(ts, createProgram(...args));
      resolveInBothPlaces(ts, host, place());
      return host;
    },
  };
  // The properties of the original cannot be changed.
  const exports: Record<string, unknown> = { ...repaired };
  for (const name of Object.keys(ts)) {
    if (!(name in exports))
      Object.defineProperty(exports, name, { enumerable: true, get: () => ts[name as keyof TypeScript] });
  }
  return { exports: exports as unknown as TypeScript, isUsedAsExpected: () => isExpected };
}

function repairOptions(ts: TypeScript, options: Options): Options {
  const repaired: Options = { ...options, moduleResolution: ts.ModuleResolutionKind.Bundler, strict: true };
  const hasNode = options.typeRoots?.some((root) => ts.sys.fileExists(join(root, 'node', 'package.json')));
  return hasNode ? repaired : { ...repaired, typeRoots: [NODE_TYPES], types: ['node'] };
}

/** What is not found from the importing file is looked for where the kernel has its packages. */
function resolveInBothPlaces(ts: TypeScript, host: Host, { packages }: Place): void {
  const found = new Map<string, Resolved>();
  const second = join(packages, '__tslab__.ts');
  host.resolveModuleNameLiterals = (literals, containingFile, _, options) =>
    literals.map(({ text: name }) => {
      const key = `${dirname(containingFile)}\0${name}`;
      const known = found.get(key);
      if (known !== undefined) return known;
      let resolved = ts.resolveModuleName(name, containingFile, options, host);
      if (resolved.resolvedModule === undefined && isPackageName(name))
        resolved = ts.resolveModuleName(name, second, options, host);
      // A package may be installed while the kernel runs.
      if (resolved.resolvedModule !== undefined) found.set(key, resolved);
      return resolved;
    });
  host.hasInvalidatedResolutions = (path) => path.endsWith('/__tslab__.ts');
}

/** Neither a path nor a URL. */
export function isPackageName(name: string): boolean {
  return !/^(\.{0,2}\/|\.{1,2}$|[a-z]+:)/i.test(name);
}

/** The URL of a file that would be in `folder`, from which packages are resolved. */
export function urlIn(folder: string): string {
  return pathToFileURL(join(folder, 'cell.js')).href;
}
