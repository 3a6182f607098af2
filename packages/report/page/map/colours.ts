import type { RowState } from '../../src/question/budget.ts';
import { count } from '../format.ts';
import type { Model } from '../model.ts';
import type { Theme } from '../theme.tsx';

/** What the points of the map are coloured by. */
export interface Colouring {
  key: string;
  label: string;
  /** Of each class of points. */
  colours(theme: Theme): string[];
  /** The class of a shown row. */
  classOf(place: number, state: RowState): number;
  /** Names of the classes, or the ends of a scale. */
  legend:
    | { kind: 'classes'; names: string[]; countsAt(budget: number): ArrayLike<number> }
    | {
        kind: 'scale';
        from: string;
        to: string /** Whether a smaller budget changes nothing of it. */;
        isOfAllPicks: boolean;
      };
}

const STATES: RowState[] = ['dropped', 'later', 'kept'];

/** As in the style sheet. */
export const STATE_COLOURS: Record<Theme, Record<RowState, string>> = {
  light: { kept: '#0b7a5b', later: '#8fd0b6', dropped: '#a3aaba' },
  dark: { kept: '#41d6a3', later: '#2c7d65', dropped: '#667083' },
};

/** Told apart also by people who see few colours (after Okabe and Ito, and Tol). */
const CLASS_COLOURS: Record<Theme, string[]> = {
  light: ['#3b6fb6', '#d9822b', '#2a9d6f', '#b8478f', '#7b5ea7', '#c9a227', '#4aa5c4', '#a0522d', '#6b8e23', '#d1495b'],
  dark: ['#6ea3ec', '#f0a35a', '#4fd09b', '#e17fbd', '#ab92dd', '#e6c65a', '#74cce6', '#d08c66', '#a9c95c', '#f0808d'],
};
/** Without what is near the green of kept rows. */
const REASON_COLOURS: Record<Theme, string[]> = {
  light: CLASS_COLOURS.light.filter((_, at) => at !== 2 && at !== 8),
  dark: CLASS_COLOURS.dark.filter((_, at) => at !== 2 && at !== 8),
};
const OTHERS: Record<Theme, string> = { light: '#b4b9c4', dark: '#667083' };

const STEPS = 24;
/** From low to high, each readable on its ground. */
const SCALES: Record<Theme, string[]> = {
  light: ['#d8c86a', '#7cbf73', '#2b9c8a', '#24708c', '#3a4786', '#4a1d6b'],
  dark: ['#4b3b8f', '#3f6cab', '#2f9aa0', '#52be80', '#b5d64f', '#fbe66f'],
};

/** Every way to colour the map of a report. */
export function colouringsOf(model: Model): Colouring[] {
  const { reasons, fields, shown, rows, keptUnseen } = model.data;
  const heaviest = Math.max(
    2,
    shown.weight.reduce((most, one) => Math.max(most, one), 1),
  );
  const hasDifficulty = shown.difficulty.some((value) => !Number.isNaN(value));
  return [
    {
      key: 'state',
      label: 'kept or dropped',
      colours: (theme) => STATES.map((state) => STATE_COLOURS[theme][state]),
      classOf: (_, state) => STATES.indexOf(state),
      legend: {
        kind: 'classes',
        names: ['dropped', 'picked later', 'kept'],
        countsAt: (budget) => [rows - model.picks - keptUnseen, model.picks - budget, budget + keptUnseen],
      },
    },
    ...(hasDifficulty
      ? [scale('difficulty', 'difficulty', (place) => shown.difficulty[place] || 0, ['easy', 'hard'])]
      : []),
    scale(
      'weight',
      'weight',
      (place) => Math.log2(Math.max(1, shown.weight[place])) / Math.log2(heaviest),
      ['stands for itself', `for ${count(heaviest)} rows`],
      true,
    ),
    ...(reasons.length > 0 ? [byReason(model)] : []),
    ...fields.map(({ name, values: names, others, counts, shown: places }) =>
      classes(`field:${name}`, name, { names, others, counts }, (place) => places[place]),
    ),
  ];
}

/** Kept, picked later, and each reason of a dropped row. */
function byReason({ data, picks }: Model): Colouring {
  const { reasons, shown, keptUnseen } = data;
  const ofReasons = reasons.map(({ count: rows }) => rows);
  return {
    key: 'reason',
    label: 'reason',
    colours: (theme) => [
      STATE_COLOURS[theme].kept,
      STATE_COLOURS[theme].later,
      ...REASON_COLOURS[theme].slice(0, reasons.length),
    ],
    classOf: (place, state) => (state === 'kept' ? 0 : state === 'later' ? 1 : shown.reason[place] + 2),
    legend: {
      kind: 'classes',
      names: ['kept', 'picked later', ...reasons.map(({ reason }) => reason)],
      countsAt: (budget) => [budget + keptUnseen, picks - budget, ...ofReasons],
    },
  };
}

function scale(
  key: string,
  label: string,
  shareOf: (place: number) => number,
  [from, to]: [string, string],
  isOfAllPicks = false,
): Colouring {
  return {
    key,
    label,
    colours: (theme) => Array.from({ length: STEPS }, (_, step) => between(SCALES[theme], step / (STEPS - 1))),
    classOf: (place) => Math.min(STEPS - 1, Math.floor(shareOf(place) * STEPS)),
    legend: { kind: 'scale', from, to, isOfAllPicks },
  };
}

/** The colours of the ten first; the others share one. */
function classes(
  key: string,
  label: string,
  { names, others = 0, counts }: { names: string[]; others?: number; counts: ArrayLike<number> },
  classOf: (place: number) => number,
): Colouring {
  const own = Math.min(names.length, CLASS_COLOURS.light.length);
  const untold = Array.from(counts).slice(own);
  const shownCounts = [...Array.from(counts).slice(0, own), untold.reduce((sum, one) => sum + one, 0)];
  return {
    key,
    label,
    colours: (theme) => [...CLASS_COLOURS[theme].slice(0, own), OTHERS[theme]],
    classOf: (place) => Math.min(classOf(place), own),
    legend: {
      kind: 'classes',
      names: untold.length === 0 ? names : [...names.slice(0, own), `${names.length - own + others} others`],
      countsAt: () => shownCounts,
    },
  };
}

function between(stops: string[], share: number): string {
  const at = share * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  const mix = (from: string, to: string, part: number): string => {
    const [a, b] = [from, to].map((colour) => Number.parseInt(colour.slice(1 + 2 * part, 3 + 2 * part), 16));
    return Math.round(a + (b - a) * (at - low))
      .toString(16)
      .padStart(2, '0');
  };
  return `#${[0, 1, 2].map((part) => mix(stops[low], stops[low + 1], part)).join('')}`;
}

/** A scale as a gradient of CSS. */
export function gradientOf(colours: string[]): string {
  return `linear-gradient(90deg, ${colours.join(', ')})`;
}
