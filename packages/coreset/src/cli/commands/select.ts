import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { addCosts, CoresetError, formatCount, pickOptions, requireWritable, type Vectors } from '@coreset/core';
import { GRAPH_FILES, type NeighbourGraph, readGraph, readNeighbourFiles } from '@coreset/graph';
import { type Keep, type MethodName, methodOf, type Need, parseKeep, select, selectCost } from '@coreset/selector';
import type { Command } from 'commander';
import { chooseMethod, METHOD_CHOICE, type Preset } from '../../defaults.js';
import { labelsFromFile } from '../../input/labels.js';
import { readScores } from '../../input/scores.js';
import { readSteeringFiles, type SteeringOptions } from '../../input/steering.js';
import { openEmbeddings } from '../../input/vectors.js';
import { requireNoInput } from '../../output/no-input.js';
import { stageLine } from '../../plan/plan-text.js';
import { stagePlan } from '../../plan/stage-plan.js';
import { budgetOfCosts, requireKeep, requireUsed } from '../../run/checked-run.js';
import { tellEnvironment } from '../../run/environment.js';
import { type SelectSettings, selectSettings } from '../../select-settings.js';
import { selectionFilesCost } from '../../stages/cost.js';
import { writeSelection } from '../../stages/selection-file.js';

import { tellSelection } from '../../stages/told-selection.js';
import { announce, type CommonFlags, numeric, positive, report, subcommand, withProgress } from '../command-line.js';
import { GROUPS } from '../help/groups.js';
import { addHelpTexts } from '../help/texts.js';
import { SELECT_MOST_USED } from './most-used.js';
import { addD2Options, addMethodOptions, addSeedOption, addSteeringOptions, KEEP } from './shared-options.js';

const EXAMPLE = `coreset select --graph graph --scores difficulty.npy --keep 0.3 --out selection.json

writes { order, kept, gain, weight, dropped: [{ row, by, distance }] }; the first n rows of order are
the selection at a budget of n, gain and weight are those of order, by is the kept row that stands for
a dropped one. With --embeddings it is similarity instead of distance. Scores are taken as they are,
not scaled.`;

interface Flags extends Omit<SelectSettings, 'edges' | 'dropDuplicates'>, SteeringOptions, CommonFlags {
  graph?: string;
  neighbours?: string;
  distances?: string;
  k?: number;
  scores?: string;
  embeddings?: string;
  labels?: string;
  keep?: Keep;
  out: string;
  preset?: Preset;
  method?: MethodName;
  duplicates?: 'drop' | 'keep';
  graphEdges?: SelectSettings['edges'];
  seed?: number;
}

/** `coreset select` */
export function selectCommand(): Command {
  const command = subcommand('select', 'Select a coreset from a neighbour graph and scores', EXAMPLE)
    .optionsGroup(GROUPS.input)
    .option('--graph <dir>', 'folder that coreset graph wrote')
    .option(
      '--neighbours <file>',
      'ready-made neighbours in place of --graph: .npy, rows × k, integer; may list the row itself',
    )
    .option('--distances <file>', 'their Euclidean distances: .npy, rows × k, float')
    .addOption(numeric('--k <k>', 'how many of the listed neighbours to use (default: all)', positive))
    .option('--scores <file>', 'one score per row: .npy, or text with a number per line')
    .option(
      '--embeddings <file>',
      'vectors, for methods that need them, and for similarities: .npy, rows × columns, float',
    )
    .option('--labels <file>', 'class of each row, for d2-per-class and moderate: .npy, or text with a label per line')
    .optionsGroup(GROUPS.budget)
    .option('--keep <share|count>', KEEP)
    .optionsGroup(GROUPS.output)
    .requiredOption('--out <file>', 'JSON file to write');
  addHelpTexts(command, { mostUsed: SELECT_MOST_USED });
  for (const add of [addSteeringOptions, addMethodOptions, addD2Options, addSeedOption]) add(command);
  return command.action(async (flags: Flags) => {
    requireWritable(flags.out);
    requireNoInput(flags.out, { files: filesRead(flags) });
    const edges = flags.graphEdges;
    const method = chooseMethod({ ...pickOptions(flags, METHOD_CHOICE), edges });
    requireUsed(method, flags);
    const graph = readAnyGraph(flags, method);
    const vectors = flags.embeddings === undefined ? undefined : await openEmbeddings(flags.embeddings);
    const rows = rowsOf(graph, vectors, flags.embeddings);
    const scores = flags.scores === undefined ? undefined : await readScores(flags.scores, rows);
    const labels = flags.labels === undefined ? undefined : await labelsFromFile(flags.labels, rows);
    requireNeeded(method, { graph, vectors, scores, labels });
    requireKeep(flags);
    const onNotice = (notice: string): void => announce(flags, `note: ${notice}`);
    const { balance, groupMinimum, ...steered } = await readSteeringFiles(rows, { ...flags, onNotice });
    const { seed } = flags;
    const input = { rows, budget: budgetOf(flags, rows, steered), graph, vectors, scores, labels, seed, ...steered };
    const dropDuplicates = flags.duplicates !== 'keep';
    const settings = { ...selectSettings({ ...flags, edges, dropDuplicates }), balance, groupMinimum };
    const planned = Math.min(rows, Math.max(1, Math.round(input.budget)));
    const workload = { rows, cols: vectors?.cols ?? 0, k: graph?.k ?? 0, budget: planned };
    const cost = addCosts(selectCost(method, workload), selectionFilesCost(workload));
    announce(flags, stageLine(await stagePlan('select', cost, flags)));
    const selection = await withProgress(flags, async (run) => {
      await tellEnvironment(run);
      const running = pickOptions(run, { signal: true, onDiagnostics: true });
      const selected = await select(method, { ...input, ...running }, settings);
      return tellSelection(selected, { vectors, graph, ...running });
    });
    await writeSelection(flags.out, selection);
    const kept = selection.order.length;
    report(flags, { method, rows, kept, files: { selection: flags.out } }, [
      `kept ${formatCount(kept)} of ${formatCount(rows)} rows by ${method}: ${flags.out}`,
    ]);
  });
}

