import {
  addCosts,
  CoresetError,
  type Cost,
  pickOptions,
  requireKnownOptions,
  type ShowsItself,
  showAs,
  shownInCell,
} from '@coreset/core';
import { difficultyCost, tellPseudoClasses } from '@coreset/difficulty';
import { EMBED_OPTIONS, type EmbedOptions, inCache } from '@coreset/embedder';
import { graphCost, nearestAmongCost } from '@coreset/graph';
import { mapCost, planView } from '@coreset/report';
import { selectCost } from '@coreset/selector';
import { defaultK } from '../defaults.js';
import { corpusItems, embeddedCount, sizeOf } from '../input/corpus.js';
import { descriptorOf, givenInputs, type Input } from '../input/given.js';
import type { CorpusInput, RunInput } from '../input/open-input.js';
import { OTHER_INPUTS, otherPaths } from '../input/other-inputs.js';
import { isVectorFile } from '../input/vectors.js';
import { withLocalInputs } from '../input/with-local-inputs.js';
import { reportCost } from '../report/cost.js';
import { isModelHere } from '../run/base-run.js';
import { type CheckedRun, checkOptions, checkRun } from '../run/checked-run.js';
import { chooseRunDir } from '../run/run-name.js';
import { PRUNE_OPTIONS, type PruneOptions } from '../run-options.js';
import { corpusContents } from '../stages/contents.js';
import { needsCosineGraph } from '../stages/cosine-graph.js';
import {
  resultCost,
  scaledScoresCost,
  selectionFilesCost,
  vectorColumnCost,
  vectorContentsCost,
} from '../stages/cost.js';
import { modalityOf } from '../stages/embed-corpus.js';
import { knownVectors } from '../stages/known-vectors.js';
import { firstStage } from '../stages/stages.js';
import { corpusCost, modelOf, settingsOf } from './corpus-cost.js';
import { earlierResults } from './earlier-results.js';
import { embeddingNotices } from './plan-notices.js';
import { planTable } from './plan-text.js';
import { type Plan, reusedStage, stagePlan } from './stage-plan.js';

/** Of the vectors of a column, whose number of columns nobody knows yet. */
const USUAL_COLS = 384;

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
  checked: CheckedRun,
  options: PruneOptions,
  embeddedRows: number,
): Promise<[stage: string, cost: Cost][]> {
  const { method, input, budget: kept, scores, labels } = checked;
  const { file, vectorCount: rows } = input;
  const { threads, difficulty, prototypes, backend } = options;
  const cols = colsOf(input, options);
  const k = Math.min(rows, options.k ?? defaultK(method));
  const classes = labels && new Set(labels).size;
  const files = { rows, kept, bytes: sizeOf(file), content: isVectorFile(file) ? 'vectors' : 'text' } as const;
  const selection = { rows, cols, k, budget: kept };
  const graph = await graphCost({ rows, cols, k, backend, threads });
  const costs: [string, Cost][] = [
    ['difficulty', scores ? scaledScoresCost(rows) : difficultyCost({ rows, cols, prototypes, difficulty, classes })],
    ['graph', graph],
    ...((await hasCosineGraph(checked, options)) ? ([['cosine-graph', graph]] as [string, Cost][]) : []),
    ['select', addCosts(selectCost(method, selection), selectionFilesCost(selection))],
    ...(options.map === 'none' ? [] : ([['map', mapCost({ rows, cols, k, choice: options.map })]] as [string, Cost][])),
    ['write', resultCost(files)],
    ['report', reportCost({ rows, cols, kept, bytes: isVectorFile(file) ? 0 : files.bytes })],
  ];
  const first =
    input.kind === 'vectors' ? vectorContentsCost({ rows, cols }) : embeddingsCost(input, options, cols, embeddedRows);
  return [[firstStage(input), first], ...othersCosts(checked, options, cols), ...costs];
}

/** Whether the neighbours by cosine are searched too, as far as the vectors are known. */
async function hasCosineGraph(
  { input, steering: { preference } }: CheckedRun,
  options: PruneOptions,
): Promise<boolean> {
  const { maxSimilarity, signal } = options;
  if (input.kind === 'vectors') return needsCosineGraph(input.vectors, { preference, maxSimilarity }, signal);
  if (maxSimilarity === undefined && preference === undefined) return false;
  const { modality } = input.corpus.content;
  return modality === 'vector' ? false : !settingsOf(input.corpus, options).normalise;
}

