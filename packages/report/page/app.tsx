import { useMemo, useRef, useState } from 'preact/hooks';
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

  const { ask, open } = useActions({
    ask: (one: Subset | undefined): void => {
      setSubset(one);
      setQuery('');
      visited.close();
      requestAnimationFrame(() => bringIntoView(side.current));
    },
    open: (place: number): void => {
      visited.show(place);
      requestAnimationFrame(() => bringIntoView(side.current));
    },
  });
  const isOpen = visited.open !== undefined;
  // Drawn again when what they show changes, not at each step of the slider.
  const list = useMemo(
    () => (
      <RowList
        model={model}
        budget={settled}
        isHidden={isOpen}
        query={query}
        onQuery={setQuery}
        subset={subset}
        onSubset={setSubset}
        places={places}
        onOpen={open}
      />
    ),
    [model, settled, isOpen, query, subset, places, open],
  );
  const groups = useMemo(
    () => <Groups model={model} budget={settled} onOpen={open} onSubset={ask} />,
    [model, settled, open, ask],
  );
  const unread = useMemo(() => <Unread model={model} onOpen={open} onSubset={ask} />, [model, open, ask]);

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
            {list}
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
            {unread}
          </div>
          <div class="column">
            <Difficulty model={model} budget={budget} />
            <Composition model={model} budget={budget} onSubset={ask} />
            <Notes model={model} />
          </div>
          {groups}
        </div>
      </main>
    </>
  );
}

/** The same functions at each drawing, which do what those of the last one did. */
function useActions<T extends { ask(subset: Subset | undefined): void; open(place: number): void }>(latest: T): T {
  const current = useRef(latest);
  current.current = latest;
  return useMemo(
    () => ({ ask: (subset) => current.current.ask(subset), open: (place) => current.current.open(place) }) as T,
    [],
  );
}

/** On phones the rows lie below the map. */
function bringIntoView(element: HTMLElement | null): void {
  if (element === null) return;
  const { top, bottom } = element.getBoundingClientRect();
  if (top > innerHeight * 0.7 || bottom < 160) element.scrollIntoView({ block: 'start' });
}
