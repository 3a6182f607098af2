import { CoresetError } from '@coreset/core';
import { type MethodName, methodOf, type SelectOptions } from '@coreset/selector';

/** Settings that belong together: `auto` is what measured best on corpora it was not tuned on, `paper` is D2 as published. */
export type Preset = 'auto' | 'paper';

export const PRESETS: Preset[] = ['auto', 'paper'];

/** Neighbours per row when none are asked for: coverage wants a wider view than D2. */
export function defaultK(method: MethodName): number {
  return method === 'auto' ? 32 : 10;
}

/** Scores that somebody brought are meant to count; the label-free ones measured better left out. */
export function defaultDifficultyWeight({ scores }: { scores?: string }): number | undefined {
  return scores === undefined ? undefined : 0.5;
}

/** D2's own options, which only mean something to D2. */
const D2_OPTIONS = ['gammaForward', 'gammaReverse', 'kernel', 'aggregate', 'reverse', 'edges', 'belowZero'] as const;

/** The part of the options that decides on the method. */
export interface MethodChoice extends Pick<SelectOptions, (typeof D2_OPTIONS)[number]> {
  preset?: Preset;
  method?: MethodName;
}

/**
 * The method asked for: by name, by preset, or `auto`; options that only D2 has imply D2.
 * @throws CoresetError when there is no such method or preset, or both are given
 */
export function chooseMethod(options: MethodChoice): MethodName {
  const { preset, method } = options;
  if (preset !== undefined && !PRESETS.includes(preset))
    throw new CoresetError(`preset '${preset}' is not known; use one of ${PRESETS.join(', ')}`);
  if (method !== undefined) {
    if (preset !== undefined) throw new CoresetError('give either a preset or a method, not both');
    methodOf(method);
    return method;
  }
  if (preset === 'paper') return 'd2';
  const given = D2_OPTIONS.find((name) => options[name] !== undefined);
  if (preset === 'auto' && given !== undefined)
    throw new CoresetError(`${given} is an option of D2 and means nothing to the preset auto; use the preset paper`);
  return given === undefined ? 'auto' : 'd2';
}
