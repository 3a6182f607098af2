import { CoresetError, diagnose, formatCount, requireRegular } from '@coreset/core';
import { type CacheOptions, checkCache } from '@coreset/embedder';
import type { Command } from 'commander';
import { embeddedCount } from '../../input/corpus.js';
import type { CorpusOptions } from '../../input/corpus-options.js';
import { givenInputs } from '../../input/given.js';
import { inputsOf } from '../../input/inputs-of.js';
import type { LocalOptions } from '../../input/local-inputs.js';
import { openInput } from '../../input/open-input.js';
import { withLocalInputs } from '../../input/with-local-inputs.js';
import { requireNoInput, requireOwnCache } from '../../output/no-input.js';
import { corpusCost } from '../../plan/corpus-cost.js';
import { embeddingNotices } from '../../plan/plan-notices.js';
import { stageLine } from '../../plan/plan-text.js';
import { stagePlan } from '../../plan/stage-plan.js';
import { tellEnvironment } from '../../run/environment.js';
import {
  type EmbedSettings,
  embedCorpusToFile,
  embeddedDiagnostics,
  leaveOutEmpty,
  readingNotes,
} from '../../stages/embed-corpus.js';
import { announce, type CommonFlags, report, subcommand, withProgress } from '../command-line.js';
import { GROUPS } from '../help/groups.js';
import { addHelpTexts } from '../help/texts.js';
import { EMBED_MOST_USED } from './most-used.js';
import { addCorpusOptions, addModelOptions, INPUT } from './shared-options.js';

type Flags = CorpusOptions & LocalOptions & EmbedSettings & CacheOptions & CommonFlags & { out: string };

const EXAMPLE = `coreset embed packages.jsonl --text description --out embeddings.npy

writes one float32 vector per row, of length 1 unless the model's files say otherwise. Stopped in between, the same command goes on behind the
last whole shard of 1,024 rows.`;

/** `coreset embed` */
export function embedCommand(): Command {
  const command = subcommand('embed', 'Embed the rows of a corpus', EXAMPLE)
    .argument('<input...>', INPUT)
    .optionsGroup(GROUPS.output)
    .requiredOption('--out <file>', '.npy file to write');
  addHelpTexts(command, { mostUsed: EMBED_MOST_USED });
  for (const add of [addCorpusOptions, addModelOptions]) add(command);
  return command.action(async (input: string[], flags: Flags) => {
    const { out, json, quiet, verbose, ...options } = flags;
    const { rows, embedded } = await withProgress(flags, async (run) => {
      const settings = { ...options, ...run };
      requireRegular(out);
      checkCache(options);
      const given = givenInputs(input);
      return withLocalInputs(given, settings, async (paths) => {
        const opened = await openInput(paths, settings);
        if (opened.kind === 'vectors') throw new CoresetError(`${opened.vectorsPath} holds vectors already`);
        const { corpus } = opened;
        const inputs = await inputsOf(given, settings);
        requireNoInput(out, inputs);
        requireOwnCache(options.cache, inputs.folders ?? []);
        await tellEnvironment(run);
        if (corpus.content.modality !== 'vector') {
          const planned = await stagePlan('embed', corpusCost(corpus, settings), settings);
          announce(flags, stageLine(planned));
          for (const notice of await embeddingNotices(corpus, settings, planned.seconds)) run.onNotice?.(notice);
        }
        const readings = await embedCorpusToFile(out, corpus, settings);
        diagnose(settings, 'embed', embeddedDiagnostics(corpus, readings));
        const empty = await leaveOutEmpty(out, readings);
        if (readings) for (const notice of await readingNotes(corpus, readings, settings)) run.onNotice?.(notice);
        return { rows: corpus.rows, embedded: embeddedCount(corpus) - empty };
      });
    });
    const left = rows - embedded;
    const leftOut =
      left > 0 ? ` (${formatCount(left)} ${left === 1 ? 'row' : 'rows'} with nothing to embed left out)` : '';
    report(flags, { rows, embedded, files: { embeddings: out } }, [
      `embeddings of ${formatCount(embedded)} rows${leftOut}: ${out}`,
    ]);
  });
}