/** Of rows that become vectors. @param done rows whose vectors are there */
function embeddingsCost({ file, corpus }: CorpusInput, options: EmbedOptions, cols: number, done = 0): Cost {
  const isColumn = corpus.content.modality === 'vector';
  return isColumn
    ? vectorColumnCost({ rows: embeddedCount(corpus), bytes: sizeOf(file), cols })
    : corpusCost(corpus, options, done);
}

/** Of inputs beside the corpus. */
function othersCosts(
  { input, others }: CheckedRun,
  options: EmbedOptions,
  cols: number,
): [stage: string, cost: Cost][] {
  const costs: [string, Cost][] = OTHER_INPUTS.flatMap((name) => {
    const other = others[name];
    return other?.kind === 'corpus' ? [[name, embeddingsCost(other, options, cols)]] : [];
  });
  const { against } = others;
  if (against === undefined) return costs;
  return [...costs, ['nearest', nearestAmongCost({ rows: input.vectorCount, others: against.vectorCount, cols })]];
}

/** Of the rows that are embedded how many have their vectors in an earlier run or the cache. */
async function knownCounts(
  { input, base }: CheckedRun,
  options: PruneOptions,
): Promise<{ known: number; cached?: number }> {
  if (input.kind === 'vectors' || input.corpus.content.modality === 'vector') return { known: 0 };
  const { corpus } = input;
  const { signal } = options;
  const of = base && knownVectors(base, await corpusContents(corpus, signal), corpus)?.of;
  const cached = isModelHere(input, options)
    ? await inCache(corpusItems(corpus), {
        ...pickOptions(options, EMBED_OPTIONS),
        modality: modalityOf(corpus),
      })
    : undefined;
  let known = 0;
  for (let row = 0; row < embeddedCount(corpus); row++) if ((of && of[row] >= 0) || cached?.[row] === 1) known++;
  return { known, cached: cached?.reduce((sum, one) => sum + one, 0) };
}

/**
 * The plan of a run that was found in order.
 * @param runDir where an earlier run may have left results
 */
export async function planOf(checked: CheckedRun, options: PruneOptions, runDir: string): Promise<Plan> {
  const { method, input, budget: kept } = checked;
  const earlier = await earlierResults(runDir, checked, options);
  const { known, cached } = earlier.stages.has('embed') ? { known: 0 } : await knownCounts(checked, options);
  const done = Math.max(earlier.embeddedRows, known);
  const costs = await costsOf(checked, options, done);
  const stages = await Promise.all(
    costs.map(([stage, cost]) => (earlier.stages.has(stage) ? reusedStage(stage) : stagePlan(stage, cost, options))),
  );
  const embedding = stages.find(({ stage, reused }) => stage === 'embed' && !reused);
  const notices =
    embedding && input.kind === 'corpus' ? await embeddingNotices(input.corpus, options, embedding.seconds, done) : [];
  return {
    rows: input.vectorCount,
    kept,
    method,
    ...(cached !== undefined && { cached }),
    stages,
    seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
    memory: Math.max(...stages.map(({ memory }) => memory)),
    disk: stages.reduce((sum, { disk }) => sum + disk, 0),
    notices,
  };
}

/**
 * Estimate time, memory and disk of {@link prune} on this machine, stage by stage; a stage whose result an earlier run left
 * takes none. Reads the input and the run directory and times one small product; embeds nothing and writes nothing.
 *
 * @throws CoresetError as `prune` does when the input or an option is wrong
 */
export async function plan(input: Input | readonly Input[], asked: PruneOptions): Promise<Plan & ShowsItself> {
  requireKnownOptions('plan', asked, PRUNE_OPTIONS);
  const options = shownInCell(asked);
  const method = await checkOptions(options);
  const given = givenInputs(input);
  if (given.some((one) => descriptorOf(one) !== undefined))
    throw new CoresetError('plan cannot read standard input, which prune could not read again; name a file');
  const planned = await withLocalInputs(given, options, async (paths, copy) => {
    const checked = await checkRun(paths, await otherPaths(given, options, copy), method, options);
    if (checked.scores === undefined) tellPseudoClasses(checked.input.vectorCount, options);
    return planOf(checked, options, chooseRunDir(given, options.runDir));
  });
  return showAs(planned, () => ({
    'text/html': planView(planned).text,
    'text/plain': planTable(planned).join('\n'),
  }));
}
