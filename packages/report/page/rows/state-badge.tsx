import { count } from '../format.ts';
import type { Model } from '../model.ts';

/** Whether a shown row is kept at a budget, and as which pick; else why not. */
export function StateBadge({ model, place, budget }: { model: Model; place: number; budget: number }) {
  const { budgets, data } = model;
  const state = budgets.stateOf(place, budget);
  const rank = budgets.rankOf(data.shown.rows[place]);
  const text = {
    kept: rank > 0 ? `kept, pick ${count(rank)}` : 'kept',
    later: `picked at ${count(rank)}`,
    dropped: data.reasons[data.shown.reason[place]]?.reason ?? 'dropped',
  }[state];
  return (
    <span class={`badge ${state}`}>
      <span class="dot" aria-hidden="true" />
      {text}
    </span>
  );
}
