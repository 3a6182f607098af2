import type { Model } from '../model.ts';
import { StateBadge } from '../rows/state-badge.tsx';
import type { Points } from './points.ts';

const LENGTH = 120;

/** A few words on the row under the pointer. */
export function Preview({
  model,
  points,
  place,
  budget,
}: {
  model: Model;
  points: Points;
  place: number;
  budget: number;
}) {
  const at = points.positionOf(place);
  if (at === undefined) return null;
  const { rows, images } = model.data.shown;
  const text = model.textOf(place);
  return (
    <div class="preview" style={{ left: `${at[0]}px`, top: `${at[1]}px` }} aria-hidden="true">
      <div class="preview-head">
        <strong>{model.nameOf(rows[place])}</strong>
        <StateBadge model={model} place={place} budget={budget} />
      </div>
      {images?.[place] ? <img src={images[place]} alt="" /> : null}
      {text && <p>{text.length > LENGTH ? `${text.slice(0, LENGTH)} …` : text}</p>}
    </div>
  );
}
