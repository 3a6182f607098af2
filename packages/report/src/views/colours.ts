/** Each is told from white and from black, since a picture does not know the theme of the notebook that it lies in. */
export const INK = '#80858f';
export const KEPT = '#1f9e76';
export const DROPPED = '#9b9ba8';
export const RANDOM = '#c98a2b';

const REASON_COLOURS: Record<string, string> = {
  'near-duplicate': '#e0701f',
  redundant: '#d9c23a',
  outranked: '#9b9ba8',
  indistinguishable: '#d36fc4',
  duplicate: '#c92a55',
  excluded: '#7a5c46',
  against: '#3f78d0',
  'nothing to embed': '#8a3fc0',
};

/** Of the rows that were dropped for that reason. */
export function reasonColour(reason: string): string {
  return REASON_COLOURS[reason] ?? DROPPED;
}

const EASY_TO_HARD = ['#4a6fb5', '#3f97a8', '#5bab6f', '#c9a13b', '#d0603f'];

/** Of rows of a difficulty from 0 to 1. */
export function difficultyColour(difficulty: number): string {
  return EASY_TO_HARD[Math.min(EASY_TO_HARD.length - 1, Math.floor(difficulty * EASY_TO_HARD.length))];
}
