import { join } from 'node:path';
import { formatCount, requireWritable } from '@coreset/core';
import { buildGraph, GRAPH_FILES, type GraphOptions, graphCost, writeGraph } from '@coreset/graph';
import type { Command } from 'commander';
import { defaultK } from '../../defaults.js';
import { FileWatch } from '../../input/file-watch.js';
import { openEmbeddings } from '../../input/vectors.js';
import { requireNoInput } from '../../output/no-input.js';
import { stageLine } from '../../plan/plan-text.js';
import { stagePlan } from '../../plan/stage-plan.js';
import { tellEnvironment } from '../../run/environment.js';
import { announce, type CommonFlags, report, subcommand, withProgress } from '../command-line.js';
import { GROUPS } from '../help/groups.js';
import { addGraphOptions, addSeedOption } from './shared-options.js';

const EXAMPLE = `coreset graph embeddings.npy --k 10 --backend exact --out graph

writes graph/neighbours.npy (rows × 10, int32), graph/distances.npy (rows × 10, float32, Euclidean,
ascending, the row itself excluded) and graph/duplicates.npy (the first row with the same vector).`;

/** `coreset graph` */
export function graphCommand(): Command {
  const command = subcommand('graph', 'k-nearest-neighbour graph of embeddings', EXAMPLE)
    .argument('<embeddings>', 'vectors, rows × columns: .npy, .npz or .safetensors')
    .optionsGroup(GROUPS.input)
    .option('--member <name>', 'which array of an .npz, or tensor of a .safetensors, file')
    .optionsGroup(GROUPS.output)
    .requiredOption('--out <dir>', 'folder to write neighbours.npy, distances.npy and duplicates.npy into');
  for (const add of [addGraphOptions, addSeedOption]) add(command);
  return command.action(async (path: string, flags: GraphOptions & CommonFlags & { out: string; member?: string }) => {
    const { out, member, json, quiet, verbose, ...options } = flags;
    requireWritable(join(out, 'neighbours.npy'));
    for (const name of Object.values(GRAPH_FILES)) requireNoInput(join(out, name), { files: [path] });
    const watch = new FileWatch([path]);
    const vectors = await openEmbeddings(path, member);
    const k = options.k ?? defaultK('auto');
    const { rows, cols } = vectors;
    const { backend, threads } = options;
    const cost = await graphCost({ rows, cols, k, backend, threads });
    announce(flags, stageLine(await stagePlan('graph', cost, flags)));
    const graph = await withProgress(flags, async (run) => {
      await tellEnvironment(run);
      return buildGraph(vectors, { ...options, k, ...run });
    });
    watch.verify();
    const files = await writeGraph(out, graph);
    report(flags, { rows: graph.rows, k: graph.k, files }, [
      `${graph.k} neighbours of ${formatCount(graph.rows)} rows:`,
      ...files.map((file) => `  ${file}`),
    ]);
  });
}
