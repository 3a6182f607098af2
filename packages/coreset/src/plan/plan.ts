import { addCosts, CoresetError, type Cost, pickOptions, requireKnownOptions } from '@coreset/core';
import { difficultyCost } from '@coreset/difficulty';
import { EMBED_OPTIONS, type EmbedOptions, embeddingCost, type ModelSize, modelSize } from '@coreset/embedder';
import { graphCost } from '@coreset/graph';
import { selectCost } from '@coreset/selector';
import { defaultK } from '../defaults.js';
import { type Corpus, embeddedCount, sizeOf } from '../input/corpus.js';
import { descriptorOf, givenInputs, type Input } from '../input/given.js';
import type { RunInput } from '../input/open-input.js';
import { isVectorFile } from '../input/vectors.js';
import { withLocalInputs } from '../input/with-local-inputs.js';
import { reportCost } from '../report/cost.js';
import { type CheckedRun, checkOptions, checkRun } from '../run/checked-run.js';
import { chooseRunDir } from '../run/run-name.js';
import { PRUNE_OPTIONS, type PruneOptions } from '../run-options.js';
import { resultCost, scaledScoresCost, selectionFilesCost, vectorColumnCost } from '../stages/cost.js';
import { modalityOf } from '../stages/embed-corpus.js';
import { earlierResults } from './earlier-results.js';
import { type Plan, reusedStage, stagePlan } from './stage-plan.js';

/** Of the vectors of a column, whose number of columns nobody knows yet. */
const USUAL_COLS = 384;

/**
 * The cost of the embeddings of a corpus.
 * @param done rows whose vectors an earlier run left
 */
export function corpusCost(corpus: Corpus, options: EmbedOptions, done = 0): Cost {
  const { textLengths, repeats } = corpus;
  const modality = modalityOf(corpus);
  const rows = embeddedCount(corpus);
  const items = modality === 'image' ? { images: rows - (repeats?.count ?? 0) } : { texts: textLengths };
  const whole = embeddingCost({ rows, ...items, threads: options.threads }, modelOf(corpus, options));
  const share = (rows - done) / rows;
  return { ...whole, codes: whole.codes * share, parallel: whole.parallel * share, disk: whole.disk * share };
}

function modelOf(corpus: Corpus, options: EmbedOptions): ModelSize {
  return modelSize({ ...pickOptions(options, EMBED_OPTIONS), modality: modalityOf(corpus) });
}

/** Columns of the vectors that a run works on. */
function colsOf(input: RunInput, options: EmbedOptions): number {
  if (input.kind === 'vectors') return input.vectors.cols;
  return input.corpus.content.modality === 'vector' ? USUAL_COLS : modelOf(input.corpus, options).cols;
}

/**
 * What each stage of a run costs, in their order.
 * @param embeddedRows rows whose vectors an earlier run left
 */
async function costsOf(
  { method, input, budget: kept, scores }: CheckedRun,
  options: PruneOptions,
  embeddedRows: number,
): Promise<[stage: string, cost: Cost][]> {
  const { file, vectorCount: rows } = input;
  const { threads, prototypes, backend } = options;
  const cols = colsOf(input, options);
  const k = Math.min(rows, options.k ?? defaultK(method));
  const files = { rows, kept, bytes: sizeOf(file), content: isVectorFile(file) ? 'vectors' : 'text' } as const;
  const selection = { rows, cols, k, budget: kept };
  const costs: [string, Cost][] = [
    ['difficulty', scores ? scaledScoresCost(rows) : difficultyCost({ rows, cols, prototypes })],
    ['graph', await graphCost({ rows, cols, k, backend, threads })],
    ['select', addCosts(selectCost(method, selection), selectionFilesCost(selection))],
    ['write', resultCost(files)],
    ['report', reportCost({ rows, cols, kept })],
  ];
  if (input.kind === 'vectors') return costs;
  const { corpus } = input;
  const isColumn = corpus.content.modality === 'vector';
  const embed = isColumn ? vectorColumnCost({ ...files, cols }) : corpusCost(corpus, options, embeddedRows);
  return [['embed', embed], ...costs];
}

/**
 * The plan of a run that was found in order.
 * @param runDir where an earlier run may have left results
 */
export async function planOf(checked: CheckedRun, options: PruneOptions, runDir: string): Promise<Plan> {
  const { method, input, budget: kept } = checked;
  const earlier = await earlierResults(runDir, checked, options);
  const costs = await costsOf(checked, options, earlier.embeddedRows);
  const stages = await Promise.all(
    costs.map(([stage, cost]) => (earlier.stages.has(stage) ? reusedStage(stage) : stagePlan(stage, cost, options))),
  );
  return {
    rows: input.vectorCount,
    kept,
    method,
    stages,
    seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
    memory: Math.max(...stages.map(({ memory }) => memory)),
    disk: stages.reduce((sum, { disk }) => sum + disk, 0),
  };
}

/**
 * Estimate time, memory and disk of {@link prune} on this machine, stage by stage; a stage whose result an earlier run left
 * takes none. Reads the input and the run directory and times one small product; embeds nothing and writes nothing.
 *
 * @throws CoresetError as `prune` does when the input or an option is wrong
 */
export async function plan(input: Input | readonly Input[], options: PruneOptions): Promise<Plan> {
  requireKnownOptions('plan', options, PRUNE_OPTIONS);
  const method = await checkOptions(options);
  const given = givenInputs(input);
  if (given.some((one) => descriptorOf(one) !== undefined))
    throw new CoresetError('plan cannot read standard input, which prune could not read again; name a file');
  return withLocalInputs(given, options, async (paths) => {
    const checked = await checkRun(paths, method, options);
    return planOf(checked, options, chooseRunDir(given, options.runDir));
  });
}
