import type { PointEvents, Points } from './points.ts';

/** What is drawn: places between −1 and 1, and the order of drawing, the last above all others. */
export interface Drawn {
  x: Float32Array;
  y: Float32Array;
  order: Int32Array;
}

/** Makes a plot of points. */
export type CreatePoints = (canvas: HTMLCanvasElement, drawn: Drawn, events: PointEvents) => Points | Promise<Points>;

/** The rows that have a place on the map. */
export function placedOf(x: Float32Array): Int32Array {
  return Int32Array.from(x.keys()).filter((place) => !Number.isNaN(x[place]));
}

/** Draw the rows that have a place, and leave the others away: who uses the plot knows rows alone. */
export async function createPlaced(
  create: CreatePoints,
  canvas: HTMLCanvasElement,
  { x, y, order }: Drawn,
  events: PointEvents,
): Promise<Points> {
  const places = placedOf(x);
  const pointOf = new Int32Array(x.length).fill(-1);
  places.forEach((place, point) => {
    pointOf[place] = point;
  });
  const points = await create(
    canvas,
    {
      x: Float32Array.from(places, (place) => x[place]),
      y: Float32Array.from(places, (place) => y[place]),
      order: order.map((place) => pointOf[place]).filter((point) => point >= 0),
    },
    {
      onHover: (point) => events.onHover(point < 0 ? -1 : places[point]),
      onClick: (point) => events.onClick(places[point]),
      onLasso: (lassoed) => events.onLasso(lassoed.map((point) => places[point])),
      onView: events.onView,
    },
  );
  return {
    ...points,
    paint: (paint) => points.paint((point) => paint(places[point])),
    positionOf: (place) => (pointOf[place] < 0 ? undefined : points.positionOf(pointOf[place])),
    reveal: (place) => {
      if (pointOf[place] >= 0) points.reveal(pointOf[place]);
    },
  };
}
