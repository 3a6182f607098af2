import { inTurns } from '@coreset/core';
import {
  type ExplainInput,
  explain,
  type ReasonOptions,
  type Selection,
  type SelectionReason,
  standIns,
  standInWeights,
} from '@coreset/selector';

/** A selection and what is told of each row, by the numbers of the embeddings. */
export interface ToldSelection {
  rows: number;
  /** Kept rows in the order of picks. */
  order: Int32Array;
  /** What each pick was worth to the selector when it was picked, in the order of picks. */
  gain: Float64Array;
  /** For how many rows each pick stands, itself among them, in the order of picks; undefined where there is no graph. */
  weight?: Int32Array;
  /** Per row the kept row that stands for it, −1 where there is none. */
  by: Int32Array;
  /** Per row its cosine to that one, NaN where there is none; undefined where there are no vectors. */
  similarity?: Float64Array;
  /** In its place, where there are no vectors: the distance along the graph, Infinity where there is none. */
  distance?: Float64Array;
}

/** One of which it is known why each row was dropped. */
export interface ExplainedSelection extends ToldSelection {
  weight: Int32Array;
  similarity: Float64Array;
  /** Per row; undefined for one that is kept. */
  reasons: (SelectionReason | undefined)[];
  /** Per duplicate the row that it repeats; −1 for other rows. */
  duplicateOf: Int32Array;
}

/** Say of each row which kept row stands for it, and why it was dropped. @throws CoresetError when an option is wrong */
export async function explainSelection(
  selection: Selection,
  from: ExplainInput,
  options: ReasonOptions,
): Promise<ExplainedSelection> {
  const { weights, ...told } = await explain(selection.order, from, options);
  return { ...picksOf(selection), weight: inOrder(weights, selection), ...told };
}

/** As much of it as can be told from what there is. */
export async function tellSelection(
  selection: Selection,
  { vectors, graph, ...more }: Partial<ExplainInput>,
): Promise<ToldSelection> {
  if (graph === undefined) return { ...picksOf(selection), by: new Int32Array(selection.rows).fill(-1) };
  if (vectors !== undefined) return explainSelection(selection, { vectors, graph, ...more }, {});
  const { signal } = more;
  const found = await inTurns(standIns(graph, selection.order), signal);
  const weights = await inTurns(standInWeights(found), signal);
  return { ...picksOf(selection), weight: inOrder(weights, selection), ...found };
}

function picksOf(selection: Selection): Pick<ToldSelection, 'rows' | 'order' | 'gain'> {
  const { rows, order } = selection;
  return { rows, order, gain: Float64Array.from(order, (row) => selection.scores[row]) };
}

/** Values of the kept rows in the order of picks. */
function inOrder(values: Int32Array, { order }: Selection): Int32Array {
  return order.map((row) => values[row]);
}
