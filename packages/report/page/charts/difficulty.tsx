import { countFirst } from '../../src/question/budget.ts';
import { count, percent } from '../format.ts';
import type { Model } from '../model.ts';
import { Frame, NumbersTable } from './frame.tsx';

/** How many rows are kept of each difficulty, over all rows. */
export function Difficulty({ model, budget }: { model: Model; budget: number }) {
  const { all, picks } = model.data.difficulty;
  const bins = all.length;
  const most = all.reduce((greatest, one) => Math.max(greatest, one), 0);
  if (most === 0) return null;
  const kept = countFirst(picks, budget, bins);
  const half = (counts: Uint32Array, from: number, to: number): number =>
    counts.subarray(from, to).reduce((sum, one) => sum + one, 0);
  const middle = middleOf(all);
  const shareOf = (from: number, to: number): string =>
    percent(half(kept, from, to) / Math.max(1, half(all, from, to)));
  return (
    <section class="card chart" aria-labelledby="difficulty">
      <h2 id="difficulty">What is kept, by difficulty</h2>
      <p>
        Of the easier half <strong>{shareOf(0, middle)}</strong> are kept, of the harder half{' '}
        <strong>{shareOf(middle, bins)}</strong>.
      </p>
      <Frame
        title="Rows by difficulty, kept over all. The table below has the numbers."
        xLabel="difficulty"
        yLabel="rows"
        xMost={1}
        yMost={1.05 * most}
        yCounts
      >
        {({ x, y }) =>
          Array.from(all, (rows, bin) => {
            const left = x(bin / bins) + 0.5;
            const width = Math.max(1, x((bin + 1) / bins) - left - 0.5);
            return (
              <g key={bin}>
                <rect class="bar all" x={left} width={width} y={y(rows)} height={y(0) - y(rows)} />
                <rect class="bar kept" x={left} width={width} y={y(kept[bin])} height={y(0) - y(kept[bin])} />
              </g>
            );
          })
        }
      </Frame>
      <ul class="legend">
        <li>
          <span class="dot kept" /> kept
        </li>
        <li>
          <span class="dot dropped" /> all rows
        </li>
      </ul>
      <NumbersTable
        head={['difficulty', 'all rows', 'kept', 'share']}
        rows={Array.from(all, (rows, bin) => [
          `${(bin / bins).toFixed(2)} to ${((bin + 1) / bins).toFixed(2)}`,
          count(rows),
          count(kept[bin]),
          rows > 0 ? percent(kept[bin] / rows) : '–',
        ])}
      />
    </section>
  );
}

/** The bin before which about half of the rows lie. */
function middleOf(counts: Uint32Array): number {
  const total = counts.reduce((sum, one) => sum + one, 0);
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    if (sum + counts[bin] / 2 >= total / 2) return Math.max(1, bin);
    sum += counts[bin];
  }
  return counts.length - 1;
}
