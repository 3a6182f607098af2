import { formatCount, formatSeconds } from '@coreset/core';
import { shellWord } from '@coreset/report';
import type { PruneResult } from '../prune.js';
import type { DropReason } from '../stages/result-files.js';
import type { Colours } from './colours.js';

const LABEL = 10;

/** What a reason says of one row, and of several. */
const REASONS: Record<DropReason, readonly [one: string, several: string]> = {
  outranked: ['outranked', 'outranked'],
  redundant: ['redundant', 'redundant'],
  'near-duplicate': ['near-duplicate', 'near-duplicates'],
  duplicate: ['duplicate', 'duplicates'],
  indistinguishable: ['indistinguishable', 'indistinguishable'],
  against: ['too near to --against', 'too near to --against'],
  excluded: ['excluded', 'excluded'],
  'nothing to embed': ['with nothing to embed', 'with nothing to embed'],
};

/** How this command was called, and can be called again. */
export function ownName(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.npm_command === 'exec' ? 'npx coreset' : 'coreset';
}

/**
 * What a person wants to know after a run, in six lines at most.
 * @param command what the command is called by
 */
export function pruneSummary(
  result: PruneResult,
  { bold, green, dim }: Colours,
  command: string = ownName(),
): string[] {
  const { rows, kept, reasons, meanDistance, seconds, reused, files } = result;
  const dropped = rows - kept;
  const line = (label: string, text: string): string => `${dim(label.padEnd(LABEL))}${text}`;
  const runDir = shellWord(files.runDir);
  const total = Object.values(seconds).reduce((sum, one) => sum + one, 0);
  const again = reused.length > 0 ? ` (reused: ${reused.join(', ')})` : '';
  const count = bold(green(`${formatCount(kept)} of ${formatCount(rows)} ${rows === 1 ? 'row' : 'rows'}`));
  const where = bold(files.kept === '-' ? 'standard output' : files.kept);
  return [
    line('kept', `${count} (${percent(kept / rows)}): ${where}`),
    ...(dropped > 0
      ? [line('dropped', `${formatCount(dropped)}: ${counted(reasons)}`), line('coverage', coverage(meanDistance))]
      : []),
    line('report', `${bold(files.report)} (${green(`${command} show ${runDir}`)})`),
    ...(dropped > 0 ? [line('why', green(`${command} explain ${runDir} ROW`))] : []),
    line('time', `${formatSeconds(total)}${again}; all files are in ${files.runDir}`),
  ];
}

/** The files of a run, a line each, with seconds of the stages. */
export function allFiles({ files, seconds, reused }: PruneResult, { dim }: Colours): string[] {
  const stages = Object.entries(seconds).map(([stage, s]) =>
    reused.includes(stage) ? `${stage} reused` : `${stage} ${s.toFixed(1)} s`,
  );
  return [
    ...Object.entries({
      'order of picks': files.selection,
      'worth of each pick': files.selected,
      'reason of each dropped row': files.dropped,
    }).map(([what, path]) => `${dim(what.padEnd(28))}${path}`),
    `${dim('time of each stage'.padEnd(28))}${stages.join(', ')}`,
  ];
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function counted(reasons: PruneResult['reasons']): string {
  return (Object.entries(reasons) as [DropReason, number][])
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${formatCount(count)} ${REASONS[reason][count === 1 ? 0 : 1]}`)
    .join(', ');
}

function coverage({ kept, random }: PruneResult['meanDistance']): string {
  const nearer = random > 0 ? Math.round(100 * (1 - kept / random)) : 0;
  const than = nearer === 0 ? 'as near' : `${Math.abs(nearer)} % ${nearer > 0 ? 'nearer' : 'farther'}`;
  return `nearest kept row ${kept.toFixed(3)} away on average; ${random.toFixed(3)} at random (${than})`;
}
