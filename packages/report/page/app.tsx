import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import { BudgetBar } from './budget/budget-bar.tsx';
import { Composition } from './charts/composition.tsx';
import { Coverage } from './charts/coverage.tsx';
import { Difficulty } from './charts/difficulty.tsx';
import { RowMap } from './map/map.tsx';
import type { Model } from './model.ts';
import { RowList } from './rows/row-list.tsx';
import { RowPanel } from './rows/row-panel.tsx';
import { memberOf, type Subset } from './rows/subset.ts';
import { Groups } from './sections/groups.tsx';
import { Notes } from './sections/notes.tsx';
import { Reasons } from './sections/reasons.tsx';
import { Summary } from './sections/summary.tsx';
import { Unread } from './sections/unread.tsx';
import { useSettled } from './settled.ts';
import { useTheme } from './theme.tsx';
import { useVisited } from './visited.ts';

/** Milliseconds after which lists follow the slider. */
const SETTLED = 120;

/** The report. */
export function App({ model }: { model: Model }) {
  const [theme, setTheme] = useTheme();
  const [budget, setBudget] = useState(model.picks);
  const settled = useSettled(budget, SETTLED);
  const [query, setQuery] = useState('');
  const [subset, setSubset] = useState<Subset>();
  const visited = useVisited();
  const side = useRef<HTMLElement>(null);

  const places = useMemo(() => {
    const found = model.search.find(query);
    return subset === undefined ? found : found.filter(memberOf(model, subset, settled));
  }, [model, query, subset, settled]);
  const isAll = query.trim() === '' && subset === undefined;
  const asked = useMemo(() => {
    if (isAll) return undefined;
    const mask = new Uint8Array(model.data.shown.rows.length);
    for (const place of places) mask[place] = 1;
    return mask;
  }, [model, places, isAll]);

  const toSide = (): void => {
    const { top, bottom } = side.current?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
    if (top > innerHeight * 0.7 || bottom < 160) side.current?.scrollIntoView({ block: 'start' });
  };
  const ask = useCallback(
    (one: Subset | undefined): void => {
      setSubset(one);
      visited.close();
      requestAnimationFrame(toSide);
    },
    [visited.close],
  );
  const open = (place: number): void => {
    visited.show(place);
    requestAnimationFrame(toSide);
  };

  return (
    <>
      <a class="skip" href="#rows">
        To the rows
      </a>
      <Summary model={model} budget={budget} theme={theme} onTheme={setTheme} />
      <BudgetBar model={model} budget={budget} onBudget={setBudget} />
      <main>
        <div class={model.data.map ? 'stage' : 'stage no-map'}>
          {model.data.map && (
            <RowMap
              model={model}
              budget={budget}
              theme={theme}
              asked={asked}
              open={visited.open}
              onOpen={open}
              onLasso={(lassoed) => ask({ kind: 'lasso', places: lassoed })}
            />
          )}
          <section class="side card" id="rows" aria-label="Rows" ref={side} tabIndex={-1}>
            <RowList
              model={model}
              budget={settled}
              isHidden={visited.open !== undefined}
              query={query}
              onQuery={setQuery}
              subset={subset}
              onSubset={ask}
              places={places}
              onOpen={open}
            />
            {visited.open !== undefined && (
              <RowPanel
                model={model}
                place={visited.open}
                budget={budget}
                visited={{ ...visited, show: open }}
                onSubset={ask}
              />
            )}
          </section>
        </div>
        <div class="charts">
          <div class="column">
            <Coverage model={model} budget={budget} onBudget={setBudget} />
            <Reasons model={model} budget={budget} subset={subset} onSubset={ask} />
            <Unread model={model} onOpen={open} onSubset={ask} />
          </div>
          <div class="column">
            <Difficulty model={model} budget={budget} />
            <Composition model={model} budget={budget} onSubset={ask} />
            <Notes model={model} />
          </div>
          <Groups model={model} budget={settled} onOpen={open} onSubset={ask} />
        </div>
      </main>
    </>
  );
}
