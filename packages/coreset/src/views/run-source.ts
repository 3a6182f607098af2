import { join, relative } from 'node:path';
import { CoresetError, range } from '@coreset/core';
import { coverageBesideRandom } from '../report/coverage-beside-random.js';
import { countReasons } from '../report/report-data.js';
import { openResults } from '../results/results.js';
import { KEPT } from '../results/told-rows.js';
import { DROP_REASONS, meaningOf } from '../stages/drop-reasons.js';
import { columnsOf, nameOf } from './place-rows.js';
import { showAgainst } from './show-against.js';
import type { ViewSource } from './source.js';

/** What views show of a run directory; vectors and texts are read when they are shown. */
export async function runSource(folder: string): Promise<ViewSource> {
  const results = await openResults(folder);
  const { rows, kept, reason, by, similarity, duplicateOf, against, vectorRowOf, nearDuplicate } = results;
  let problem = `the vectors of ${folder} are not there any more`;
  /** What needs vectors is not shown where those that were given to the run are gone. */
  const withVectors = async <Found>(find: () => Promise<Found>): Promise<Found | undefined> => {
    try {
      return await find();
    } catch (error) {
      if (!CoresetError.isInstance(error)) throw error;
      problem = error.message;
      return undefined;
    }
  };
  return {
    rows,
    kept,
    method: String(results.manifest.stages.select?.diagnostics?.method ?? ''),
    reasons: countReasons(results).map((one) => ({ ...one, meaning: meaningOf(one.reason, nearDuplicate) })),
    notes: [],
    dropped: (name) => {
      const wanted = name === undefined ? undefined : DROP_REASONS.indexOf(name);
      return range(0, rows).filter((row) => (wanted === undefined ? reason[row] !== KEPT : reason[row] === wanted));
    },
    told: (row) => {
      return {
        row,
        reason: DROP_REASONS[reason[row]],
        by: by[row] < 0 ? undefined : by[row],
        similarity: Number.isNaN(similarity[row]) ? undefined : similarity[row],
        duplicateOf: duplicateOf[row] < 0 ? undefined : duplicateOf[row],
        against: against[row] < 0 ? undefined : against[row],
      };
    },
    report: join(folder, 'report.html'),
    isKept: (row) => reason[row] === KEPT,
    difficulty: results.difficulty,
    get withoutVectors() {
      return problem;
    },
    coverage: () =>
      withVectors(async () => {
        const picks = results.picks.map((row) => vectorRowOf[row]);
        return coverageBesideRandom(await results.vectors(), picks, { seed: results.options.seed });
      }),
    map: async () => {
      const plane = results.map();
      const method = nameOf(String(results.manifest.stages.map?.diagnostics?.method ?? ''));
      return plane && { ...columnsOf(plane), rows: results.inputRowOf, method };
    },
    showAgainst: (wanted) => showAgainst(results, wanted),
    show: async (wanted) => {
      const { shown } = await results.show(wanted);
      return new Map(
        Array.from(shown, ([row, one]) => [row, { ...one, image: one.image && relative('.', one.image) }]),
      );
    },
  };
}
