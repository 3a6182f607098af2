import type { Model } from '../model.ts';
import type { Points } from './points.ts';

interface OverlayProps {
  model: Model;
  points: Points;
  budget: number;
  open: number | undefined;
  /** Changes with the view. */
  view: number;
}

/** Rings around the open row and the one that stands for it, and lines to its neighbours. */
export function Overlay({ model, points, budget, open }: OverlayProps) {
  if (open === undefined) return null;
  const at = points.positionOf(open);
  if (at === undefined) return null;
  const { k, neighbours, rows } = model.data.shown;
  const { budgets } = model;
  const near = Array.from(neighbours.subarray(open * k, (open + 1) * k))
    .map((row) => (row < 0 ? -1 : budgets.placeOf(row)))
    .filter((place) => place >= 0);
  const standIn = budgets.standInOf(open, budget);
  const standInPlace = standIn ? budgets.placeOf(standIn.row) : -1;
  const standInAt = standInPlace >= 0 ? points.positionOf(standInPlace) : undefined;
  return (
    <svg class="overlay" aria-hidden="true">
      {near.map((place) => {
        const end = points.positionOf(place);
        return end && <line key={rows[place]} class="near" x1={at[0]} y1={at[1]} x2={end[0]} y2={end[1]} />;
      })}
      {standInAt && (
        <g class="stand-in">
          <line x1={at[0]} y1={at[1]} x2={standInAt[0]} y2={standInAt[1]} />
          <circle cx={standInAt[0]} cy={standInAt[1]} r="8" />
        </g>
      )}
      <circle class="open" cx={at[0]} cy={at[1]} r="9" />
    </svg>
  );
}
