import { formatCount, requireWritable, writeNpy } from '@coreset/core';
import {
  type DifficultyOptions,
  difficultyCost,
  difficultyScores,
  requireDifficultyOptions,
} from '@coreset/difficulty';
import { type Command, Option } from 'commander';
import { FileWatch } from '../../input/file-watch.js';
import { labelsFromFile } from '../../input/labels.js';
import { openEmbeddings } from '../../input/vectors.js';
import { requireNoInput } from '../../output/no-input.js';
import { stageLine } from '../../plan/plan-text.js';
import { stagePlan } from '../../plan/stage-plan.js';
import { tellEnvironment } from '../../run/environment.js';
import { announce, type CommonFlags, numeric, positive, report, subcommand, withProgress } from '../command-line.js';
import { GROUPS } from '../help/groups.js';
import { addDifficultyOptions, addSeedOption } from './shared-options.js';

const EXAMPLE = `coreset score embeddings.npy --prototypes 100 --out difficulty.npy

writes one float64 in [0, 1] per row: the scaled distance to the nearest of 100 k-means prototypes.

coreset score embeddings.npy --difficulty aum --labels classes.txt --out difficulty.npy

writes how hard each row is to tell from other classes, as a logistic regression finds while it learns them.`;

type Flags = Omit<DifficultyOptions, 'labels'> & CommonFlags & { out: string; member?: string; labels?: string };

/** `coreset score` */
export function scoreCommand(): Command {
  const command = subcommand(
    'score',
    'Difficulty of embeddings: distance to the nearest k-means prototype, or training dynamics',
    EXAMPLE,
  )
    .argument('<embeddings>', 'vectors, rows × columns: .npy, .npz or .safetensors')
    .optionsGroup(GROUPS.input)
    .option('--member <name>', 'which array of an .npz, or tensor of a .safetensors, file')
    .option(
      '--labels <file>',
      'class of each row, for a --difficulty of training dynamics: .npy, or text with a label per line',
    )
    .optionsGroup(GROUPS.output)
    .requiredOption('--out <file>', '.npy file to write')
    .optionsGroup(GROUPS.advanced)
    .addOption(
      new Option('--metric <metric>', 'distance to a prototype (default: euclidean)').choices(['euclidean', 'cosine']),
    )
    .addOption(
      new Option('--backend <backend>', 'k-means implementation (default: kernel)').choices(['kernel', 'ml-kmeans']),
    )
    .addOption(numeric('--iterations <n>', 'k-means iterations at most (default: 20)', positive));
  for (const add of [addDifficultyOptions, addSeedOption]) add(command);
  return command.action(async (path: string, flags: Flags) => {
    const { out, member, labels: labelsPath, json, quiet, verbose, ...options } = flags;
    requireDifficultyOptions({ ...options, labels: labelsPath });
    requireWritable(out);
    requireNoInput(out, { files: labelsPath === undefined ? [path] : [path, labelsPath] });
    const watch = new FileWatch([path]);
    const vectors = await openEmbeddings(path, member);
    const { rows, cols } = vectors;
    const { difficulty = 'prototype', prototypes } = options;
    const labels = labelsPath === undefined ? undefined : await labelsFromFile(labelsPath, rows);
    const cost = difficultyCost({ rows, cols, prototypes, difficulty, classes: labels && new Set(labels).size });
    announce(flags, stageLine(await stagePlan('difficulty', cost, flags)));
    const found = await withProgress(flags, async (run) => {
      await tellEnvironment(run);
      return difficultyScores(vectors, { ...options, ...run, labels });
    });
    watch.verify();
    await writeNpy(out, found.scores);
    const from = labels ? { classes: found.prototypes } : { prototypes: found.prototypes };
    const [[what, count]] = Object.entries(from);
    report(flags, { rows, difficulty, ...from, files: { difficulty: out } }, [
      `difficulty ${difficulty} of ${formatCount(rows)} rows from ${count} ${what}: ${out}`,
    ]);
  });
}
