/**
 * Let fingers do what a mouse does on a canvas that knows mice alone: one finger drags or draws, two move and enlarge.
 * @returns undoes it
 */
export function mouseByTouch(canvas: HTMLCanvasElement): () => void {
  let spread = 0;
  let middle: [number, number] | undefined;

  const send = (target: EventTarget, type: string, [clientX, clientY]: [number, number], buttons: number): void => {
    target.dispatchEvent(
      new MouseEvent(type, { clientX, clientY, buttons, bubbles: true, cancelable: true, view: window }),
    );
  };
  const at = ({ clientX, clientY }: Touch): [number, number] => [clientX, clientY];
  const between = ([a, b]: TouchList | Touch[]): [number, number] => [
    (a.clientX + b.clientX) / 2,
    (a.clientY + b.clientY) / 2,
  ];
  const spreadOf = ([a, b]: TouchList | Touch[]): number => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  let last: [number, number] = [0, 0];
  let first: [number, number] = [0, 0];

  const start = (event: TouchEvent): void => {
    event.preventDefault();
    const { touches } = event;
    if (touches.length === 1) {
      last = at(touches[0]);
      first = last;
      send(window, 'mousemove', last, 0);
      send(canvas, 'mouseenter', last, 0);
      send(canvas, 'mousedown', last, 1);
    } else if (touches.length === 2) {
      spread = spreadOf(touches);
      middle = between(touches);
    }
  };
  const move = (event: TouchEvent): void => {
    event.preventDefault();
    const { touches } = event;
    last = touches.length === 2 ? between(touches) : at(touches[0]);
    send(window, 'mousemove', last, 1);
    if (touches.length !== 2 || middle === undefined) return;
    const now = spreadOf(touches);
    // The camera scales by exp(−distance of scrolling / height).
    const deltaY = -Math.log(now / spread) * canvas.clientHeight;
    const [clientX, clientY] = last;
    canvas.dispatchEvent(new WheelEvent('wheel', { deltaY, clientX, clientY, bubbles: true, cancelable: true }));
    spread = now;
  };
  const end = (event: TouchEvent): void => {
    event.preventDefault();
    if (event.touches.length > 0) {
      last = at(event.touches[0]);
      return;
    }
    send(window, 'mouseup', last, 0);
    const isTap = middle === undefined && Math.hypot(last[0] - first[0], last[1] - first[1]) < 8;
    if (isTap) send(canvas, 'click', last, 0);
    middle = undefined;
  };
  const handlers = { touchstart: start, touchmove: move, touchend: end, touchcancel: end };
  for (const [name, handler] of Object.entries(handlers))
    canvas.addEventListener(name, handler as EventListener, { passive: false });
  return () => {
    for (const [name, handler] of Object.entries(handlers)) canvas.removeEventListener(name, handler as EventListener);
  };
}
