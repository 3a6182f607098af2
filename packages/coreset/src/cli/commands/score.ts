import { requireWritable, writeNpy } from '@coreset/core';
import { difficultyCost, difficultyScores, type KmeansOptions } from '@coreset/difficulty';
import { type Command, Option } from 'commander';
import { FileWatch } from '../../input/file-watch.js';
import { openEmbeddings } from '../../input/vectors.js';
import { requireNoInput } from '../../output/no-input.js';
import { stageLine } from '../../plan/plan-text.js';
import { stagePlan } from '../../plan/stage-plan.js';
import { tellEnvironment } from '../../run/environment.js';
import { announce, type CommonFlags, numeric, positive, report, subcommand, withProgress } from '../command-line.js';
import { formatCount } from '../progress-display.js';
import { addDifficultyOptions, addSeedOption } from './shared-options.js';

const EXAMPLE = `coreset score embeddings.npy --prototypes 100 --out difficulty.npy

writes one float64 in [0, 1] per row: the scaled distance to the nearest of 100 k-means prototypes.`;

/** `coreset score` */
export function scoreCommand(): Command {
  const command = subcommand('score', 'Difficulty of embeddings: distance to the nearest k-means prototype', EXAMPLE)
    .argument('<embeddings>', 'vectors, rows × columns: .npy, .npz or .safetensors')
    .option('--member <name>', 'which array of an .npz, or tensor of a .safetensors, file')
    .requiredOption('--out <file>', '.npy file to write')
    .addOption(
      new Option('--metric <metric>', 'distance to a prototype (default: euclidean)').choices(['euclidean', 'cosine']),
    )
    .addOption(
      new Option('--backend <backend>', 'k-means implementation (default: kernel)').choices(['kernel', 'ml-kmeans']),
    )
    .addOption(numeric('--iterations <n>', 'k-means iterations at most (default: 20)', positive));
  for (const add of [addDifficultyOptions, addSeedOption]) add(command);
  return command.action(async (path: string, flags: KmeansOptions & CommonFlags & { out: string; member?: string }) => {
    const { out, member, json, quiet, verbose, ...options } = flags;
    requireWritable(out);
    requireNoInput(out, { files: [path] });
    const watch = new FileWatch([path]);
    const vectors = await openEmbeddings(path, member);
    const { rows, cols } = vectors;
    const cost = difficultyCost({ rows, cols, prototypes: options.prototypes });
    announce(flags, stageLine(await stagePlan('difficulty', cost, flags)));
    const difficulty = await withProgress(flags, async (run) => {
      await tellEnvironment(run);
      return difficultyScores(vectors, { ...options, ...run });
    });
    watch.verify();
    await writeNpy(out, difficulty.scores);
    const summary = { rows: vectors.rows, prototypes: difficulty.prototypes, files: { difficulty: out } };
    report(flags, summary, [
      `difficulty of ${formatCount(vectors.rows)} rows from ${difficulty.prototypes} prototypes: ${out}`,
    ]);
  });
}
