import { relative, resolve, sep } from 'node:path';
import { CoresetError } from '@coreset/core';
import type { FieldComposition } from '@coreset/report';
import { columnsRead } from '../input/corpus.js';
import { idOf } from '../input/ids.js';
import type { DescribedInput } from '../results/described-input.js';
import type { InputRows } from '../results/input-rows.js';
import type { Results } from '../results/results.js';
import { columnsToCount, FieldCounts } from './field-counts.js';

/** What the input itself tells of the shown rows, and of its fields. */
export interface CorpusRows {
  ids?: string[];
  texts?: string[];
  images?: string[];
  /** Characters after which texts are cut. */
  textLength: number;
  fields: FieldComposition[];
  /** Why there is nothing of this, where the input is gone or is not what the run read. */
  problem?: string;
}

export const TEXT_LENGTH = 600;
/** Characters of all texts of a page together. */
export const TEXT_TOTAL = 15e6;

/** Read the input once, for all that a page shows of it. @param shown rows of the input, ascending */
export async function readCorpus(results: Results, shown: Int32Array, signal?: AbortSignal): Promise<CorpusRows> {
  const textLength = Math.min(TEXT_LENGTH, Math.floor(TEXT_TOTAL / shown.length));
  let input: InputRows;
  try {
    input = await results.inputRows();
  } catch (error) {
    if (!CoresetError.isInstance(error)) throw error;
    const ids = await results.idsOf(shown);
    const problem = isVectorsAlone(results.input) ? undefined : error.message;
    return { ids: ids.size > 0 ? listed(shown, ids) : undefined, textLength, fields: [], problem };
  }
  const { file, content, idField } = input;
  const { modality } = content;
  const fields = await columnsToCount(file, { content, idField });
  const counts = new FieldCounts(fields, results.rows);
  const ids: string[] | undefined = idField === undefined ? undefined : [];
  const texts: string[] = [];
  let row = 0;
  let place = 0;
  const columns = new Set([...columnsRead(content, idField), ...fields]);
  for await (const batch of file.batches([...columns])) {
    signal?.throwIfAborted();
    for (const values of batch) {
      counts.take(values, row);
      if (shown[place] === row) {
        const { value } = content.of(values);
        texts.push(modality === 'image' ? addressOf(value, content.folder, results.folder) : cut(value, textLength));
        if (idField) ids?.push(String(idOf(values, idField) ?? ''));
        place++;
      }
      row++;
    }
  }
  // Beside vectors there may be no text.
  const isEmpty = texts.every((text) => text === '');
  return {
    ids,
    texts: modality === 'image' || isEmpty ? undefined : texts,
    images: modality === 'image' ? texts : undefined,
    textLength,
    fields: counts.compositions(row, results.picks, shown),
  };
}

/** Nothing of them can be shown. */
export function isVectorsAlone({ vectors, files }: DescribedInput): boolean {
  return vectors !== undefined && files.some(({ path }) => path === vectors.path);
}

function listed(shown: Int32Array, ids: Map<number, string | number | bigint | boolean>): string[] {
  return Array.from(shown, (row) => String(ids.get(row) ?? ''));
}

/** One character more than is shown tells that there are more. */
function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** Relative, so that page and images may move together; each part encoded, so that no name is read as anything else. */
function addressOf(image: string, images: string, folder: string): string {
  if (image === '') return '';
  return relative(resolve(folder), resolve(images, image)).split(sep).map(encodeURIComponent).join('/');
}
