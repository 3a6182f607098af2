import { rowMask, type Sink, writeAtomic } from '@coreset/core';
import type { RowFile } from '@coreset/rows';
import { keptRows, type Selection } from '@coreset/selector';
import { idOf } from './corpus.js';

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
      const scoreBefore = selection.scoreBefore[row];
      const scoreAfter = selection.scoreAfter[row];
      sink.write(separator + JSON.stringify({ row: inputRow(row), by, scoreBefore, scoreAfter }));
      separator = ',\n    ';
    });
    sink.write('\n  ]\n}\n');
  });
}

/** Why a row was dropped. */
export type DropReason = 'duplicate' | 'redundant' | 'outranked' | 'nothing to embed';

/**
 * Write `dropped.jsonl`: one line per dropped row with its number and id, the reason, the kept row that
 * stands for it and the scores. `duplicate`: the same vector as an earlier row; `redundant`: suppressed by
 * the kept neighbour `by`; `outranked`: its score was too low from the start; `nothing to embed`: skipped.
 */
export async function writeDropped(
  path: string,
  input: DroppedInput,
  selection: Selection,
  representative: Int32Array,
  embeddingRow: Int32Array,
): Promise<void> {
  const { file, idField, inputRows, keepBadRows } = input;
  const { order, by, scoreBefore, scoreAfter } = selection;
  const kept = rowMask(selection.rows, order);
  const keptIds = new Map<number, string | undefined>();
  for await (const [number, id] of numberedIds(input)) {
    const row = embeddingRow[number];
    if (id !== undefined && row >= 0 && kept[row]) keptIds.set(row, id);
  }
  await writeAtomic(path, async (sink) => {
    for await (const [number, id] of numberedIds({ file, idField, rows: input.rows })) {
      const row = embeddingRow[number];
      if (row >= 0 ? kept[row] : keepBadRows) continue;
      let reason: DropReason = 'outranked';
      if (row < 0) reason = 'nothing to embed';
      else if (representative[row] !== row) reason = 'duplicate';
      else if (by[row] >= 0) reason = 'redundant';
      const line =
        row < 0
          ? { row: number, id, reason }
          : {
              row: number,
              id,
              reason,
              by: by[row] < 0 ? null : inputRows[by[row]],
              byId: keptIds.get(by[row]),
              scoreBefore: scoreBefore[row],
              scoreAfter: scoreAfter[row],
            };
      sink.write(`${JSON.stringify(line)}\n`);
    }
  });
}

/** The parts of an embedded input that {@link writeDropped} needs. */
export interface DroppedInput {
  file: RowFile;
  idField: string | undefined;
  rows: number;
  inputRows: Int32Array;
  keepBadRows: boolean;
}

/** Every row's number, with its id where rows have one. */
async function* numberedIds({
  file,
  idField,
  rows,
}: Pick<DroppedInput, 'file' | 'idField' | 'rows'>): AsyncGenerator<[number, string | undefined]> {
  if (idField === undefined) {
    for (let number = 0; number < rows; number++) yield [number, undefined];
    return;
  }
  let number = 0;
  for await (const row of file.read([idField])) yield [number++, idOf(row, idField)];
}
