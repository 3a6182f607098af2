import { NO_REASON, type ShownRows, storedCosine } from '@coreset/report';
import type { Results } from '../results/results.js';
import { KEPT } from '../results/told-rows.js';
import { DROP_REASONS } from '../stages/drop-reasons.js';
import { READING_NUMBERS } from '../stages/readings.js';
import type { DropReason } from '../stages/result-files.js';
import type { CorpusRows } from './corpus-rows.js';

/** Neighbours of each row that the page knows. */
export const NEIGHBOURS = 16;

/** What a page shows of some rows. */
export interface ShownSource {
  /** Rows of the input, ascending. */
  shown: Int32Array;
  corpus: CorpusRows;
  /** rows of the vectors × 2. */
  map?: Float32Array;
  /** In the order of the page. */
  reasons: { reason: DropReason }[];
  hasReading: boolean;
}

/** Rows of a run, one by one. */
export async function shownRows(
  results: Results,
  { shown, corpus, map, reasons, hasReading }: ShownSource,
  signal?: AbortSignal,
): Promise<ShownRows> {
  const { vectorRowOf, readings } = results;
  const { k, neighbours, cosines } = await results.neighboursOf(shown, NEIGHBOURS, { signal });
  const places = reasons.map(({ reason }) => DROP_REASONS.indexOf(reason));
  const ofReading = (number: number): Int32Array | undefined =>
    readings && hasReading
      ? shown.map((row) => (vectorRowOf[row] < 0 ? 0 : readings[vectorRowOf[row] * READING_NUMBERS + number]))
      : undefined;
  const onMap = (axis: number): Float32Array | undefined =>
    map && Float32Array.from(shown, (row) => (vectorRowOf[row] < 0 ? Number.NaN : map[2 * vectorRowOf[row] + axis]));
  return {
    rows: shown,
    ids: corpus.ids,
    texts: corpus.texts,
    images: corpus.images,
    x: onMap(0),
    y: onMap(1),
    weight: shown.map((row) => results.weight[row]),
    difficulty: Float32Array.from(shown, (row) => results.difficulty[row]),
    reason: Uint8Array.from(shown, (row) =>
      results.reason[row] === KEPT ? NO_REASON : places.indexOf(results.reason[row]),
    ),
    by: shown.map((row) => results.by[row]),
    similarity: Int16Array.from(shown, (row) => storedCosine(results.similarity[row])),
    duplicateOf: shown.map((row) => results.duplicateOf[row]),
    k,
    neighbours,
    cosines: Int16Array.from(cosines, storedCosine),
    tokens: ofReading(0),
    unknown: ofReading(1),
    cut: ofReading(2),
  };
}
