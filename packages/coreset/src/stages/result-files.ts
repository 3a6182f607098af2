import { rowMask, type Sink, writeAtomic } from '@coreset/core';
import { type FieldPath, jsonText, type RowFile } from '@coreset/rows';
import { keptRows, type Selection as Picks } from '@coreset/selector';
import { type Id, idOf } from '../input/ids.js';

/** Picks, and per row the kept row that stands for it, −1 where there is none. */
export interface Selection extends Picks {
  by: Int32Array;
}

/** Translate a row of the embeddings to a row of the input; the same when no row was left out. */
export type InputRow = (row: number) => number;

const SAME_ROW: InputRow = (row) => row;

function writeJsonList(sink: Sink, name: string, values: ArrayLike<number>): void {
  sink.write(`  "${name}": [`);
  const PER_LINE = 1000;
  for (let start = 0; start < values.length; start += PER_LINE) {
    const end = Math.min(values.length, start + PER_LINE);
    let line = start === 0 ? '' : ',';
    for (let i = start; i < end; i++) line += i === start ? values[i] : `,${values[i]}`;
    sink.write(line);
  }
  sink.write(']');
}

/** Visit the rows that were not kept, in ascending order. */
function forEachDropped(selection: Selection, visit: (row: number) => void): void {
  const kept = rowMask(selection.rows, selection.order);
  for (let row = 0; row < selection.rows; row++) if (!kept[row]) visit(row);
}

/**
 * Write `selection.json`: `order` (kept rows in the order of picks), `kept` (the same, ascending) and
 * `dropped`, a list of `{ row, by, scoreBefore, scoreAfter }` where `by` is the kept row that suppressed the
 * row most, or null.
 */
export function writeSelection(path: string, selection: Selection, inputRow: InputRow = SAME_ROW): Promise<void> {
  return writeAtomic(path, (sink) => {
    sink.write('{\n');
    writeJsonList(sink, 'order', selection.order.map(inputRow));
    sink.write(',\n');
    writeJsonList(sink, 'kept', keptRows(selection).map(inputRow));
    sink.write(',\n  "dropped": [');
    let separator = '\n    ';
    forEachDropped(selection, (row) => {
      const by = selection.by[row] < 0 ? null : inputRow(selection.by[row]);
      sink.write(separator + JSON.stringify({ row: inputRow(row), by }));
      separator = ',\n    ';
    });
    sink.write('\n  ]\n}\n');
  });
}

/** Why a row was dropped. */
export type DropReason = 'against' | 'duplicate' | 'indistinguishable' | 'redundant' | 'outranked' | 'nothing to embed';

/** Rows of the input that were dropped before the selection, and what is written of each. */
export type GivenReasons = ReadonlyMap<number, { reason: DropReason } & Record<string, unknown>>;

/** The parts of an embedded input that {@link writeDropped} needs. */
export interface DroppedInput {
  file: RowFile;
  idField: FieldPath | undefined;
  rows: number;
  inputRows: Int32Array;
  keepBadRows: boolean;
}

/** Which rows are alike: per row of the embeddings the first with the same vector, and the first with the same content. */
export interface AlikeRows {
  representative: Int32Array;
  contentRepresentative: Int32Array;
}

/** Why a row of the embeddings that was not kept was dropped. */
export function reasonOf(row: number, { by }: Selection, alike: AlikeRows): DropReason {
  const { representative, contentRepresentative } = alike;
  if (contentRepresentative[row] !== row) return 'duplicate';
  if (by[row] < 0) return 'outranked';
  return representative[by[row]] === representative[row] ? 'indistinguishable' : 'redundant';
}

/**
 * Write `dropped.jsonl`: one line per dropped row with its number and id, the reason, the kept row that stands for it and
 * the scores. `duplicate`: the content of the earlier row `duplicateOf`; `indistinguishable`: other content with the vector
 * of the kept row `by`; `redundant`: suppressed by the kept neighbour `by`; `outranked`: its score was too low from the
 * start; `against`: too near to a row of that file; `nothing to embed`: skipped.
 * @param given rows whose reason was known before the selection
 */
export async function writeDropped(
  path: string,
  input: DroppedInput,
  selection: Selection,
  alike: AlikeRows,
  embeddingRow: Int32Array,
  given?: GivenReasons,
): Promise<void> {
  const { keepBadRows, inputRows } = input;
  const { order, by } = selection;
  const kept = rowMask(selection.rows, order);
  const ids = await idsOf(input, selection, alike, embeddingRow);
  await writeAtomic(path, async (sink) => {
    for await (const [number, id] of numberedIds(input)) {
      const row = embeddingRow[number];
      if (row >= 0 ? kept[row] : keepBadRows) continue;
      const known = given?.get(number);
      if (known !== undefined) {
        sink.write(`${jsonText({ row: number, id, ...known })}\n`);
        continue;
      }
      const reason = row < 0 ? 'nothing to embed' : reasonOf(row, selection, alike);
      const line: Record<string, unknown> = { row: number, id, reason };
      if (reason === 'duplicate') {
        line.duplicateOf = inputRows[alike.contentRepresentative[row]];
        line.duplicateOfId = ids.get(alike.contentRepresentative[row]);
      }
      if (row >= 0) {
        line.by = by[row] < 0 ? null : inputRows[by[row]];
        line.byId = ids.get(by[row]);
      }
      sink.write(`${jsonText(line)}\n`);
    }
  });
}

/** Ids of all rows that a dropped row may name, by their number among the embeddings. */
async function idsOf(
  input: DroppedInput,
  { rows, order }: Selection,
  { contentRepresentative }: AlikeRows,
  embeddingRow: Int32Array,
): Promise<Map<number, Id | undefined>> {
  const named = rowMask(rows, order);
  contentRepresentative.forEach((first, row) => {
    if (first !== row) named[first] = 1;
  });
  const ids = new Map<number, Id | undefined>();
  if (input.idField === undefined) return ids;
  for await (const [number, id] of numberedIds(input)) {
    const row = embeddingRow[number];
    if (row >= 0 && named[row]) ids.set(row, id);
  }
  return ids;
}

/** Every row's number, with its id where rows have one. */
export async function* numberedIds({
  file,
  idField,
  rows,
}: Pick<DroppedInput, 'file' | 'idField' | 'rows'>): AsyncGenerator<[number, Id | undefined]> {
  if (idField === undefined) {
    for (let number = 0; number < rows; number++) yield [number, undefined];
    return;
  }
  let number = 0;
  for await (const row of file.read([idField.root])) yield [number++, idOf(row, idField)];
}