/** The budget of what is not excluded, in rows or, where rows have costs, in their unit. */
function budgetOf({ keep = '100%', cost = '' }: Flags, rows: number, steered: SteeredFiles): number {
  const { costs, exclude = new Int32Array(0) } = steered;
  if (exclude.length === rows) throw new CoresetError('--exclude names all rows: nothing is left to select');
  if (costs === undefined) return parseKeep(keep, rows - exclude.length);
  return budgetOfCosts(keep, costs, exclude, cost);
}

type SteeredFiles = Pick<Awaited<ReturnType<typeof readSteeringFiles>>, 'costs' | 'exclude'>;

/** Files that an output must not replace. */
function filesRead({ scores, labels, embeddings, neighbours, distances, graph, ...steering }: Flags): string[] {
  const { include, exclude, prefer, balance, cost } = steering;
  const listed = [include, exclude, prefer, balance, cost].flatMap((name) =>
    name ? [name, name.replace(/:\w+$/, '')] : [],
  );
  const files = graph === undefined ? [] : Object.values(GRAPH_FILES).map((name) => join(graph, name));
  return [scores, labels, embeddings, neighbours, distances, ...listed, ...files].filter((path) => path !== undefined);
}

const OPTION_OF = {
  graph: '--graph DIR',
  vectors: '--embeddings FILE',
  scores: '--scores FILE',
  labels: '--labels FILE',
  target: '--toward FILE to coreset prune',
} satisfies Record<Need, string>;

function requireNeeded(method: MethodName, given: Partial<Record<Need, unknown>>): void {
  for (const part of methodOf(method).needs) {
    if (given[part] === undefined) throw new CoresetError(`method ${method} needs ${part}; give ${OPTION_OF[part]}`);
  }
}

function rowsOf(graph: NeighbourGraph | undefined, vectors: Vectors | undefined, path: string | undefined): number {
  if (graph && vectors && graph.rows !== vectors.rows) {
    throw new CoresetError(`${path} has ${vectors.rows} rows, the graph has ${graph.rows}; they must match`);
  }
  const rows = graph?.rows ?? vectors?.rows;
  if (rows === undefined)
    throw new CoresetError('a graph is needed: --graph DIR, or --neighbours FILE with --distances FILE');
  return rows;
}

function readAnyGraph({ graph, neighbours, distances, k }: Flags, method: MethodName): NeighbourGraph | undefined {
  if (graph !== undefined) {
    if (neighbours !== undefined || distances !== undefined) {
      throw new CoresetError('give either --graph or --neighbours with --distances, not both');
    }
    if (!existsSync(graph)) throw new CoresetError(`cannot read ${graph}/neighbours.npy: no such file or folder`);
    return takeNeighbours(readGraph(graph), k);
  }
  if (neighbours === undefined || distances === undefined) {
    if (neighbours === undefined && distances === undefined && !methodOf(method).needs.includes('graph'))
      return undefined;
    throw new CoresetError('a graph is needed: --graph DIR, or --neighbours FILE with --distances FILE');
  }
  return readNeighbourFiles(neighbours, distances, k);
}

/** The same graph with the first `k` neighbours of each row. */
function takeNeighbours(graph: NeighbourGraph, k: number | undefined): NeighbourGraph {
  if (k === undefined || k === graph.k) return graph;
  if (!Number.isInteger(k) || k < 1 || k > graph.k) {
    throw new CoresetError(`--k ${k} must be a whole number from 1 to ${graph.k}, the neighbours in the graph`);
  }
  const isKept = (_: number, entry: number): boolean => entry % graph.k < k;
  return { ...graph, k, neighbours: graph.neighbours.filter(isKept), distances: graph.distances.filter(isKept) };
}
