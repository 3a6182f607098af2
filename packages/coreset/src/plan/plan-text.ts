import { formatBytes, formatCount, formatSeconds } from '@coreset/core';
import type { Plan, StagePlan } from './stage-plan.js';

function about(seconds: number): string {
  return seconds < 0.5 ? '< 1 s' : formatSeconds(seconds);
}

function timeOf({ seconds, reused }: StagePlan): string {
  return reused ? 'reused' : about(seconds);
}

/** A plan in one line, for the start of a run. */
export function planLine({
  stages,
  seconds,
  memory,
  disk,
}: Pick<Plan, 'stages' | 'seconds' | 'memory' | 'disk'>): string {
  const each = stages.map((plan) => `${plan.stage} ${timeOf(plan)}`).join(', ');
  const detail = stages.length > 1 ? ` (${each})` : '';
  return `plan: about ${about(seconds)}${detail}, ${formatBytes(memory)} of memory, ${formatBytes(disk)} on disk`;
}

/** The same for a command of one stage. */
export function stageLine(stage: StagePlan): string {
  return planLine({ ...stage, stages: [stage] });
}

/** A plan as a table. */
export function planTable({ rows, kept, method, cached, stages, seconds, memory, disk, notices }: Plan): string[] {
  const line = (stage: string, time: string, bytes: string, files: string): string =>
    `${stage.padEnd(12)} ${time.padStart(12)} ${bytes.padStart(12)} ${files.padStart(12)}`;
  return [
    `keep ${formatCount(kept)} of ${formatCount(rows)} rows, method ${method}`,
    ...(cached === undefined ? [] : [`the vectors of ${formatCount(cached)} rows are in the cache`]),
    line('stage', 'time', 'memory', 'disk'),
    ...stages.map((plan) => line(plan.stage, timeOf(plan), formatBytes(plan.memory), formatBytes(plan.disk))),
    line('in all', about(seconds), formatBytes(memory), formatBytes(disk)),
    ...notices,
  ];
}
