import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CoresetError, pickOptions } from '@coreset/core';
import type { ShownDropped } from '@coreset/report';
import { OPEN_OPTIONS, openRowsInTurns } from '@coreset/rows';
import { CORPUS_OPTIONS } from '../input/corpus-options.js';
import { givenInputs } from '../input/given.js';
import { isCopied } from '../input/local-inputs.js';
import { chooseContent } from '../input/row-content.js';
import { readShownRows, type ShownRow } from '../results/input-rows.js';
import type { Results } from '../results/results.js';
import { forEachLine } from '../results/told-rows.js';
import { contentHash, contentsOfRows, readContents } from '../stages/contents.js';
import { embeddingFiles } from '../stages/stages.js';

type Against = NonNullable<ShownDropped['against']>;

/** Rows of the file that a run compared its own with; of one that is gone or changed their numbers and ids alone. */
export async function showAgainst({ folder, options }: Results, rows: number[]): Promise<Map<number, Against>> {
  if (options.against === undefined || rows.length === 0) return new Map();
  const given = givenInputs(options.against);
  const file = given.map((path) => basename(path)).join(', ');
  const ids = await idsOf(join(folder, 'dropped.jsonl'), new Set(rows));
  const found = await read(given, options, rows);
  const contents = readContents(join(folder, embeddingFiles('against').contents));
  const isSame = (one: ShownRow): boolean => hashOf(one)?.equals(contentsOfRows(contents, [one.row])) ?? false;
  return new Map(
    rows.map((row) => {
      const one = found.get(row);
      return [row, { ...(one && isSame(one) && one), row, id: ids.get(row), file }];
    }),
  );
}

async function idsOf(path: string, rows: Set<number>): Promise<Map<number, Against['id']>> {
  const ids = new Map<number, Against['id']>();
  await forEachLine(path, ['against', 'againstId'], ({ against, againstId }) => {
    if (typeof against === 'number' && rows.has(against)) ids.set(against, (againstId ?? undefined) as Against['id']);
  });
  return ids;
}

async function read(given: string[], options: Results['options'], rows: number[]): Promise<Map<number, ShownRow>> {
  if (given.some(isCopied)) return new Map();
  try {
    const file = await openRowsInTurns(given, { ...pickOptions(options, OPEN_OPTIONS), onBrokenRow: () => {} });
    const content = await chooseContent(file, pickOptions(options, CORPUS_OPTIONS), undefined);
    return await readShownRows({ file, content, idField: undefined }, rows);
  } catch (error) {
    if (!CoresetError.isInstance(error)) throw error;
    return new Map();
  }
}

function hashOf({ text, image }: ShownRow): Buffer | undefined {
  if (text !== undefined) return contentHash({ text });
  return image === undefined || !existsSync(image) ? undefined : contentHash({ image });
}
