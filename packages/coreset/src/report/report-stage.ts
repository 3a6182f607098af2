import { basename, resolve } from 'node:path';
import { diagnose, randomOrder, seededRandom } from '@coreset/core';
import { coverageCurves } from '@coreset/metrics';
import { REASON_DEFAULTS } from '@coreset/selector';
import type { CheckedRun } from '../run/checked-run.js';
import type { RunDirectory } from '../run/run-directory.js';
import type { EmbeddedInput } from '../stages/embedded-input.js';
import { type Report, type ReportCoverage, readReport } from './report-data.js';

/** What was selected, and from what. */
export interface Selected {
  checked: CheckedRun;
  input: EmbeddedInput;
  /** Picks as rows of the embeddings, and as rows of the input. */
  order: Int32Array;
  picks: Int32Array;
  /** 1 for each row of the input that is kept. */
  kept: Uint8Array;
  nearDuplicate?: number;
  seed?: number;
  /** What people should know of the rows, a line each. */
  notes: string[];
  signal?: AbortSignal;
}

/** selection → report: `report.html`. @returns what it shows */
export async function reportStage(run: RunDirectory, selected: Selected): Promise<Report> {
  const { checked, input, picks, kept } = selected;
  const { result } = await run.timed('report', async () => {
    const report = await readReport({
      name: basename(resolve(input.file.path)),
      notes: selected.notes,
      file: input.file,
      corpus: checked.input.corpus,
      rows: input.rows,
      method: checked.method,
      nearDuplicate: selected.nearDuplicate ?? REASON_DEFAULTS.nearDuplicate,
      order: picks,
      kept,
      inputRows: input.inputRows,
      coverage: await coverageBesideRandom(run, selected),
      dropped: run.file('dropped.jsonl'),
      difficulty: run.file('difficulty.npy'),
    });
    const { writeReportPage } = await import('./report-page.js'); // plots take half a second to load
    await writeReportPage(run.file('report.html'), report);
    return report;
  });
  return result;
}

/** Not the picks of the method random with the same seed. */
const OF_BASELINE = 0x2d91c7;

async function coverageBesideRandom(
  run: RunDirectory,
  { input, order, seed = 0, signal }: Selected,
): Promise<ReportCoverage> {
  const { vectors } = input;
  const random = randomOrder(vectors.rows, seededRandom(seed, OF_BASELINE), order.length);
  const { budgets, distances } = await coverageCurves(vectors, [order, random], { seed, signal });
  diagnose(run, 'report', { seed, points: budgets.length });
  return { budgets, kept: distances[0], random: distances[1] };
}
