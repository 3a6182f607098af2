import { pickOptions, RUN_OPTIONS, type RunOptions, readNpyVector, writeNpy } from '@coreset/core';
import type { CacheOptions } from '@coreset/embedder';
import { nearestAmong } from '@coreset/graph';
import type { CorpusOptions } from '../input/corpus-options.js';
import type { Id } from '../input/ids.js';
import {
  AGAINST_SIMILARITY,
  type OtherInputs,
  type OtherName,
  requireSameCols,
  underStage,
} from '../input/other-inputs.js';
import type { StageRun } from '../run/run-directory.js';
import { contentsOfRows, firstWithContent, readContents } from './contents.js';
import type { EmbedSettings } from './embed-corpus.js';
import type { EmbeddedInput } from './embedded-input.js';
import { type LeftOut, numberedIds } from './result-files.js';
import { embedStage } from './stages.js';

/** Files of the nearest search in a run directory. */
export const NEAREST_FILES: [rows: string, similarity: string] = ['against-nearest.npy', 'against-similarity.npy'];

/** The inputs beside the corpus, embedded. */
export type EmbeddedOthers = Partial<Record<OtherName, EmbeddedInput>>;

/** other rows → embeddings, a stage of the name of each: `against.npy`, `toward.npy`, `away.npy`. */
export async function otherStage(
  run: StageRun,
  name: OtherName,
  others: OtherInputs,
  input: EmbeddedInput,
  options: EmbedSettings & CacheOptions & RunOptions & Pick<CorpusOptions, 'member'>,
): Promise<EmbeddedInput | undefined> {
  const other = others[name];
  if (other === undefined) return undefined;
  const embedded = await embedStage(run, other, underStage(options, name), { name });
  requireSameCols(name, embedded, input);
  return embedded;
}

/** Of each row of the embeddings the nearest row of another input. */
export interface NearestRows {
  /** Rows of the other's embeddings. */
  nearest: ArrayLike<number>;
  /** Cosines; 1 where both have the same content. */
  similarity: Float64Array;
}

/** embeddings and those of `against` → the nearest of these: `against-nearest.npy`, `against-similarity.npy`. */
export async function nearestStage(
  run: StageRun,
  input: EmbeddedInput,
  against: EmbeddedInput,
  options: RunOptions,
): Promise<NearestRows> {
  const [rowsFile, similarityFile] = NEAREST_FILES;
  await run.stage('nearest', { rows: input.hash, against: against.hash }, NEAREST_FILES, async () => {
    const { nearest, similarity } = await nearestAmong(
      input.vectors,
      against.vectors,
      pickOptions(options, RUN_OPTIONS),
    );
    sameContents(input, against)?.forEach((other, row) => {
      if (other < 0) return;
      nearest[row] = other;
      similarity[row] = 1;
    });
    await writeNpy(run.file(rowsFile), nearest);
    await writeNpy(run.file(similarityFile), similarity);
  });
  return { nearest: readNpyVector(run.file(rowsFile)), similarity: readNpyVector(run.file(similarityFile)) };
}

/** Of each row the first of the other with the same content, −1 where there is none; undefined where vectors are all there is. */
function sameContents(input: EmbeddedInput, against: EmbeddedInput): Int32Array | undefined {
  if (input.contents === undefined || against.contents === undefined) return undefined;
  const [own, others] = [input, against].map(({ contents = '', inputRows }) =>
    contentsOfRows(readContents(contents), inputRows),
  );
  return firstWithContent(own, others);
}

/** Rows of the embeddings that are too near to one of `against`, ascending. */
export function tooNear({ similarity }: NearestRows, least: number = AGAINST_SIMILARITY): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < similarity.length; row++) if (similarity[row] >= least) rows.push(row);
  return Int32Array.from(rows);
}

/** What is written of rows that are too near to one of `against`. */
export async function againstReasons(
  rows: Int32Array,
  { nearest, similarity }: NearestRows,
  input: EmbeddedInput,
  against: EmbeddedInput,
): Promise<ReadonlyMap<number, LeftOut>> {
  const named = new Set(Array.from(rows, (row) => against.inputRows[nearest[row]]));
  const ids = new Map<number, Id | undefined>();
  if (against.idField !== undefined)
    for await (const [number, id] of numberedIds(against)) if (named.has(number)) ids.set(number, id);
  return new Map(
    Array.from(rows, (row) => {
      const other = against.inputRows[nearest[row]];
      const line = { similarity: similarity[row], against: other, againstId: ids.get(other) };
      return [input.inputRows[row], { reason: 'against', ...line }];
    }),
  );
}
