/** A mark on an axis. */
export interface Tick {
  value: number;
  text: string;
}

const COUNT = new Intl.NumberFormat('en');
/** Beyond these a number with all its digits is wider than the room beside an axis. */
const LEAST_STEP = 1e-4;
const GREATEST_STEP = 1e9;

/**
 * Round values from 0 to `most`, about as many as asked for, each with the decimals that the step needs.
 * @param counts whether they are counts, which have no fractions
 * @returns 0 alone where `most` is 0 or no number
 */
export function ticksOf(most: number, about: number, counts = false): Tick[] {
  if (!(most > 0 && most < Number.POSITIVE_INFINITY)) return [{ value: 0, text: '0' }];
  const raw = Math.max(most / about, counts ? 1 : 0);
  const power = Math.floor(Math.log10(raw));
  const unit = [1, 2, 5, 10].find((one) => one * 10 ** power >= raw * (1 - 1e-9)) ?? 10;
  const step = unit * 10 ** power;
  const decimals = Math.max(0, unit === 10 ? -power - 1 : -power);
  const text = (value: number): string => {
    if (value === 0) return '0';
    if (step < LEAST_STEP || step > GREATEST_STEP) return value.toExponential(1);
    return decimals === 0 ? COUNT.format(Math.round(value)) : value.toFixed(decimals);
  };
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => ({
    value: i * step,
    text: text(i * step),
  }));
}
