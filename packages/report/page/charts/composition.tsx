import { useState } from 'preact/hooks';
import { countFirst } from '../../src/question/budget.ts';
import { count, percent } from '../format.ts';
import type { Model } from '../model.ts';
import type { Subset } from '../rows/subset.ts';

const AT_ONCE = 12;

/** The share that is kept of each value of a field, beside the share that is kept of all. */
export function Composition({
  model,
  budget,
  onSubset,
}: {
  model: Model;
  budget: number;
  onSubset(subset: Subset): void;
}) {
  const { fields, rows, keptUnseen } = model.data;
  const [at, setAt] = useState(0);
  const [isWhole, setWhole] = useState(false);
  if (fields.length === 0) return null;
  const { values: told, others, counts, picks } = fields[at];
  const values = others === 0 ? told : [...told, `${others} others`];
  const kept = countFirst(picks, budget, values.length);
  const ofAll = (budget + keptUnseen) / rows;
  const shares = values.map((_, value) => kept[value] / Math.max(1, counts[value]));
  const most = Math.max(0.001, ofAll, ...shares);
  const shown = isWhole ? values.length : Math.min(AT_ONCE, values.length);
  return (
    <section class="card chart" aria-labelledby="composition">
      <div class="card-head">
        <h2 id="composition">What is kept, by {fields.length === 1 ? fields[0].name : 'field'}</h2>
        {fields.length > 1 && (
          <label>
            <span class="visually-hidden">Field</span>
            <select
              value={at}
              onChange={(event) => {
                setAt(Number(event.currentTarget.value));
                setWhole(false);
              }}
            >
              {fields.map(({ name }, place) => (
                <option key={place} value={place}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p>
        The line is the share that is kept of all: <strong>{percent(ofAll)}</strong>.
      </p>
      <table class="bars">
        <thead>
          <tr>
            <th scope="col">{fields[at].name}</th>
            <th scope="col">
              <span class="visually-hidden">share kept, as a bar</span>
            </th>
            <th scope="col" class="number">
              kept
            </th>
            <th scope="col" class="number">
              of
            </th>
            <th scope="col" class="number">
              share
            </th>
          </tr>
        </thead>
        <tbody>
          {values.slice(0, shown).map((value, place) => (
            <tr key={place}>
              <th scope="row">
                <button type="button" class="link" onClick={() => onSubset({ kind: 'field', field: at, value: place })}>
                  {value === '' ? '(empty)' : value}
                </button>
              </th>
              <td class="bar-cell">
                <span class="track">
                  <span class="fill" style={{ width: `${(100 * shares[place]) / most}%` }} />
                  <span class="mark" style={{ left: `${(100 * ofAll) / most}%` }} />
                </span>
              </td>
              <td class="number">{count(kept[place])}</td>
              <td class="number muted">{count(counts[place])}</td>
              <td class="number">{percent(shares[place])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {values.length > shown && (
        <button type="button" class="quiet more" onClick={() => setWhole(true)}>
          Show all {values.length} values
        </button>
      )}
    </section>
  );
}
