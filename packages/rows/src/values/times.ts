/** How many of a unit make a second, as a power of ten: milliseconds 3, microseconds 6, nanoseconds 9. */
export type FractionDigits = 0 | 3 | 6 | 9;

const SECONDS_OF_DAY = 86_400;

/** Days since 1970-01-01 as `YYYY-MM-DD`; years beyond four digits have a sign and at least six, as in ISO 8601. */
export function dateText(days: number): string {
  // Days are counted from 1 March of year 0, so that a leap day is the last of its year.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return `${yearText(year)}-${twoDigits(month)}-${twoDigits(day)}`;
}

/** A time of day, counted in a unit, as `HH:MM:SS` with the unit's digits behind the point. */
export function timeText(count: bigint, digits: FractionDigits): string {
  const { seconds, fraction } = split(count, digits);
  const minutes = Math.floor(seconds / 60);
  const clock = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`;
  return digits === 0 ? clock : `${clock}.${fraction}`;
}

/** A time since 1970, counted in a unit, in ISO 8601 with the unit's digits; `Z` at the end when it is in UTC. */
export function timestampText(count: bigint, digits: FractionDigits, isUtc: boolean): string {
  const perDay = BigInt(SECONDS_OF_DAY) * 10n ** BigInt(digits);
  let days = count / perDay;
  let rest = count % perDay;
  if (rest < 0n) {
    rest += perDay;
    days -= 1n;
  }
  return `${dateText(Number(days))}T${timeText(rest, digits)}${isUtc ? 'Z' : ''}`;
}

function split(count: bigint, digits: FractionDigits): { seconds: number; fraction: string } {
  const unit = 10n ** BigInt(digits);
  return { seconds: Number(count / unit), fraction: (count % unit).toString().padStart(digits, '0') };
}

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
