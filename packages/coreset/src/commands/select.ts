import { CoresetError } from '@coreset/core';
import { type NeighbourGraph, readGraph, readNeighbourFiles } from '@coreset/graph';
import { d2Select, type Keep, parseKeep } from '@coreset/selector';
import type { Command } from 'commander';
import { type CommonFlags, numeric, report, subcommand, withProgress } from '../command-line.js';
import { formatCount } from '../progress-display.js';
import { writeSelection } from '../result-files.js';
import { readScores } from '../scores-input.js';
import type { D2Settings } from '../stages.js';
import { addD2Options } from './shared-options.js';

const EXAMPLE = `coreset select --graph graph --scores difficulty.npy --keep 0.3 --out selection.json

writes { order, kept, dropped: [{ row, by, scoreBefore, scoreAfter }] }; the first n rows of order are
the selection at a budget of n. Scores are taken as they are, not scaled.`;

type Flags = Omit<D2Settings, 'edges'> &
  CommonFlags & {
    graph?: string;
    neighbours?: string;
    distances?: string;
    k?: number;
    scores: string;
    keep: Keep;
    out: string;
    graphEdges?: D2Settings['edges'];
  };

/** `coreset select` */
export function selectCommand(): Command {
  const command = subcommand('select', 'Select a coreset from a neighbour graph and scores', EXAMPLE)
    .option('--graph <dir>', 'folder that coreset graph wrote')
    .option(
      '--neighbours <file>',
      'ready-made neighbours in place of --graph: .npy, rows × k, integer; may list the row itself',
    )
    .option('--distances <file>', 'their Euclidean distances: .npy, rows × k, float')
    .addOption(numeric('--k <k>', 'how many of the listed neighbours to use (default: all)'))
    .requiredOption('--scores <file>', 'one score per row: .npy, or text with a number per line')
    .requiredOption('--keep <share|count>', 'what to KEEP: a share (0.3 or 30%) or a whole number of rows (3600)')
    .requiredOption('--out <file>', 'JSON file to write');
  addD2Options(command);
  return command.action(async (flags: Flags) => {
    const graph = readAnyGraph(flags);
    const scores = await readScores(flags.scores, graph.rows);
    const budget = parseKeep(flags.keep, graph.rows);
    const { gammaForward, gammaReverse, kernel, aggregate, reverse, belowZero, graphEdges: edges } = flags;
    const selection = await withProgress(flags, async () =>
      d2Select(graph, scores, { budget, gammaForward, gammaReverse, kernel, aggregate, reverse, belowZero, edges }),
    );
    await writeSelection(flags.out, selection);
    const kept = selection.order.length;
    report(flags, { rows: graph.rows, kept, files: { selection: flags.out } }, [
      `kept ${formatCount(kept)} of ${formatCount(graph.rows)} rows: ${flags.out}`,
    ]);
  });
}

function readAnyGraph({ graph, neighbours, distances, k }: Flags): NeighbourGraph {
  if (graph !== undefined) {
    if (neighbours !== undefined || distances !== undefined) {
      throw new CoresetError('give either --graph or --neighbours with --distances, not both');
    }
    return takeNeighbours(readGraph(graph), k);
  }
  if (neighbours === undefined || distances === undefined) {
    throw new CoresetError('a graph is needed: --graph DIR, or --neighbours FILE with --distances FILE');
  }
  return readNeighbourFiles(neighbours, distances, k);
}

/** The same graph with the first `k` neighbours of each row. */
function takeNeighbours(graph: NeighbourGraph, k: number | undefined): NeighbourGraph {
  if (k === undefined || k === graph.k) return graph;
  if (!Number.isInteger(k) || k < 1 || k > graph.k)
    throw new CoresetError(`--k ${k} must be a whole number from 1 to ${graph.k}, the neighbours in the graph`);
  const isKept = (_: number, entry: number): boolean => entry % graph.k < k;
  return { ...graph, k, neighbours: graph.neighbours.filter(isKept), distances: graph.distances.filter(isKept) };
}
