import createScatterplot, { createSpatialIndex } from 'regl-scatterplot';

/** How prominent a point is: one that is not asked for, a dropped row, a kept one. */
export const DIM = 0;
export const DROPPED = 1;
export const KEPT = 2;

/** Seen on light and dark. */
const LASSO = '#2f6fe0';

/** What a plot of points tells. */
export interface PointEvents {
  /** −1 where the pointer is over none. */
  onHover(place: number): void;
  onClick(place: number): void;
  onLasso(places: number[]): void;
  /** The view moved, or points were drawn. */
  onView(): void;
}

/** A plot of many points that can be moved, enlarged, and selected from. */
export interface Points {
  /** @param paint sets the class of colour and the prominence of each point */
  paint(paint: (place: number) => [colour: number, prominence: number]): void;
  setColours(colours: string[], background: string): void;
  setLasso(isOn: boolean): void;
  positionOf(place: number): [x: number, y: number] | undefined;
  zoom(factor: number): void;
  pan(x: number, y: number): void;
  reset(): void;
  /** Bring a point into view where it is not. */
  reveal(place: number): void;
  destroy(): void;
}

type PointArray = [x: number, y: number, colour: number, prominence: number];

/** Pixels that the points of a class would cover together, were they beside one another. */
const COVERED = 0.14;

/** Sizes in pixels and opacities of each prominence, by the number of points and the pixels of the canvas. */
function looksOf(points: number, pixels: number): { pointSize: number[]; opacity: number[] } {
  const base = Math.max(1.6, Math.min(7, Math.sqrt((COVERED * pixels) / points)));
  return { pointSize: [base * 0.8, base * 1.05, base * 1.45], opacity: [0.1, points > 20_000 ? 0.55 : 0.75, 0.95] };
}

/**
 * Draw points by WebGL.
 * @param x between −1 and 1, as `y`
 * @param order in which points are drawn, the last above all others
 * @throws Error where the browser has no WebGL with textures of floats
 */
export async function createPoints(
  canvas: HTMLCanvasElement,
  { x, y, order }: { x: Float32Array; y: Float32Array; order: Int32Array },
  events: PointEvents,
): Promise<Points> {
  const points: PointArray[] = Array.from(x, (at, place) => [at, y[place], 0, DROPPED]);
  const plot = createScatterplot({
    canvas,
    ...looksOf(points.length, canvas.clientWidth * canvas.clientHeight),
    colorBy: 'valueA',
    sizeBy: 'valueB',
    opacityBy: 'valueB',
    pointColor: ['#888888'],
    pointSizeSelected: 0,
    pointOutlineWidth: 2,
    lassoColor: LASSO,
    pointOrder: Array.from(order),
    lassoMinDelay: 8,
    lassoMinDist: 3,
    deselectOnDblClick: false,
    deselectOnEscape: false,
    showReticle: false,
    spatialIndexUseWorker: false,
  });
  if (!plot.isSupported) {
    plot.destroy();
    throw new Error('no WebGL with textures of floats');
  }
  const spatialIndex = await createSpatialIndex(points, false);

  let isDrawing = false;
  let isStale = false;
  const draw = (): void => {
    if (isDrawing) {
      isStale = true;
      return;
    }
    isDrawing = true;
    const zDataType = 'categorical';
    void plot
      .draw(points, { spatialIndex, preventFilterReset: isDrawn, zDataType, wDataType: 'categorical' })
      .then(events.onView)
      .finally(() => {
        isDrawing = false;
        if (isStale) draw();
        isStale = false;
      });
    isDrawn = true;
  };
  let isDrawn = false;

  let isLassoed = false;
  plot.subscribe('lassoStart', () => {
    isLassoed = true;
  });
  plot.subscribe('select', ({ points: places }) => {
    const wasLassoed = isLassoed;
    isLassoed = false;
    plot.deselect({ preventEvent: true });
    if (wasLassoed) events.onLasso(places);
    else events.onClick(places[0]);
  });
  // Typed as pointOver, published as pointover.
  plot.subscribe('pointover' as 'pointOver', events.onHover);
  plot.subscribe('pointout' as 'pointOut', () => events.onHover(-1));
  plot.subscribe('view', events.onView);
  const motion = (): { transition: boolean; transitionDuration: number } => ({
    transition: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    transitionDuration: 250,
  });
  const lookAt = (target: [number, number], distance: number): void => {
    void plot.zoomToLocation(target, distance, { transition: false });
  };
  const view = (): { target: [number, number]; distance: number } => {
    const [targetX, targetY] = plot.get('cameraTarget');
    return { target: [targetX, targetY], distance: Number([plot.get('cameraDistance')].flat()[0]) };
  };

  return {
    paint: (paint) => {
      for (let place = 0; place < points.length; place++) {
        const [colour, prominence] = paint(place);
        points[place][2] = colour;
        points[place][3] = prominence;
      }
      draw();
    },
    setColours: (colours, background) => {
      void plot.set({ pointColor: colours, backgroundColor: background });
    },
    setLasso: (isOn) => {
      void plot.set({ mouseMode: isOn ? 'lasso' : 'panZoom' });
    },
    positionOf: (place) => (isDrawn ? plot.getScreenPosition(place) : undefined),
    zoom: (factor) => {
      const { target, distance } = view();
      void plot.zoomToLocation(target, distance / factor, motion());
    },
    pan: (right, up) => {
      const { target, distance } = view();
      lookAt([target[0] + right * distance, target[1] + up * distance], distance);
    },
    reset: () => {
      void plot.zoomToLocation([0, 0], 1, motion());
    },
    reveal: (place) => {
      const position = plot.getScreenPosition(place);
      if (position === undefined) return;
      const { clientWidth, clientHeight } = canvas;
      const isIn = position[0] > 0 && position[1] > 0 && position[0] < clientWidth && position[1] < clientHeight;
      if (!isIn) void plot.zoomToLocation([points[place][0], points[place][1]], view().distance, motion());
    },
    destroy: () => plot.destroy(),
  };
}
