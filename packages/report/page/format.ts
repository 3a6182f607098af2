const COUNT = new Intl.NumberFormat('en');

/** 12,345 */
export function count(value: number): string {
  return COUNT.format(value);
}

/** 12,345 rows */
export function rows(value: number): string {
  return value === 1 ? '1 row' : `${count(value)} rows`;
}

/** 12.3 %, of small shares with another digit. */
export function percent(share: number): string {
  const value = 100 * share;
  return `${value > 0 && value < 0.995 ? value.toFixed(2) : value.toFixed(1)} %`;
}

/** A cosine, difficulty or distance; one that is tiny is not said to be 0. */
export function decimal(value: number): string {
  return value !== 0 && Math.abs(value) < 0.0005 ? value.toExponential(1) : value.toFixed(3);
}
