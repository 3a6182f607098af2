import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { count, rows as rowsOf } from '../format.ts';
import type { Model } from '../model.ts';
import type { Theme } from '../theme.tsx';
import { colouringsOf } from './colours.ts';
import { fitted } from './layout.ts';
import { Legend } from './legend.tsx';
import { Overlay } from './overlay.tsx';
import { type CreatePoints, createPlaced, placedOf } from './placed.ts';
import { createPlainPoints } from './plain-points.ts';
import { createPoints, DIM, DROPPED, KEPT, type PointEvents, type Points } from './points.ts';
import { Preview } from './preview.tsx';
import { Tools } from './tools.tsx';
import { mouseByTouch } from './touch.ts';

interface MapProps {
  model: Model;
  budget: number;
  theme: Theme;
  /** 1 for each shown row that is asked for; undefined for all. */
  asked: Uint8Array | undefined;
  /** The row that is open. */
  open: number | undefined;
  onOpen(place: number): void;
  onLasso(places: Int32Array): void;
}

/** The shown rows as points. */
export function RowMap({ model, budget, theme, asked, open, onOpen, onLasso }: MapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [points, setPoints] = useState<Points>();
  const [isPlain, setPlain] = useState(false);
  const [hovered, setHovered] = useState(-1);
  const [view, setView] = useState(0);
  const [isLasso, setLasso] = useState(false);
  const colourings = useMemo(() => colouringsOf(model), [model]);
  const [key, setKey] = useState(colourings[0].key);
  const colouring = colourings.find((one) => one.key === key) ?? colourings[0];

  const events = useRef<PointEvents>(null as never);
  events.current = {
    onHover: setHovered,
    onClick: onOpen,
    onLasso: (places) => {
      setHovered(-1);
      setLasso(false);
      onLasso(Int32Array.from(places).sort());
    },
    onView: () => setView((views) => views + 1),
  };
  usePoints(model, canvas, events, setPoints, setPlain);

  useEffect(() => points?.setLasso(isLasso), [points, isLasso]);
  useEffect(() => points?.setColours(colouring.colours(theme), GROUNDS[theme]), [points, colouring, theme]);
  useEffect(() => {
    points?.paint((place) => {
      const state = model.budgets.stateOf(place, budget);
      const prominence = asked && asked[place] === 0 ? DIM : state === 'kept' ? KEPT : DROPPED;
      return [colouring.classOf(place, state), prominence];
    });
  }, [points, model, colouring, budget, asked]);
  useEffect(() => {
    if (open !== undefined) points?.reveal(open);
  }, [points, open]);

  const { shown, map, rows } = model.data;
  const unplaced = useMemo(() => shown.rows.length - placedOf(shown.x ?? new Float32Array(0)).length, [shown]);
  return (
    <section class="map card" aria-label="Map of the rows">
      <Tools
        colourings={colourings}
        colouring={colouring}
        onColouring={setKey}
        points={isPlain ? undefined : points}
        isLasso={isLasso}
        onLasso={setLasso}
      />
      <div
        class={isLasso ? 'canvas drawing' : 'canvas'}
        role="application"
        aria-label={`Map of ${rowsOf(shown.rows.length - unplaced)}. ${isPlain ? '' : 'Arrow keys move it, plus and minus enlarge it, 0 shows all. '}The list of rows has the same rows as text.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes keys
        tabIndex={0}
        onKeyDown={(event) => moveByKey(event, points)}
        onPointerLeave={() => setHovered(-1)}
      >
        <canvas ref={canvas} />
        {points && <Overlay model={model} points={points} budget={budget} open={open} view={view} />}
        {points && hovered >= 0 && !isLasso && (
          <Preview model={model} points={points} place={hovered} budget={budget} />
        )}
      </div>
      {isPlain && (
        <p class="notice" role="status">
          This browser has no WebGL here, so the map is a plain picture: it cannot be moved or lassoed. Everything else
          works.
        </p>
      )}
      <div class="map-foot">
        <Legend colouring={colouring} theme={theme} budget={budget} isAtAllPicks={budget === model.picks} />
        <p class="muted small">
          {model.isSample && `${count(shown.rows.length)} of ${rowsOf(rows)}, drawn at random. `}
          {unplaced > 0 && `${rowsOf(unplaced)} without a vector ${unplaced === 1 ? 'is' : 'are'} not on it. `}
          {map?.method}
        </p>
      </div>
    </section>
  );
}

/** As in the style sheet. */
const GROUNDS: Record<Theme, string> = { light: '#ffffff', dark: '#191d24' };

/** Make the plot, once the canvas is there. */
function usePoints(
  model: Model,
  canvas: RefObject<HTMLCanvasElement | null>,
  events: RefObject<PointEvents | null>,
  onPoints: (points: Points) => void,
  onPlain: (isPlain: boolean) => void,
): void {
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const heard: PointEvents = {
      onHover: (place) => events.current?.onHover(place),
      onClick: (place) => events.current?.onClick(place),
      onLasso: (places) => events.current?.onLasso(places),
      onView: () => events.current?.onView(),
    };
    const { x = new Float32Array(0), y = new Float32Array(0) } = model.data.shown;
    const drawn = { ...fitted({ x, y }, element.clientWidth / element.clientHeight), order: drawOrder(model) };
    const plot = (create: CreatePoints): Promise<Points> => createPlaced(create, element, drawn, heard);
    let isGone = false;
    let made: Points | undefined;
    let undoTouch: (() => void) | undefined;
    plot(createPoints)
      .then((points) => {
        undoTouch = mouseByTouch(element);
        return points;
      })
      .catch(() => {
        onPlain(true);
        // A canvas of WebGL has no other context.
        return plot(createPlainPoints);
      })
      .then((points) => {
        made = points;
        if (isGone) points.destroy();
        else onPoints(points);
      });
    return () => {
      isGone = true;
      undoTouch?.();
      made?.destroy();
    };
  }, [model, canvas, events, onPoints, onPlain]);
}

/** Dropped rows below kept ones, the first picks above all. */
function drawOrder({ budgets, data }: Model): Int32Array {
  const places = data.shown.rows.map((_, place) => place);
  const depth = (place: number): number => budgets.rankOf(data.shown.rows[place]) || Number.POSITIVE_INFINITY;
  return places.sort((a, b) => (depth(a) === depth(b) ? a - b : depth(b) - depth(a)));
}

const STEP = 0.15;
const ENLARGED = 1.4;

function moveByKey(event: KeyboardEvent, points: Points | undefined): void {
  const actions: Record<string, () => void> = {
    ArrowLeft: () => points?.pan(-STEP, 0),
    ArrowRight: () => points?.pan(STEP, 0),
    ArrowUp: () => points?.pan(0, STEP),
    ArrowDown: () => points?.pan(0, -STEP),
    '+': () => points?.zoom(ENLARGED),
    '=': () => points?.zoom(ENLARGED),
    '-': () => points?.zoom(1 / ENLARGED),
    0: () => points?.reset(),
  };
  if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(actions, event.key)) return;
  event.preventDefault();
  actions[event.key]();
}
