import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CoresetError, messageOf } from '@coreset/core';
import type { CellMetadata, Converter } from './converter.js';
import { type Place, repairTypeScript } from './typescript.js';

/** The version of tslab whose defects are mended here. */
export const TSLAB_VERSION = '1.0.22';

/** tslab, mended. */
export interface Tslab {
  /** Read cells as TypeScript. @throws when tslab is not as it has to be */
  openConverter(place: Place): Converter;
  /** Whether a cell is complete, and else how far its next line is indented. */
  isCompleteCode(source: string): { completed: boolean; indent?: string };
  metadataOf(source: string): CellMetadata;
  /** What `import … from 'tslab'` gives to a cell. */
  exports: unknown;
  /** Where what a cell shows by `tslab.display` goes. */
  showBy(show: (content: object, isUpdate: boolean) => void): void;
  /** One line when tslab is not the version that is mended here, or is built in another way. */
  misfit(): string | undefined;
}

const require = createRequire(import.meta.url);

let loaded: Tslab | undefined;

/** tslab with its compiler repaired. @throws CoresetError when it is not what can be repaired */
export function loadTslab(): Tslab {
  try {
    loaded ??= load();
    return loaded;
  } catch (error) {
    throw new CoresetError(`tslab ${TSLAB_VERSION}, which reads the cells, cannot be loaded (${messageOf(error)})`, {
      cause: error,
    });
  }
}

/** The version of TypeScript that reads the cells. */
export function typescriptVersion(): string {
  const fromTslab = createRequire(require.resolve('tslab/package.json'));
  return fromTslab('@tslab/typescript-for-tslab/package.json').version;
}

function load(): Tslab {
  const manifest = require.resolve('tslab/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  const fromTslab = createRequire(manifest);
  let at: Place = { folder: process.cwd(), packages: process.cwd() };
  const path = fromTslab.resolve('@tslab/typescript-for-tslab');
  const ts = fromTslab(path);
  const repaired = repairTypeScript(ts, () => at);
  require.cache[path]!.exports = repaired.exports;
  const { createConverter, isCompleteCode } = fromTslab('./dist/converter.js');
  const { getCodeMetadata } = fromTslab('./dist/metadata.js');
  const jupyter = fromTslab('./dist/jupyter.js');
  return {
    openConverter(place): Converter {
      at = place;
      ts.sys.getCurrentDirectory = () => place.folder;
      const converter: Converter = createConverter({ isJS: false, isBrowser: false });
      if (!repaired.isUsedAsExpected()) throw new CoresetError(misfitOf(version));
      return converter;
    },
    isCompleteCode,
    metadataOf: getCodeMetadata,
    exports: fromTslab('.'),
    showBy(show): void {
      jupyter.lastWriteDisplayData = show;
    },
    misfit: () => (version === TSLAB_VERSION ? undefined : misfitOf(version)),
  };
}

function misfitOf(version: string): string {
  return `tslab ${version} is not tslab ${TSLAB_VERSION}, which this kernel mends: types and imports may be wrong; npm install tslab@${TSLAB_VERSION} where @coreset/jupyter is`;
}
