import type { PruneResult } from '../prune.js';
import type { DropReason } from '../stages/result-files.js';
import type { Colours } from './colours.js';
import { formatCount, formatSeconds } from './progress-display.js';
import { shellWord } from './shell-word.js';

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

/** What a person wants to know after a run, in six lines at most. */
export function pruneSummary(result: PruneResult, { bold, green, dim }: Colours): string[] {
  const { rows, kept, reasons, meanDistance, seconds, reused, files } = result;
  const dropped = rows - kept;
  const share = percent(kept / rows);
  const where = files.kept === '-' ? 'standard output' : files.kept;
  const runDir = shellWord(files.runDir);
  const total = Object.values(seconds).reduce((sum, one) => sum + one, 0);
  const again = reused.length > 0 ? `; reused from an earlier run: ${reused.join(', ')}` : '';
  return [
    `${bold(green(`kept ${formatCount(kept)}`))} of ${formatCount(rows)} rows (${share}): ${bold(where)}`,
    dropped > 0 ? `dropped ${formatCount(dropped)}: ${counted(reasons)}` : 'dropped none',
    coverage(meanDistance, dropped),
    `report page ${bold(files.report)} ${dim(`(coreset show ${runDir})`)}`,
    ...(dropped > 0 ? [`why a row was dropped: ${green(`coreset explain ${runDir} ROW`)}`] : []),
    dim(`${formatSeconds(total)}; every stage's result is in ${files.runDir}${again}`),
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
    }).map(([what, path]) => `  ${what.padEnd(26)}  ${path}`),
    dim(`  ${stages.join(', ')}`),
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

function coverage({ kept, random }: PruneResult['meanDistance'], dropped: number): string {
  if (dropped === 0) return 'every row is kept';
  const nearer = random > 0 ? Math.round(100 * (1 - kept / random)) : 0;
  const than = nearer === 0 ? 'as near' : `${Math.abs(nearer)} % ${nearer > 0 ? 'nearer' : 'farther'}`;
  return `a row lies ${kept.toFixed(3)} from the nearest kept row, on the mean; with a choice at random ${random.toFixed(3)} (${than})`;
}
