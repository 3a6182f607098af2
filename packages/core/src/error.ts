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

/** Throw a {@link CoresetError} unless `value` is an integer ≥ `min`. */
export function requireInteger(name: string, value: number, min: number): void {
  if (!Number.isInteger(value) || value < min) {
    throw new CoresetError(`${name} must be a whole number of at least ${min}, got ${value}`);
  }
}

/** Throw a {@link CoresetError} unless `value` is a finite number ≥ `min`. */
export function requireNumber(name: string, value: number, min: number): void {
  if (!Number.isFinite(value) || value < min) {
    throw new CoresetError(`${name} must be a number of at least ${min}, got ${value}`);
  }
}
