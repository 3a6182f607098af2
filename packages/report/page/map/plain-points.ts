import { DIM, KEPT, type PointEvents, type Points } from './points.ts';

const NEAR = 12;

/** The same points as a picture that neither moves nor is enlarged, where there is no WebGL. */
export function createPlainPoints(
  canvas: HTMLCanvasElement,
  { x, y, order }: { x: Float32Array; y: Float32Array; order: Int32Array },
  events: PointEvents,
): Points {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  let colours: string[] = [];
  let background = '#ffffff';
  let paintOf: (place: number) => [number, number] = () => [0, 1];
  const positionOf = (place: number): [number, number] => {
    const { clientWidth: width, clientHeight: height } = canvas;
    return [(width + x[place] * height) / 2, ((1 - y[place]) * height) / 2];
  };
  const draw = (): void => {
    const scale = devicePixelRatio;
    canvas.width = canvas.clientWidth * scale;
    canvas.height = canvas.clientHeight * scale;
    context.scale(scale, scale);
    context.fillStyle = background;
    context.fillRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    for (const place of order) {
      const [colour, prominence] = paintOf(place);
      const [left, top] = positionOf(place);
      const size = prominence === KEPT ? 4 : 2.5;
      context.globalAlpha = prominence === DIM ? 0.12 : 0.8;
      context.fillStyle = colours[colour];
      context.fillRect(left - size / 2, top - size / 2, size, size);
    }
    events.onView();
  };
  const nearest = (event: MouseEvent): number => {
    const frame = canvas.getBoundingClientRect();
    let found = -1;
    let least = NEAR;
    for (const place of order) {
      const [left, top] = positionOf(place);
      const distance = Math.hypot(left - event.clientX + frame.left, top - event.clientY + frame.top);
      if (distance > least) continue;
      least = distance;
      found = place;
    }
    return found;
  };
  const click = (event: MouseEvent): void => {
    const place = nearest(event);
    if (place >= 0) events.onClick(place);
  };
  canvas.addEventListener('click', click);
  const observer = new ResizeObserver(draw);
  observer.observe(canvas);
  const nothing = (): void => {};
  return {
    paint: (paint) => {
      const painted = Array.from(x, (_, place) => paint(place));
      paintOf = (place) => painted[place];
      draw();
    },
    setColours: (others, ground) => {
      colours = others;
      background = ground;
      draw();
    },
    setLasso: nothing,
    positionOf,
    zoom: nothing,
    pan: nothing,
    reset: nothing,
    reveal: nothing,
    destroy: () => {
      observer.disconnect();
      canvas.removeEventListener('click', click);
    },
  };
}
