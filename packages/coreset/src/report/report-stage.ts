import { diagnose, type RunOptions } from '@coreset/core';
import type { ReadingSummary } from '@coreset/embedder';
import { writeReportPage } from '@coreset/report';
import { openResults } from '../results/results.js';
import type { RunDirectory } from '../run/run-directory.js';
import type { EmbeddedInput } from '../stages/embedded-input.js';
import type { DropReason } from '../stages/result-files.js';
import { coverageBesideRandom } from './coverage-beside-random.js';
import { countReasons, type ReportCoverage, reportData } from './report-data.js';

/** What was selected, and from what. */
export interface Selected extends Pick<RunOptions, 'signal'> {
  method: string;
  /** What the rows were embedded by; undefined of vectors that were there. */
  model?: string;
  input: EmbeddedInput;
  /** Picks as rows of the embeddings. */
  order: Int32Array;
  seed?: number;
  /** What people should know of the rows, a line each. */
  notes: string[];
  reading?: ReadingSummary;
}

/** What a report says in sums. */
export interface Report {
  /** Rows of the input that are kept. */
  kept: number;
  /** The reasons that there are. */
  reasons: { reason: DropReason; count: number }[];
  coverage: ReportCoverage;
}

/** What a finished run left → report: `report.html`. */
export async function reportStage(run: RunDirectory, selected: Selected): Promise<Report> {
  const { method, model, input, order, seed = 0, notes, reading, signal } = selected;
  const { result } = await run.timed('report', async () => {
    const results = await openResults(run.path);
    const coverage = await coverageBesideRandom(input.vectors, order, { seed, signal });
    diagnose(run, 'report', { seed, points: coverage.budgets.length });
    const data = await reportData(results, { method, model, coverage, notes, reading }, { signal });
    await writeReportPage(run.file('report.html'), data);
    return { kept: results.kept, reasons: countReasons(results), coverage };
  });
  return result;
}
