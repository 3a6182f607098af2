import { rowMask, type Sink, writeAtomic } from '@coreset/core';
import { type FieldPath, jsonText, type RowFile } from '@coreset/rows';
import type { SelectionReason } from '@coreset/selector';
import { type Id, idOf } from '../input/ids.js';
import type { ExplainedSelection } from './told-selection.js';

/** Why a row was dropped: by the selector, by what the user asked for, or since there was nothing to select. */
export type DropReason = SelectionReason | LeftOut['reason'] | 'nothing to embed';

/** A row that was left out on purpose, and what is to be said of it. */
export interface LeftOut {
  /** `excluded`: it was named; `against`: it is too near to a row of another file. */
  reason: 'excluded' | 'against';
  [field: string]: unknown;
}

/** The parts of an embedded input that {@link writeDropped} needs. */
export interface DroppedInput {
  file: RowFile;
  idField: FieldPath | undefined;
  rows: number;
  inputRows: Int32Array;
  keepBadRows: boolean;
  /** Rows that were left out on purpose, by their number in the input. */
  leftOut?: ReadonlyMap<number, LeftOut>;
}

/** A selection, and where its rows are in the input. */
export interface Outcome {
  selection: ExplainedSelection;
  /** Per row of the input its row of the embeddings, −1 where it has none. */
  embeddingRow: Int32Array;
  /** Ids by rows of the embeddings, see {@link idsOf}. */
  ids: ReadonlyMap<number, Id | undefined>;
}

/**
 * Write `selected.jsonl`: one line per kept row in the order of picks, with its number and id, its rank (1 is the first
 * pick), what it was worth to the selector when it was picked, and for how many rows it stands, itself among them.
 */
export function writeSelected(
  path: string,
  { inputRows }: Pick<DroppedInput, 'inputRows'>,
  { selection, ids }: Pick<Outcome, 'selection' | 'ids'>,
): Promise<void> {
  const { order, gain, weight } = selection;
  return writeAtomic(path, (sink) => {
    order.forEach((row, p) => {
      const told = { rank: p + 1, gain: gain[p] + 0, weight: weight[p] }; // no −0
      writeLine(sink, { row: inputRows[row], id: ids.get(row), ...told });
    });
  });
}

/**
 * Write `dropped.jsonl`: one line per dropped row with its number and id, the reason (see `SelectionReason`), the kept row
 * `by` that stands for it and the cosine of both; of a `duplicate` also `duplicateOf`, the row with its content. Of
 * rows that were left out on purpose it has what is to be said of them; `nothing to embed`: skipped.
 */
export async function writeDropped(path: string, input: DroppedInput, outcome: Outcome): Promise<void> {
  const { keepBadRows, leftOut } = input;
  const { selection, embeddingRow } = outcome;
  await writeAtomic(path, async (sink) => {
    for await (const [row, id] of numberedIds(input)) {
      const embedded = embeddingRow[row];
      const told = leftOut?.get(row);
      if (told) writeLine(sink, { row, id, ...told });
      else if (embedded >= 0) {
        const reason = selection.reasons[embedded];
        if (reason) writeLine(sink, { row, id, reason, ...standInOf(embedded, reason, input, outcome) });
      } else if (!keepBadRows) writeLine(sink, { row, id, reason: 'nothing to embed' });
    }
  });
}

/** What is told of a dropped row besides the reason. */
function standInOf(
  row: number,
  reason: SelectionReason,
  { inputRows }: Pick<DroppedInput, 'inputRows'>,
  { selection, ids }: Outcome,
): object {
  const by = selection.by[row];
  const first = selection.duplicateOf[row];
  return {
    ...(reason === 'duplicate' && { duplicateOf: inputRows[first], duplicateOfId: ids.get(first) }),
    ...(by < 0
      ? { by: null, similarity: null }
      : { by: inputRows[by], byId: ids.get(by), similarity: selection.similarity[row] }),
  };
}

function writeLine(sink: Sink, line: object): void {
  sink.write(`${jsonText(line)}\n`);
}

/** Ids of all rows that are kept or that a dropped row may name, by their number among the embeddings. */
export async function idsOf(
  input: DroppedInput,
  { selection, embeddingRow }: Omit<Outcome, 'ids'>,
): Promise<Map<number, Id | undefined>> {
  const named = rowMask(selection.rows, selection.order);
  for (const first of selection.duplicateOf) if (first >= 0) named[first] = 1;
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
