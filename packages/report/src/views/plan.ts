import { formatBytes, formatCount, formatSeconds } from '@coreset/core';
import { type Html, html } from './html.js';
import { table } from './table.js';

/** What a stage is expected to take: seconds, bytes of memory and on disk. */
export interface PlannedStage {
  stage: string;
  seconds: number;
  memory: number;
  disk: number;
  /** Whether an earlier run left its result. */
  reused?: boolean;
}

/** What a run is expected to take. */
export interface PlannedRun {
  rows: number;
  kept: number;
  method: string;
  /** Rows whose vectors are in a cache, where one was asked for. */
  cached?: number;
  stages: PlannedStage[];
  seconds: number;
  memory: number;
  disk: number;
  /** What people should know before, a line each. */
  notices?: string[];
}

/** As a table of its stages. */
export function planView({ rows, kept, method, cached, stages, notices = [], ...all }: PlannedRun): Html {
  const time = (seconds: number): string => (seconds < 0.5 ? '< 1 s' : formatSeconds(seconds));
  return html`<p><b>Keep ${formatCount(kept)} of ${formatCount(rows)} rows</b> by <code>${method}</code>: about ${time(all.seconds)}, ${formatBytes(all.memory)} of memory, ${formatBytes(all.disk)} on disk.${cached === undefined ? '' : ` The vectors of ${formatCount(cached)} rows are in the cache.`}</p>\n${table(
    [
      { heading: 'stage' },
      { heading: 'time', isNumber: true },
      { heading: 'memory', isNumber: true },
      { heading: 'disk', isNumber: true },
    ],
    stages.map(({ stage, seconds, memory, disk, reused }) => [
      stage,
      reused ? 'reused' : time(seconds),
      formatBytes(memory),
      formatBytes(disk),
    ]),
  )}${notices.map((notice) => html`\n<p>${notice}</p>`)}`;
}
