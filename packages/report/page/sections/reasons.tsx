import { count, percent } from '../format.ts';
import type { Model } from '../model.ts';
import type { Subset } from '../rows/subset.ts';

interface ReasonsProps {
  model: Model;
  budget: number;
  subset: Subset | undefined;
  onSubset(subset: Subset | undefined): void;
}

/** Why rows were dropped, with counts of the whole corpus. */
export function Reasons({ model, budget, subset, onSubset }: ReasonsProps) {
  const { reasons, rows } = model.data;
  const later = model.picks - budget;
  if (reasons.length === 0 && later === 0) return null;
  const most = Math.max(later, ...reasons.map((one) => one.count));
  const lines = [
    ...(later > 0
      ? [
          {
            name: 'picked later',
            meaning: 'a greater budget keeps it',
            count: later,
            of: { kind: 'state', state: 'later' } as Subset,
            isOn: subset?.kind === 'state' && subset.state === 'later',
          },
        ]
      : []),
    ...reasons.map(({ reason: name, meaning, count: number }, reason) => ({
      name,
      meaning,
      count: number,
      of: { kind: 'reason', reason } as Subset,
      isOn: subset?.kind === 'reason' && subset.reason === reason,
    })),
  ];
  return (
    <section class="card" aria-labelledby="reasons">
      <h2 id="reasons">Why rows are dropped</h2>
      <ul class="reasons">
        {lines.map(({ name, meaning, count: number, of, isOn }) => (
          <li key={name}>
            <button type="button" aria-pressed={isOn} onClick={() => onSubset(isOn ? undefined : of)}>
              <span class="reason-head">
                <strong>{name}</strong>
                <span>
                  {count(number)} <span class="muted">({percent(number / rows)})</span>
                </span>
              </span>
              <span class="track">
                <span class="fill dropped" style={{ width: `${(100 * number) / Math.max(1, most)}%` }} />
              </span>
              <span class="muted small">{meaning}</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="muted small">
        Similarity is the cosine of two vectors: 1 for the same direction, 0 for unrelated ones.
      </p>
    </section>
  );
}
