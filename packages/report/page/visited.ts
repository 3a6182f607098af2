import { useState } from 'preact/hooks';

/** The rows that were looked at, as in a browser's history. */
export interface Visited {
  /** The row that is open, as a place among the shown ones. */
  open: number | undefined;
  show(place: number): void;
  close(): void;
  back: (() => void) | undefined;
  forward: (() => void) | undefined;
}

/** Places that were opened, of which one may be open. */
export function useVisited(): Visited {
  const [{ places, at, isOpen }, set] = useState({ places: [] as number[], at: -1, isOpen: false });
  const go = (to: number): (() => void) | undefined =>
    to >= 0 && to < places.length ? () => set({ places, at: to, isOpen: true }) : undefined;
  return {
    open: isOpen ? places[at] : undefined,
    show: (place) =>
      set(
        place === places[at]
          ? { places, at, isOpen: true }
          : { places: [...places.slice(0, at + 1), place], at: at + 1, isOpen: true },
      ),
    close: () => set({ places, at, isOpen: false }),
    back: go(at - 1),
    forward: go(at + 1),
  };
}
