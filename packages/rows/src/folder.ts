import { CoresetError, type Sink } from '@coreset/core';
import type { KeepRow, Row, RowContents } from './row.js';

const IMAGE = /\.(jpe?g|jpe|jfif|png|webp|gif|avif|tiff?)$/i;

/** Pictures and films that are not read. */
const OTHER_PICTURE =
  /\.(hei[cf]s?|hif|svgz?|bmp|dib|ico|jxl|jp2|j2k|psd|tga|exr|hdr|p[bgnp]m|dng|raw|cr[23w]|nef|nrw|arw|sr2|raf|orf|rw2|pef|srw|3fr|iiq|mp4|m4v|mov|avi|mkv|webm|mpe?g|wmv|3gp)$/i;

const ROWS_AT_ONCE = 1024;

/** The images among files. */
export function imagesAmong(files: readonly string[]): string[] {
  return files.filter((file) => IMAGE.test(file));
}

/** How many of files are pictures or films that are not read, with their extensions; nothing where none is. */
export function otherPictures(files: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const file of files) {
    const extension = OTHER_PICTURE.exec(file)?.[0].toLowerCase();
    if (extension !== undefined) counts.set(extension, (counts.get(extension) ?? 0) + 1);
  }
  if (counts.size === 0) return undefined;
  const kinds = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return kinds.map(([extension, count]) => `${count} ${extension}`).join(', ');
}

/**
 * Images in a folder and the folders in it, one a row: `image` is the path from there.
 * @param files all that is there
 * @throws CoresetError when there is no image, or one has a line break in its name
 */
export function folderFile(path: string, files: readonly string[]): RowContents {
  const names = imagesAmong(files);
  if (names.length === 0) {
    const others = otherPictures(files);
    throw new CoresetError(
      others === undefined
        ? `${path} is a folder with neither images nor files of rows; give one that has some, or a file`
        : `${path} holds pictures of kinds that are not read (${others}); convert them to JPEG or PNG`,
    );
  }
  const broken = names.find((name) => /[\r\n]/.test(name));
  if (broken !== undefined)
    throw new CoresetError(
      `${path}: the name ${JSON.stringify(broken)} has a line break, and a line of the kept paths is one; rename it`,
    );
  return {
    fields: async (): Promise<string[]> => ['image'],
    async *batches(): AsyncGenerator<Row[], void, undefined> {
      for (let start = 0; start < names.length; start += ROWS_AT_ONCE)
        yield names.slice(start, start + ROWS_AT_ONCE).map((image) => ({ image }));
    },
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      for (let row = 0; row < names.length; row++) if (keep(row)) sink.write(Buffer.from(`${names[row]}\n`));
    },
  };
}
