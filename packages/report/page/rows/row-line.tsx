import { decimal } from '../format.ts';
import type { Model } from '../model.ts';
import { StateBadge } from './state-badge.tsx';

interface RowLineProps {
  model: Model;
  place: number;
  budget: number;
  /** Cosine to the row that is open. */
  similarity?: number;
  onOpen(place: number): void;
}

/** A row of a list: its name, whether it is kept, the beginning of its text. */
export function RowLine({ model, place, budget, similarity, onOpen }: RowLineProps) {
  const { rows, images } = model.data.shown;
  const text = model.textOf(place);
  return (
    <button type="button" class="row-line" onClick={() => onOpen(place)}>
      {images?.[place] ? <img src={images[place]} alt="" loading="lazy" /> : null}
      <span class="row-words">
        <span class="row-head">
          <span class="name">{model.nameOf(rows[place])}</span>
          <StateBadge model={model} place={place} budget={budget} />
          {similarity !== undefined && (
            <span class="similarity" title="cosine similarity">
              {decimal(similarity)}
            </span>
          )}
        </span>
        {text && <span class="row-text">{text}</span>}
      </span>
    </button>
  );
}

/** A row of the input that is not among those shown. */
export function UnshownLine({
  model,
  row,
  budget,
  similarity,
}: {
  model: Model;
  row: number;
  budget: number;
  similarity?: number;
}) {
  const rank = model.budgets.rankOf(row);
  const state = rank > 0 && rank <= budget ? 'kept' : 'dropped';
  return (
    <div class="row-line unshown">
      <span class="row-head">
        <span class="name">row {row}</span>
        <span class={`badge ${state}`}>
          <span class="dot" aria-hidden="true" />
          {state}
        </span>
        {similarity !== undefined && <span class="similarity">{decimal(similarity)}</span>}
      </span>
      <span class="row-text muted">not among the rows drawn for this page</span>
    </div>
  );
}
