import { CoresetError, requireKnownOptions } from '@coreset/core';
import { type DifficultyKind, needsClasses } from '@coreset/difficulty';
import { METHODS, type MethodName, type MethodOptions, methodOf, type SelectOptions } from '@coreset/selector';
import { SELECT_SETTINGS, type SelectSettings } from './select-settings.js';

/** Settings that belong together: `auto` is what measured best on corpora it was not tuned on, `paper` is D2 as published. */
export type Preset = 'auto' | 'paper';

export const PRESETS: Preset[] = ['auto', 'paper'];

/** Neighbours per row of methods that want a wider view than D2: subzero's are the K of its paper where 2 % are kept. */
const WIDER: Partial<Record<MethodName, number>> = { auto: 32, subzero: 48 };

/** Neighbours per row when none are asked for. */
export function defaultK(method: MethodName): number {
  return WIDER[method] ?? 10;
}

/** External scores, and a difficulty of training dynamics, were asked for to count; the prototype distance measured better left out. */
export function defaultDifficultyWeight({
  scores,
  difficulty,
}: {
  scores?: string;
  difficulty?: DifficultyKind;
}): number | undefined {
  return scores === undefined && !needsClasses(difficulty) ? undefined : 0.5;
}

/** The part of the options that decides on the method. */
export interface MethodChoice extends SelectSettings {
  preset?: Preset;
  method?: MethodName;
}

/** Every option of {@link MethodChoice}. */
export const METHOD_CHOICE: Readonly<Record<keyof MethodChoice, true>> = {
  ...SELECT_SETTINGS,
  preset: true,
  method: true,
};

/** Options that at least one method has. */
const METHOD_OPTIONS: (keyof MethodOptions)[] = [...new Set(Object.values(METHODS).flatMap(({ options }) => options))];

/**
 * The method asked for: by name, by preset, or `auto`; options of D2 imply D2.
 * @param implied the method that rows to select for, or the like, imply where none is named
 * @throws CoresetError when there is no such method or preset, both are given, or an option that the method does not have
 */
export function chooseMethod(options: MethodChoice, implied?: MethodName): MethodName {
  requireKnownOptions('chooseMethod', options, METHOD_CHOICE);
  const method = namedMethod(options, implied);
  requireOptionsOf([method], options);
  return method;
}

/** @throws CoresetError when an option is given that none of the methods has */
export function requireOptionsOf(methods: MethodName[], given: SelectOptions): void {
  for (const option of METHOD_OPTIONS) {
    if (given[option] === undefined || methods.some((method) => METHODS[method].options.includes(option))) continue;
    const owners = Object.entries(METHODS).flatMap(([name, { options }]) => (options.includes(option) ? [name] : []));
    throw new CoresetError(`${option} means nothing to ${methods.join(', ')}; it is an option of ${owners.join(', ')}`);
  }
}

function namedMethod(options: MethodChoice, implied: MethodName | undefined): MethodName {
  const { preset, method } = options;
  if (preset !== undefined && !PRESETS.includes(preset))
    throw new CoresetError(`preset '${preset}' is not known; use one of ${PRESETS.join(', ')}`);
  if (method !== undefined) {
    if (preset !== undefined) throw new CoresetError('give either a preset or a method, not both');
    methodOf(method);
    return method;
  }
  if (preset !== undefined) return preset === 'paper' ? 'd2' : 'auto';
  if (implied !== undefined) return implied;
  return METHODS.d2.options.some((name) => options[name] !== undefined) ? 'd2' : 'auto';
}
