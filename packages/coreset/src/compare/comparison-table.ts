import type { Colours } from '../cli/colours.js';
import type { Comparison, Spread } from './comparison.js';
import { comparisonLegend, headingOf, MARKS, type SeedsOption } from './comparison-legend.js';
import { MEASURES, type Measure } from './measures.js';

/** The measures that there are of a comparison, in the order of the columns. */
export function measuresOf(comparisons: readonly Comparison[]): Measure[] {
  return (Object.keys(MEASURES) as Measure[]).filter((measure) => comparisons[0]?.[measure] !== undefined);
}

/**
 * The comparison as aligned tables, one per budget, the best method by the first measure on top, with a legend. Columns that
 * do not fit into the width stand below the others.
 *
 * @param width in characters
 * @param option how the reader gives the number of seeds
 */
export function comparisonTable(
  comparisons: readonly Comparison[],
  colours: Colours,
  width: number = Number.POSITIVE_INFINITY,
  option: SeedsOption = '--seeds ',
): string[] {
  const measures = measuresOf(comparisons);
  const budgets = [...new Set(comparisons.map(({ keep }) => keep))];
  const blocks = budgets.flatMap((keep) => {
    const block = sorted(
      comparisons.filter((one) => one.keep === keep),
      measures[0],
    );
    const names = columnOf(
      `keep ${keep}`,
      block.map(({ method }) => method),
    );
    const rows = columnOf(
      'rows',
      block.map(({ kept }) => String(kept)),
    );
    const columns = measures.map((measure) =>
      columnOf(
        headingOf(measure),
        block.map((one) => cell(one, measure)),
      ),
    );
    return fitting([names, rows], columns, width).flatMap((table) => [...lines(table, colours), '']);
  });
  const { signs, notes } = comparisonLegend(comparisons, measures, option);
  const widest = Math.max(...signs.map(({ sign }) => sign.length));
  const legend = [...signs.map(({ sign, meaning }) => `${sign.padEnd(widest)}  ${meaning}`), ...notes];
  return [...blocks, ...legend.map(colours.dim)];
}

/** The best by a measure first. */
export function sorted(block: readonly Comparison[], measure: Measure): Comparison[] {
  const sign = MEASURES[measure].better === 'greater' ? -1 : 1;
  return block.toSorted((a, b) => sign * ((a[measure]?.mean ?? 0) - (b[measure]?.mean ?? 0)));
}

/** Texts of equal width, the heading first. */
function columnOf(heading: string, texts: readonly string[]): string[] {
  const all = [heading, ...texts];
  const width = Math.max(...all.map(({ length }) => length));
  return all.map((text) => text.padEnd(width));
}

const GAP = '  ';

/** Columns as tables that are no wider than that, each behind the same first ones. */
function fitting(first: string[][], columns: string[][], width: number): string[][][] {
  const widthOf = (table: string[][]): number => table.reduce((sum, [heading]) => sum + heading.length + GAP.length, 0);
  const tables: string[][][] = [];
  for (const column of columns) {
    const last = tables.at(-1);
    if (last !== undefined && widthOf([...last, column]) - GAP.length <= width) last.push(column);
    else tables.push([...first, column]);
  }
  return tables;
}

function lines(table: string[][], { bold, dim, green }: Colours): string[] {
  return table[0].map((name, row) => {
    const cells = table.map((column) => (column[row].includes(MARKS.best) ? bold(green(column[row])) : column[row]));
    const line = cells.join(GAP).trimEnd();
    if (row === 0) return bold(line);
    return name.trimEnd() === 'random' ? dim(line) : line;
  });
}

function cell(one: Comparison, measure: Measure): string {
  const spread = one[measure];
  if (spread === undefined) return '';
  const deviation = spread.deviation.toFixed(3);
  const value = `${spread.mean.toFixed(3)}${Number(deviation) > 0 ? ` ±${deviation}` : ''}`;
  const marks = marksOf(one, measure, spread);
  return marks === '' ? value : `${value} ${marks}`;
}

/** What stands behind a value, see {@link MARKS}. */
export function marksOf({ versus }: Comparison, measure: Measure, { values }: Spread): string {
  const against = versus[measure];
  if (against === undefined || values.length < 2) return '';
  const { best, random } = against;
  const first = best === undefined || best.mean === 0 ? MARKS.best : best.isNoise ? MARKS.asBest : '';
  return first + (random?.isNoise ? MARKS.asRandom : '');
}
