import type { Command } from 'commander';
import { plan } from '../../plan/plan.js';
import { planTable } from '../../plan/plan-text.js';
import { tellEnvironment } from '../../run/environment.js';
import { report, subcommand, withProgress } from '../command-line.js';
import { addPruneOptions, type PruneFlags, pruneOptions } from './prune.js';

const EXAMPLE = `coreset plan packages.jsonl --keep 0.3 --text description

prints the time, memory and disk that coreset prune would take with the same options, stage by stage,
on this machine; within a factor of two. A stage is marked as reused where an earlier run left its result.
It reads the input and writes nothing.`;

/** `coreset plan` */
export function planCommand(): Command {
  const command = addPruneOptions(subcommand('plan', 'Estimate what prune would take, before any work', EXAMPLE));
  return command.action(async (input: string[], flags: PruneFlags) => {
    const result = await withProgress(flags, async (run) => {
      const planned = await plan(input, { ...pruneOptions(flags), ...run });
      await tellEnvironment(run);
      return planned;
    });
    report(flags, result, planTable(result));
  });
}
