import { useMemo, useState } from 'preact/hooks';
import { count } from '../format.ts';
import type { Model } from '../model.ts';
import type { Subset } from '../rows/subset.ts';

interface GroupsProps {
  model: Model;
  budget: number;
  onOpen(place: number): void;
  onSubset(subset: Subset): void;
}

const AT_ONCE = 8;
const STEP = 20;
const EXAMPLES = 3;

interface Group {
  /** Of the kept row. */
  place: number;
  size: number;
  examples: number[];
}

/** The kept rows that stand for most others. */
export function Groups({ model, budget, onOpen, onSubset }: GroupsProps) {
  const [shown, setShown] = useState(AT_ONCE);
  const groups = useMemo(() => groupsOf(model, budget), [model, budget]);
  if (groups.length === 0) return null;
  const { rows } = model.data.shown;
  return (
    <section class="card wide" aria-labelledby="groups">
      <h2 id="groups">The largest groups</h2>
      <p class="muted">
        Kept rows, and how many {model.isSample && budget < model.picks ? 'of the rows drawn for this page ' : 'rows '}
        they stand for, themselves among them.
      </p>
      <div class="scroll">
        <table class="groups">
          <thead>
            <tr>
              <th scope="col" class="number">
                rows
              </th>
              <th scope="col">kept row</th>
              <th scope="col">stands for</th>
            </tr>
          </thead>
          <tbody>
            {groups.slice(0, shown).map(({ place, size, examples }) => (
              <tr key={place}>
                <td class="number">
                  <button type="button" class="link" onClick={() => onSubset({ kind: 'group', row: rows[place] })}>
                    {count(size)}
                    <span class="visually-hidden"> rows for which {model.nameOf(rows[place])} stands</span>
                  </button>
                </td>
                <td>
                  <RowName model={model} place={place} onOpen={onOpen} />
                </td>
                <td>
                  <ul class="examples">
                    {examples.map((one) => (
                      <li key={one}>
                        <RowName model={model} place={one} onOpen={onOpen} />
                      </li>
                    ))}
                    {size - 1 > examples.length && <li class="muted">and {count(size - 1 - examples.length)} more</li>}
                  </ul>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {groups.length > shown && (
        <button type="button" class="quiet more" onClick={() => setShown(shown + STEP)}>
          Show more
        </button>
      )}
    </section>
  );
}

function RowName({ model, place, onOpen }: { model: Model; place: number; onOpen(place: number): void }) {
  const text = model.textOf(place);
  const image = model.data.shown.images?.[place];
  return (
    <button type="button" class="row-name" onClick={() => onOpen(place)}>
      {image ? <img src={image} alt="" loading="lazy" /> : null}
      <span class="name">{model.nameOf(model.data.shown.rows[place])}</span>
      {text && <span class="muted row-text">{text}</span>}
    </button>
  );
}

/** Of the run's own weights at its budget; at a smaller one counted among the shown rows. */
function groupsOf(model: Model, budget: number): Group[] {
  const { budgets, data } = model;
  const { rows, weight } = data.shown;
  const examples = new Map<number, number[]>();
  const sizes = new Map<number, number>();
  budgets.standIns(budget).forEach((row, place) => {
    const standIn = row < 0 ? -1 : budgets.placeOf(row);
    if (standIn < 0) return;
    const listed = examples.get(standIn) ?? [];
    if (listed.length < EXAMPLES) listed.push(place);
    examples.set(standIn, listed);
    sizes.set(standIn, (sizes.get(standIn) ?? 1) + 1);
  });
  const isWhole = budget === model.picks;
  return Array.from(sizes, ([place, size]) => ({
    place,
    size: isWhole ? Math.max(weight[place], 1) : size,
    examples: examples.get(place) ?? [],
  }))
    .filter(({ size }) => size > 1)
    .sort((a, b) => b.size - a.size || rows[a.place] - rows[b.place])
    .slice(0, 200);
}
