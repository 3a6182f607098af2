import type { AutoOptions } from './methods/auto.js';
import type { CcsOptions } from './methods/ccs.js';
import type { D2Settings } from './methods/d2.js';
import type { GraphCutOptions } from './methods/graph-cut.js';

type MethodOptions = D2Settings & CcsOptions & GraphCutOptions & AutoOptions;

/** The value of each option where none is given. */
const DEFAULTS: Required<Omit<MethodOptions, 'dropDuplicates'>> = {
  gammaForward: 1,
  kernel: 'exponential',
  aggregate: 'sum',
  edges: 'symmetric',
  gammaReverse: 1,
  reverse: 'weighted',
  belowZero: 'raise',
  strata: 50,
  cutoff: 0,
  lambda: 1,
  difficultyWeight: 0,
};

/** Where a method has another. */
const OWN: Readonly<Record<string, MethodOptions>> = { 'd2-cutoff': { cutoff: 0.1 } };

/** The options that a method has, each with the value that it works with. */
export function settingsOf(
  method: string,
  names: readonly (keyof MethodOptions)[],
  given: MethodOptions,
): MethodOptions {
  const values: MethodOptions = { ...DEFAULTS, ...OWN[method] };
  return Object.fromEntries(names.map((name) => [name, given[name] === undefined ? values[name] : given[name]]));
}
