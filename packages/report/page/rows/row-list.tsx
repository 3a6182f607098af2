import { useEffect, useMemo, useState } from 'preact/hooks';
import { CopyButton } from '../copy-button.tsx';
import { count, rows as rowsOf } from '../format.ts';
import type { Model } from '../model.ts';
import { RowLine } from './row-line.tsx';
import { nameOfSubset, ORDERS, type Order, ordered, ordersOf, type Subset } from './subset.ts';

interface RowListProps {
  model: Model;
  budget: number;
  query: string;
  onQuery(query: string): void;
  subset: Subset | undefined;
  onSubset(subset: Subset | undefined): void;
  /** Places of the rows that are asked for, in the order of the input, or a row that was named first. */
  places: Int32Array;
  /** While a row is open. */
  isHidden: boolean;
  onOpen(place: number): void;
}

const AT_ONCE = 60;

/** The rows that were searched for or chosen, some at a time. */
export function RowList(props: RowListProps) {
  const { model, budget, query, onQuery, subset, onSubset, places, isHidden, onOpen } = props;
  const [order, setOrder] = useState<Order>('input');
  const [shown, setShown] = useState(AT_ONCE);
  useEffect(() => setShown(AT_ONCE), [places, order]);
  const sorted = useMemo(() => ordered(model, places, order, budget), [model, places, order, budget]);
  const total = model.data.shown.rows.length;
  const ids = (): string =>
    Array.from(sorted, (place) => model.data.shown.ids?.[place] ?? model.data.shown.rows[place]).join('\n');
  const isAll = places.length === total && subset === undefined;
  const ofAll = `${rowsOf(total)}${model.isSample ? ' of the sample' : ''}`;
  const whole = useMemo(() => model.unsearched, [model]);
  const unsearched = query.trim() === '' ? undefined : whole;
  return (
    <div class="row-list" hidden={isHidden}>
      <div class="search">
        <input
          type="search"
          value={query}
          placeholder={model.data.shown.texts ? 'Search texts and ids' : 'Search rows'}
          aria-label="Search rows by text, id or row number"
          onInput={(event) => onQuery(event.currentTarget.value)}
        />
        <label class="visually-hidden" for="row-order">
          Order of the list
        </label>
        <select id="row-order" value={order} onChange={(event) => setOrder(event.currentTarget.value as Order)}>
          {ordersOf(model).map((name) => (
            <option key={name} value={name}>
              {ORDERS[name]}
            </option>
          ))}
        </select>
      </div>
      <SubsetChips model={model} subset={subset} onSubset={onSubset} />
      <div class="found">
        <p role="status">{isAll ? `All ${ofAll}` : `${count(places.length)} of ${ofAll}`}</p>
        {!isAll && places.length > 0 && (
          <span class="found-actions">
            <CopyButton text={ids} label={model.data.shown.ids ? 'Copy ids' : 'Copy row numbers'} />
            <button type="button" class="quiet" onClick={() => download(ids())}>
              .txt
            </button>
          </span>
        )}
      </div>
      {unsearched && <p class="unsearched muted small">{unsearched}</p>}
      <ul class="rows" aria-label="Rows">
        {Array.from(sorted.subarray(0, shown), (place) => (
          <li key={place}>
            <RowLine model={model} place={place} budget={budget} onOpen={onOpen} />
          </li>
        ))}
        {sorted.length > shown && (
          <li>
            <button type="button" class="quiet more" onClick={() => setShown(shown + AT_ONCE)}>
              Show more ({count(sorted.length - shown)} left)
            </button>
          </li>
        )}
        {sorted.length === 0 && (
          <li class="muted none">
            {query.trim() === '' ? 'No row is among these.' : `No ${subset ? 'such row' : 'row'} has all these words.`}
          </li>
        )}
      </ul>
    </div>
  );
}

const STATES = ['kept', 'later', 'dropped'] as const;

function SubsetChips({ model, subset, onSubset }: Pick<RowListProps, 'model' | 'subset' | 'onSubset'>) {
  return (
    <fieldset class="chips">
      <legend class="visually-hidden">Which rows</legend>
      <button type="button" class="chip" aria-pressed={subset === undefined} onClick={() => onSubset(undefined)}>
        all
      </button>
      {STATES.map((state) => {
        const one: Subset = { kind: 'state', state };
        const isOn = subset?.kind === 'state' && subset.state === state;
        return (
          <button
            key={state}
            type="button"
            class="chip"
            aria-pressed={isOn}
            onClick={() => onSubset(isOn ? undefined : one)}
          >
            <span class={`dot ${state}`} aria-hidden="true" />
            {nameOfSubset(model, one)}
          </button>
        );
      })}
      {subset && subset.kind !== 'state' && (
        <button type="button" class="chip" aria-pressed={true} onClick={() => onSubset(undefined)}>
          {nameOfSubset(model, subset)} <span aria-hidden="true">×</span>
          <span class="visually-hidden">, show all rows again</span>
        </button>
      )}
    </fieldset>
  );
}

function download(text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
  link.download = 'rows.txt';
  link.click();
  URL.revokeObjectURL(link.href);
}
