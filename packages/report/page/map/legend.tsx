import { count } from '../format.ts';
import type { Theme } from '../theme.tsx';
import { type Colouring, gradientOf } from './colours.ts';

/** What the colours of the map mean, with how many rows of the corpus there are of each. */
export function Legend({
  colouring,
  theme,
  budget,
  isAtAllPicks,
}: {
  colouring: Colouring;
  theme: Theme;
  budget: number;
  isAtAllPicks: boolean;
}) {
  const colours = colouring.colours(theme);
  const { legend } = colouring;
  if (legend.kind === 'scale')
    return (
      <div class="legend">
        <span>{legend.from}</span>
        <span class="ramp" style={{ background: gradientOf(colours) }} />
        <span>{legend.to}</span>
        <span class="muted">
          large points are kept{legend.isOfAllPicks && !isAtAllPicks && '; the colours stay those of all picks'}
        </span>
      </div>
    );
  const counts = legend.countsAt(budget);
  return (
    <ul class="legend" aria-label="Colours">
      {legend.names.map(
        (name, at) =>
          counts[at] > 0 && (
            <li key={at}>
              <span class="dot" style={{ background: colours[at] }} />
              {name === '' ? '(empty)' : name} <span class="muted">{count(counts[at])}</span>
            </li>
          ),
      )}
    </ul>
  );
}
