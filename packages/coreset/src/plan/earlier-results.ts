import { pickOptions } from '@coreset/core';
import { EMBED_OPTIONS, modelSettings } from '@coreset/embedder';
import { defaultK } from '../defaults.js';
import { embeddedCount } from '../input/corpus.js';
import type { RunInput } from '../input/open-input.js';
import type { CheckedRun } from '../run/checked-run.js';
import { EarlierRun, NotReusable } from '../run/earlier-run.js';
import type { PruneOptions } from '../run-options.js';
import { modalityOf } from '../stages/embed-corpus.js';
import { selectRequest } from '../stages/select-request.js';
import { resumableRows } from '../stages/shard-file.js';
import { difficultyStage, embedStage, graphStage, selectStage } from '../stages/stages.js';

/** What earlier runs left that a run can use again. */
export interface EarlierResults {
  /** Stages that have no work to do. */
  stages: Set<string>;
  /** Rows that a run embedded before it was killed. */
  embeddedRows: number;
}

/**
 * Look at what earlier runs left in a run directory, by the stages themselves, none of which does any work: a stage whose
 * input has to be made anew is made anew too.
 */
export async function earlierResults(
  runDir: string,
  checked: CheckedRun,
  given: PruneOptions,
): Promise<EarlierResults> {
  // The run itself tells what decides its results.
  const options: PruneOptions = { ...given, onDiagnostics: () => {} };
  const stages = new Set<string>();
  const run = new EarlierRun(runDir);
  if (!run.isThere || isModelElsewhere(checked.input, options)) return { stages, embeddedRows: 0 };
  let embeddedRows = 0;
  const reused = async <Result>(stage: string, look: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      const result = await look();
      stages.add(stage);
      return result;
    } catch (error) {
      if (!(error instanceof NotReusable)) throw error;
      if (stage === 'embed') embeddedRows = rowsInParts(run, checked.input, error.key);
      return undefined;
    }
  };
  const { method, input } = checked;
  const embedded = await reused('embed', () => embedStage(run, input, options));
  if (embedded === undefined) return { stages, embeddedRows };
  const k = options.k ?? defaultK(method);
  const difficulty = await reused('difficulty', () => difficultyStage(run, embedded, options, checked));
  const graph = await reused('graph', () => graphStage(run, embedded, { ...options, k }));
  if (difficulty === undefined || graph === undefined) return { stages, embeddedRows };
  const request = selectRequest(checked, embedded, options);
  await reused('select', () => selectStage(run, embedded, { graph, difficulty }, request, options));
  return { stages, embeddedRows };
}

/** Whether the key of the vectors is known only when the model has been fetched. */
function isModelElsewhere(input: RunInput, options: PruneOptions): boolean {
  if (input.kind === 'vectors' || input.corpus.content.modality === 'vector') return false;
  const settings = { ...pickOptions(options, EMBED_OPTIONS), modality: modalityOf(input.corpus) };
  return modelSettings(settings).source.kind === 'hub';
}

function rowsInParts(run: EarlierRun, input: RunInput, key: string): number {
  return input.kind === 'vectors' ? 0 : resumableRows(run.file('embeddings.npy'), embeddedCount(input.corpus), key);
}
