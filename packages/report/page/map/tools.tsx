import type { Colouring } from './colours.ts';
import type { Points } from './points.ts';

interface ToolsProps {
  colourings: Colouring[];
  colouring: Colouring;
  onColouring(key: string): void;
  points: Points | undefined;
  isLasso: boolean;
  onLasso(isOn: boolean): void;
}

const ENLARGED = 1.6;

/** What colours the points, and what moves the map. */
export function Tools({ colourings, colouring, onColouring, points, isLasso, onLasso }: ToolsProps) {
  return (
    <div class="tools">
      <label>
        Colour by{' '}
        <select value={colouring.key} onChange={(event) => onColouring(event.currentTarget.value)}>
          {colourings.map(({ key, label }) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {points && (
        <fieldset class="buttons">
          <legend class="visually-hidden">Map</legend>
          <button
            type="button"
            class="quiet"
            aria-pressed={isLasso}
            title="Draw around rows to list them (or drag with Shift)"
            onClick={() => onLasso(!isLasso)}
          >
            Lasso
          </button>
          <button type="button" class="quiet icon" aria-label="Zoom in" onClick={() => points.zoom(ENLARGED)}>
            +
          </button>
          <button type="button" class="quiet icon" aria-label="Zoom out" onClick={() => points.zoom(1 / ENLARGED)}>
            −
          </button>
          <button type="button" class="quiet" onClick={() => points.reset()}>
            All
          </button>
        </fieldset>
      )}
    </div>
  );
}
