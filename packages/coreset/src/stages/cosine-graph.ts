import { createMatrix, inTurns, normaliseRows, openVectors, type RunOptions, type Vectors } from '@coreset/core';
import { buildGraph, type GraphOptions, type NeighbourGraph } from '@coreset/graph';
import { haveUnitLength, type SelectorInput } from '@coreset/selector';

/** Whether near-duplicates are asked for, and the graph of the vectors as they are does not tell them. */
export async function needsCosineGraph(
  vectors: Vectors,
  { preference, maxSimilarity }: Pick<SelectorInput, 'preference'> & { maxSimilarity?: number },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (maxSimilarity === undefined && preference === undefined) return false;
  return !(await inTurns(haveUnitLength(vectors), signal));
}

/** The graph of vectors scaled to length 1, of which a copy is scaled. */
export async function cosineGraphOf(vectors: Vectors, options: GraphOptions & RunOptions): Promise<NeighbourGraph> {
  const unit = createMatrix(vectors.rows, vectors.cols);
  const reader = openVectors(vectors);
  try {
    reader.read(0, vectors.rows, unit.data);
  } finally {
    reader.close();
  }
  normaliseRows(unit.data, unit.cols);
  return buildGraph(unit, options);
}
