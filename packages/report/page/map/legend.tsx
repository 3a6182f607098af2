import type { Theme } from '../theme.tsx';
import { type Colouring, gradientOf } from './colours.ts';

/** What the colours of the map mean. */
export function Legend({ colouring, theme }: { colouring: Colouring; theme: Theme }) {
  const colours = colouring.colours(theme);
  const { legend } = colouring;
  if (legend.kind === 'scale')
    return (
      <div class="legend">
        <span>{legend.from}</span>
        <span class="ramp" style={{ background: gradientOf(colours) }} />
        <span>{legend.to}</span>
      </div>
    );
  return (
    <ul class="legend" aria-label="Colours">
      {legend.names.map((name, at) => (
        <li key={name}>
          <span class="dot" style={{ background: colours[at] }} />
          {name}
        </li>
      ))}
    </ul>
  );
}
