import { defaultK } from '../defaults.js';
import { embeddedCount } from '../input/corpus.js';
import type { RunInput } from '../input/open-input.js';
import { OTHER_INPUTS } from '../input/other-inputs.js';
import { isModelHere } from '../run/base-run.js';
import type { CheckedRun } from '../run/checked-run.js';
import { EarlierRun, NotReusable } from '../run/earlier-run.js';
import type { PruneOptions } from '../run-options.js';
import type { EmbeddedInput } from '../stages/embedded-input.js';
import { nearestStage, otherStage } from '../stages/other-stages.js';
import { type SelectedBeside, selectRequest } from '../stages/select-request.js';
import { resumableRows } from '../stages/shard-file.js';
import {
  cosineGraphStage,
  difficultyStage,
  embedStage,
  firstStage,
  graphStage,
  mapStage,
  selectStage,
} from '../stages/stages.js';

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
  if (!run.isThere || !isModelHere(checked.input, options)) return { stages, embeddedRows: 0 };
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
  const embedded = await reused(firstStage(input), () => embedStage(run, input, options));
  if (embedded === undefined) return { stages, embeddedRows };
  const beside = await reusedBeside(run, checked, embedded, options, reused);
  const k = options.k ?? defaultK(method);
  const difficulty = await reused('difficulty', () => difficultyStage(run, embedded, options, checked));
  const graph = await reused('graph', () => graphStage(run, embedded, { ...options, k }));
  if (graph !== undefined) await reused('map', () => mapStage(run, embedded, graph, options));
  if (difficulty === undefined || graph === undefined || beside === undefined) return { stages, embeddedRows };
  const request = await selectRequest(checked, embedded, options, beside);
  try {
    const cosineGraph = await cosineGraphStage(run, embedded, request, { ...options, k });
    if (cosineGraph !== undefined) stages.add('cosine-graph');
    await reused('select', () => selectStage(run, embedded, { graph, difficulty, cosineGraph }, request, options));
  } catch (error) {
    if (!(error instanceof NotReusable)) throw error;
  }
  return { stages, embeddedRows };
}

type Reused = <Result>(stage: string, look: () => Promise<Result>) => Promise<Result | undefined>;

/** What is left of the inputs beside the corpus; undefined where one of them has work to do. */
async function reusedBeside(
  run: EarlierRun,
  { others }: CheckedRun,
  embedded: EmbeddedInput,
  options: PruneOptions,
  reused: Reused,
): Promise<SelectedBeside | undefined> {
  const beside: SelectedBeside = {};
  let isWhole = true;
  for (const name of OTHER_INPUTS) {
    if (others[name] === undefined) continue;
    beside[name] = await reused(name, () => otherStage(run, name, others, embedded, options));
    isWhole &&= beside[name] !== undefined;
  }
  const { against } = beside;
  if (against) beside.nearest = await reused('nearest', () => nearestStage(run, embedded, against, options));
  return isWhole && (against === undefined || beside.nearest !== undefined) ? beside : undefined;
}

function rowsInParts(run: EarlierRun, input: RunInput, key: string): number {
  return input.kind === 'vectors' ? 0 : resumableRows(run.file('embeddings.npy'), embeddedCount(input.corpus), key);
}
