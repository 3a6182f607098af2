import { CoresetError } from './error.js';
import { nearestName } from './nearest-name.js';

/** The names of all options that a function has; of type `Record<keyof XOptions, true>`, so that none is forgotten. */
export type KnownOptions = Readonly<Record<string, true>>;

/**
 * Refuse options that would be without effect. Those that are undefined count as not given.
 * @param known every option that `caller` has
 * @throws CoresetError that suggests the nearest name
 */
export function requireKnownOptions(caller: string, options: object, known: KnownOptions): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const got = Array.isArray(options) ? 'array' : options === null ? 'null' : typeof options;
    throw new CoresetError(`${caller} takes its options as an object, got ${got}`);
  }
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (Object.hasOwn(known, key)) {
      requireCallable(key, value);
      continue;
    }
    const names = Object.keys(known);
    const nearest = nearestName(key, names);
    const meant = nearest === undefined ? `; the options are ${names.join(', ')}` : `; did you mean '${nearest}'?`;
    throw new CoresetError(`${caller} has no option '${key}'${meant}`);
  }
}

/** Options that are functions wherever they are, and the signal. */
function requireCallable(key: string, value: unknown): void {
  if (['onProgress', 'onNotice', 'onDiagnostics', 'onPlan'].includes(key) && typeof value !== 'function')
    throw new CoresetError(`${key} is a function, got ${typeof value}`);
  const isSignal = typeof (value as AbortSignal | null)?.throwIfAborted === 'function';
  if (key === 'signal' && !isSignal)
    throw new CoresetError(`signal is the signal of an AbortController, got ${typeof value}`);
}

/** Of the options given those with a known name, to hand on to a function that has no others. */
export function pickOptions<Options extends object, Name extends string>(
  options: Options,
  known: Readonly<Record<Name, unknown>>,
): Pick<Options, Extract<keyof Options, Name>> {
  const given = Object.entries(options).filter(([key, value]) => value !== undefined && Object.hasOwn(known, key));
  return Object.fromEntries(given) as Pick<Options, Extract<keyof Options, Name>>;
}

/** All options that have a default, each as it was given or else with that. */
export function withDefaults<Options extends object>(given: Partial<Options>, defaults: Options): Options {
  return { ...defaults, ...pickOptions(given, defaults as Record<string, unknown>) };
}
