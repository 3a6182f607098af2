import { useEffect, useRef } from 'preact/hooks';
import { cosineOf } from '../../src/question/budget.ts';
import { runOf, shellWord } from '../../src/question/command-line.ts';
import { Command } from '../copy-button.tsx';
import { count, decimal, percent, rows as rowsOf } from '../format.ts';
import type { Model } from '../model.ts';
import type { Visited } from '../visited.ts';
import { RowLine, UnshownLine } from './row-line.tsx';
import { StateBadge } from './state-badge.tsx';
import type { Subset } from './subset.ts';

interface RowPanelProps {
  model: Model;
  place: number;
  budget: number;
  visited: Visited;
  onSubset(subset: Subset): void;
}

/** All that is known of a row. */
export function RowPanel({ model, place, budget, visited, onSubset }: RowPanelProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [place]);
  const { shown, textLength } = model.data;
  const row = shown.rows[place];
  const text = model.textOf(place);
  const name = model.nameOf(row);
  const image = shown.images?.[place];
  return (
    <article class="row-panel">
      <div class="panel-tools">
        <button type="button" class="quiet" onClick={visited.close}>
          ← List
        </button>
        <span class="spring" />
        <Step label="The row before" sign="‹" go={visited.back} />
        <Step label="The row after" sign="›" go={visited.forward} />
      </div>
      <h2 ref={heading} tabIndex={-1}>
        {name}
      </h2>
      <p class="under">
        <StateBadge model={model} place={place} budget={budget} />
        {name !== `row ${row}` && <span class="muted">row {row}</span>}
      </p>
      {image ? (
        <figure class="picture">
          <img src={image} alt={`of ${name}`} />
          <figcaption class="muted small">{decodeURIComponent(image)}</figcaption>
        </figure>
      ) : null}
      {text && (
        <blockquote class="text">
          {text}
          {text.length > textLength && <span class="muted"> (the rest is not on this page)</span>}
        </blockquote>
      )}
      <Why model={model} place={place} budget={budget} visited={visited} onSubset={onSubset} />
      <Difficulty model={model} place={place} />
      <Reading model={model} place={place} />
      <Neighbours model={model} place={place} budget={budget} onOpen={visited.show} />
      <h3>In the terminal</h3>
      <Command line={`coreset explain ${shellWord(runOf(location))} --row ${row}`} />
    </article>
  );
}

/** To a row that was looked at before or after. */
function Step({ label, sign, go }: { label: string; sign: string; go: (() => void) | undefined }) {
  return (
    <button type="button" class="quiet icon" aria-label={label} disabled={!go} onClick={go}>
      {sign}
    </button>
  );
}

interface OtherRowProps {
  model: Model;
  /** Of the input. */
  row: number;
  similarity?: number;
  budget: number;
  onOpen(place: number): void;
}

/** Another row that is told of, whether or not the page can show it. */
function OtherRow({ model, row, similarity, budget, onOpen }: OtherRowProps) {
  const place = model.budgets.placeOf(row);
  return place >= 0 ? (
    <RowLine model={model} place={place} budget={budget} similarity={similarity} onOpen={onOpen} />
  ) : (
    <UnshownLine model={model} row={row} budget={budget} similarity={similarity} />
  );
}

function Why({ model, place, budget, visited, onSubset }: RowPanelProps) {
  const { budgets, data } = model;
  const { shown, reasons } = data;
  const row = shown.rows[place];
  const state = budgets.stateOf(place, budget);
  const rank = budgets.rankOf(row);
  const reason = reasons[shown.reason[place]];
  const standIn = budgets.standInOf(place, budget);
  const repeated = state === 'dropped' ? shown.duplicateOf[place] : -1;
  const weight = shown.weight[place];
  return (
    <section>
      {state === 'kept' && (
        <p>
          {rank > 0
            ? `Pick ${count(rank)} of ${count(model.picks)}. `
            : 'Kept without being judged: there is nothing of it to embed. '}
          {weight > 1 && budget === model.picks && `It stands for ${rowsOf(weight)}, itself among them. `}
          {rank > 0 && (
            <button type="button" class="link" onClick={() => onSubset({ kind: 'group', row })}>
              Show the rows it stands for
            </button>
          )}
        </p>
      )}
      {state === 'later' && (
        <p>
          Not among the first {count(budget)} picks: it is picked at <strong>{count(rank)}</strong>.
        </p>
      )}
      {state === 'dropped' && reason && (
        <p>
          <strong>{reason.reason}</strong>: {reason.meaning}.
        </p>
      )}
      {repeated >= 0 && (
        <>
          <h3>The row that it repeats</h3>
          <OtherRow model={model} row={repeated} budget={budget} onOpen={visited.show} />
        </>
      )}
      {standIn && standIn.row !== repeated && (
        <>
          <h3>The kept row that stands for {repeated >= 0 ? 'both' : 'it'}</h3>
          <OtherRow model={model} {...standIn} budget={budget} onOpen={visited.show} />
        </>
      )}
      {!standIn && state !== 'kept' && (
        <p class="muted">No kept row is near enough to be named for it at this budget.</p>
      )}
    </section>
  );
}

function Difficulty({ model, place }: { model: Model; place: number }) {
  const difficulty = model.data.shown.difficulty[place];
  if (Number.isNaN(difficulty)) return null;
  const easier = model.easierThan(difficulty);
  return (
    <section>
      <h3>Difficulty</h3>
      <div class="gauge" aria-hidden="true">
        <span style={{ left: `${100 * easier}%` }} />
      </div>
      <p class="muted">
        {decimal(difficulty)} of 1: harder than {percent(easier)} of the rows
      </p>
    </section>
  );
}

function Reading({ model, place }: { model: Model; place: number }) {
  const { tokens, cut, unknown } = model.data.shown;
  const lost = cut?.[place] ?? 0;
  const strange = unknown?.[place] ?? 0;
  if (tokens === undefined || (lost === 0 && strange === 0)) return null;
  return (
    <section>
      <h3>What the model did not read</h3>
      <p>
        Of {count(tokens[place] + lost)} tokens {lost > 0 && `${count(lost)} are behind its limit`}
        {lost > 0 && strange > 0 && ', and '}
        {strange > 0 && `it does not know ${count(strange)}`}.
      </p>
    </section>
  );
}

function Neighbours({
  model,
  place,
  budget,
  onOpen,
}: {
  model: Model;
  place: number;
  budget: number;
  onOpen(place: number): void;
}) {
  const { k, neighbours, cosines } = model.data.shown;
  const listed = Array.from({ length: k }, (_, n) => place * k + n).filter((entry) => neighbours[entry] >= 0);
  if (listed.length === 0) return null;
  return (
    <section>
      <h3>Nearest rows</h3>
      <ul class="rows">
        {listed.map((entry) => {
          const row = neighbours[entry];
          const similarity = cosineOf(cosines[entry]);
          return (
            <li key={row}>
              <OtherRow model={model} row={row} budget={budget} similarity={similarity} onOpen={onOpen} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
