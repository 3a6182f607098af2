import { requireWritable } from '@coreset/core';
import type { Command } from 'commander';
import { announce, type CommonFlags, report, subcommand, withProgress } from '../command-line.js';
import { type CorpusOptions, openCorpus } from '../corpus.js';
import type { EmbedSettings } from '../embed-corpus.js';
import { embedCorpusToFile } from '../embed-corpus.js';
import { planCorpus } from '../plan-run.js';
import { stageLine } from '../plan-text.js';
import { formatCount } from '../progress-display.js';
import { addCorpusOptions, addModelOptions } from './shared-options.js';

const EXAMPLE = `coreset embed packages.jsonl --text description --out embeddings.npy

writes one float32 vector of length 1 per row. Stopped in between, the same command goes on behind the
last whole shard of 1,024 rows.`;

/** `coreset embed` */
export function embedCommand(): Command {
  const command = subcommand('embed', 'Embed the rows of a corpus', EXAMPLE)
    .argument('<input>', 'JSONL, CSV, TSV, Parquet or text (a line a row), may be gzipped; or a folder of images')
    .requiredOption('--out <file>', '.npy file to write');
  for (const add of [addCorpusOptions, addModelOptions]) add(command);
  return command.action(async (input: string, flags: CorpusOptions & EmbedSettings & CommonFlags & { out: string }) => {
    const { out, json, quiet, ...options } = flags;
    const { rows, left, modality } = await withProgress(flags, async (run) => {
      requireWritable(out);
      const corpus = await openCorpus(input, { ...options, ...run });
      announce(flags, stageLine(await planCorpus(corpus, { ...options, ...run })));
      await embedCorpusToFile(out, corpus, { ...options, ...run });
      return { rows: corpus.rows, left: corpus.badRows.length, modality: corpus.modality };
    });
    const summary = { rows, embedded: rows - left, files: { embeddings: out } };
    const leftOut = left > 0 ? ` (${formatCount(left)} rows without ${modality} left out)` : '';
    report(flags, summary, [`embeddings of ${formatCount(rows - left)} rows${leftOut}: ${out}`]);
  });
}
