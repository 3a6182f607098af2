import { withDefaults } from '@coreset/core';
import { AUTO_DEFAULTS, type AutoOptions } from './methods/auto.js';
import { CCS_DEFAULTS, type CcsOptions } from './methods/ccs.js';
import { D2_DEFAULTS, type D2Settings } from './methods/d2.js';
import { CUTOFF } from './methods/d2-variants.js';
import { GRAPH_CUT_DEFAULTS, type GraphCutOptions } from './methods/graph-cut.js';

/** Options of all methods together; each takes its own. */
export interface MethodOptions extends D2Settings, CcsOptions, GraphCutOptions, AutoOptions {}

/** The value of each option where none is given. */
const DEFAULTS: Required<Omit<MethodOptions, 'dropDuplicates'>> = {
  ...D2_DEFAULTS,
  ...CCS_DEFAULTS,
  ...GRAPH_CUT_DEFAULTS,
  ...AUTO_DEFAULTS,
};

/** Where a method has another. */
const OWN: Readonly<Record<string, MethodOptions>> = { 'd2-cutoff': { cutoff: CUTOFF } };

/** The options that a method has, each with the value that it works with. */
export function settingsOf(
  method: string,
  names: readonly (keyof MethodOptions)[],
  given: MethodOptions,
): MethodOptions {
  const values = withDefaults<MethodOptions>(given, { ...DEFAULTS, ...OWN[method] });
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}
