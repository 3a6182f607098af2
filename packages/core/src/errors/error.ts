/**
 * Something the caller can mend: bad input, a wrong option, a missing file.
 *
 * The message is one line that says what is wrong, where, and what to do. The command line prints it
 * as it stands and exits with code 2; anything that is not a `CoresetError` is a defect of ours.
 */
export class CoresetError extends Error {
  /** Marks the class across duplicate copies of this package. */
  readonly isCoresetError = true as const;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CoresetError';
  }

  /** Like `instanceof`, and true across duplicate copies of this package too. */
  static isInstance(value: unknown): value is CoresetError {
    return typeof value === 'object' && value !== null && 'isCoresetError' in value;
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Throw a {@link CoresetError} unless `value` is an integer from `min` to `max`; default: 2^53 − 1. */
export function requireInteger(name: string, value: number, min: number, max: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const isTold = max < Number.MAX_SAFE_INTEGER || value > max;
  throw new CoresetError(
    `${name} must be a whole number ${isTold ? `from ${min} to ${max}` : `of at least ${min}`}, got ${value}`,
  );
}

/** Throw a {@link CoresetError} unless `value` is a finite number from `min` to `max`; default: no limit. */
export function requireNumber(name: string, value: number, min: number, max: number = Number.MAX_VALUE): void {
  if (Number.isFinite(value) && value >= min && value <= max) return;
  const range = max < Number.MAX_VALUE ? `from ${min} to ${max}` : `of at least ${min}`;
  throw new CoresetError(`${name} must be a number ${range}, got ${value}`);
}
