import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { CoresetError, fileError, type Sink } from '@coreset/core';
import type { KeepRow, Row, RowContents } from './row.js';

const IMAGE = /\.(jpe?g|png|webp|gif|avif|tiff?)$/i;

/** Whether there are images in a folder or the folders in it. */
export function hasImages(path: string): boolean {
  return namesIn(path).some((name) => IMAGE.test(name));
}

/** The images in a folder and the folders in it, one a row: `image` is the path from there, and the order that of the paths. */
export function folderFile(path: string): RowContents {
  const names = imagesIn(path);
  if (names.length === 0)
    throw new CoresetError(
      `${path} is a folder with neither images nor files of rows; give one that has some, or a file`,
    );
  return {
    fields: async (): Promise<string[]> => ['image'],
    async *batches(): AsyncGenerator<Row[], void, undefined> {
      yield names.map((image) => ({ image }));
    },
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      for (let row = 0; row < names.length; row++) if (keep(row)) sink.write(Buffer.from(`${names[row]}\n`));
    },
  };
}

function imagesIn(path: string): string[] {
  return namesIn(path)
    .filter((name) => IMAGE.test(name))
    .map((name) => name.replaceAll(sep, '/'))
    .sort();
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    throw fileError('read', path, error);
  }
}
