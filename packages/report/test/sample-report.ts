import { seededRandom } from '@coreset/core';
import { NO_COSINE, NO_REASON, type ReportData, storedCosine } from '@coreset/report';

/** Texts that would do harm as HTML, and in a script. */
export const HOSTILE =
  '</script><script>document.title = "harmed"</script><img src=x onerror="document.title = 1"> & "';
export const ACCENTS = 'Crème brûlée à la Ångström';

const K = 4;

/** A report of made rows: every third is kept, of which the last of the order is row 0; row 1 repeats row 2. */
export function sampleReport(rows = 300): ReportData {
  const random = seededRandom(1);
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  const order = all.filter((row) => row % 3 === 0).reverse();
  const isKept = (row: number): boolean => row % 3 === 0;
  const keptBefore = (row: number): number => row - (row % 3);
  const texts = Array.from(all, (row) => `text of the row number ${row}, ${['red', 'green', 'blue'][row % 3]} apples`);
  texts[4] = HOSTILE;
  texts[7] = ACCENTS;
  const ids = Array.from(all, (row) => `id-${row}`);
  ids[5] = '<b>bold id</b>';
  const difficulty = Float32Array.from(all, (row) => (row % 100) / 100);
  const bins = 10;
  const binOf = (row: number): number => Math.min(bins - 1, Math.floor(difficulty[row] * bins));
  const inBins = new Uint32Array(bins);
  for (const row of all) inBins[binOf(row)]++;
  const neighbours = new Int32Array(rows * K).fill(-1);
  const cosines = new Int16Array(rows * K).fill(NO_COSINE);
  all.forEach((row) => {
    const near = [row - 1, row + 1, row - 2, row + 2].filter((one) => one >= 0 && one < rows);
    near.forEach((one, n) => {
      neighbours[row * K + n] = one;
      cosines[row * K + n] = storedCosine(0.9 - 0.1 * n);
    });
  });
  const budgets = Int32Array.of(1, 25, 50, 100);
  const dropped = all.filter((row) => !isKept(row));
  return {
    name: 'apples <i>&</i>.jsonl',
    version: '0.0.0',
    method: 'auto',
    model: 'static-<i>minilm</i>',
    isNested: true,
    rows,
    kept: order.length,
    keptUnseen: 0,
    order,
    commands: [{ what: 'Their lines', command: ['head -n ', { of: 'budget' }, ' ', { of: 'run' }, '/selected.jsonl'] }],
    reasons: [
      { reason: 'redundant', meaning: 'another is as near', count: dropped.length - 1 },
      { reason: 'duplicate', meaning: 'the same content as another row', count: 1 },
    ],
    notes: ['A note with <b>markup</b>.'],
    coverage: {
      budgets,
      kept: Float64Array.of(1, 0.6, 0.5, 0.4),
      random: Float64Array.of(1.1, 0.8, 0.7, 0.6),
    },
    difficulty: { all: inBins, picks: Uint8Array.from(order, binOf) },
    fields: [
      {
        name: 'colour',
        values: ['red', 'green', 'blue'],
        others: 0,
        counts: Uint32Array.of(rows / 3, rows / 3, rows / 3),
        picks: Uint8Array.from(order, (row) => row % 3),
        shown: Uint8Array.from(all, (row) => row % 3),
      },
      {
        name: 'half',
        values: ['first', 'second'],
        others: 0,
        counts: Uint32Array.of(rows / 2, rows / 2),
        picks: Uint8Array.from(order, (row) => Number(row >= rows / 2)),
        shown: Uint8Array.from(all, (row) => Number(row >= rows / 2)),
      },
    ],
    reading: { tokens: 3000, unknownTokens: 3, lostTokens: 12, cutRows: 1, emptyRows: 0 },
    map: { method: 'Made for a test.' },
    textLength: 600,
    shown: {
      rows: all,
      ids,
      texts,
      x: Float32Array.from(all, () => random.uniform()),
      y: Float32Array.from(all, () => random.uniform()),
      weight: Int32Array.from(all, (row) => (isKept(row) ? 3 : 0)),
      difficulty,
      reason: Uint8Array.from(all, (row) => (isKept(row) ? NO_REASON : Number(row === 1))),
      by: Int32Array.from(all, (row) => (isKept(row) ? -1 : keptBefore(row))),
      similarity: Int16Array.from(all, (row) => (isKept(row) ? NO_COSINE : storedCosine(0.8))),
      duplicateOf: Int32Array.from(all, (row) => (row === 1 ? 2 : -1)),
      k: K,
      neighbours,
      cosines,
      tokens: Int32Array.from(all, () => 10),
      cut: Int32Array.from(all, (row) => (row === 8 ? 12 : 0)),
      unknown: Int32Array.from(all, (row) => (row === 9 ? 3 : 0)),
    },
  };
}
