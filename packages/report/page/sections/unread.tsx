import { useMemo } from 'preact/hooks';
import { count, percent, rows as rowsOf } from '../format.ts';
import type { Model } from '../model.ts';
import type { Subset } from '../rows/subset.ts';

interface UnreadProps {
  model: Model;
  onOpen(place: number): void;
  onSubset(subset: Subset): void;
}

const WORST = 5;

/** What the model did not read of the texts, and where most of it. */
export function Unread({ model, onOpen, onSubset }: UnreadProps) {
  const { reading, shown } = model.data;
  const worst = useMemo(() => ({ cut: worstOf(shown.cut), unknown: worstOf(shown.unknown) }), [shown]);
  if (reading === undefined) return null;
  const { tokens, unknownTokens, lostTokens, cutRows, emptyRows } = reading;
  return (
    <section class="card" aria-labelledby="unread">
      <h2 id="unread">What the model could not read</h2>
      {unknownTokens + lostTokens + emptyRows === 0 ? (
        <p>It read all {count(tokens)} tokens, and knows each of them.</p>
      ) : (
        <p>
          {lostTokens > 0
            ? `Of ${count(tokens + lostTokens)} tokens ${count(lostTokens)} (${percent(lostTokens / (tokens + lostTokens))}) lie behind its limit, in ${rowsOf(cutRows)}. `
            : `It read all ${count(tokens)} tokens. `}
          {unknownTokens > 0 && `It does not know ${count(unknownTokens)} of those that it read. `}
          {emptyRows > 0 && `Of ${rowsOf(emptyRows)} it can read nothing.`}
        </p>
      )}
      <Worst
        title="Most cut off"
        rows={worst.cut}
        values={shown.cut}
        model={model}
        onOpen={onOpen}
        onAll={() => onSubset({ kind: 'cut' })}
      />
      <Worst
        title="Most unknown"
        rows={worst.unknown}
        values={shown.unknown}
        model={model}
        onOpen={onOpen}
        onAll={() => onSubset({ kind: 'unknown' })}
      />
    </section>
  );
}

interface WorstProps {
  title: string;
  rows: number[];
  values: Int32Array | undefined;
  model: Model;
  onOpen(place: number): void;
  onAll(): void;
}

function Worst({ title, rows, values, model, onOpen, onAll }: WorstProps) {
  if (values === undefined || rows.length === 0) return null;
  return (
    <>
      <div class="card-head">
        <h3>{title}</h3>
        <button type="button" class="link" onClick={onAll}>
          All such rows
        </button>
      </div>
      <ul class="worst">
        {rows.map((place) => (
          <li key={place}>
            <button type="button" class="link" onClick={() => onOpen(place)}>
              {model.nameOf(model.data.shown.rows[place])}
            </button>
            <span class="muted">{values[place] === 1 ? '1 token' : `${count(values[place])} tokens`}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The places with the greatest values above 0. */
function worstOf(values: Int32Array | undefined): number[] {
  if (values === undefined) return [];
  return Array.from(values.keys())
    .filter((place) => values[place] > 0)
    .sort((a, b) => values[b] - values[a] || a - b)
    .slice(0, WORST);
}
