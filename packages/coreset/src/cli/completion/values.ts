import type { Argument, Option } from 'commander';

/** What may stand in a place of the command line. */
export interface Values {
  words: readonly string[];
  /** Several words, separated by commas. */
  isList: boolean;
  /** Names in the file system. */
  paths: 'files' | 'folders' | 'none';
}

interface Hint {
  words: readonly string[];
  isList?: boolean;
}

const HINTS = new WeakMap<Option, Hint>();

/** Say what else may be completed behind an option than its choices and files. @returns the option */
export function completes(
  option: Option,
  words: readonly string[],
  { isList = false }: { isList?: boolean } = {},
): Option {
  HINTS.set(option, { words, isList });
  return option;
}

/** What may stand behind an option; undefined where it takes no value. Its placeholder says whether it is a path: `<file>`. */
export function valuesOf(option: Option): Values | undefined {
  if (!option.required && !option.optional) return undefined;
  const { words, isList = false } = HINTS.get(option) ?? { words: option.argChoices ?? [] };
  return { words, isList, paths: pathsOf(/[<[]([^>\]]*)/.exec(option.flags)?.[1] ?? '') };
}

/** What may stand in the place of an argument. */
export function argumentValues(argument: Argument): Values {
  const words = argument.argChoices ?? [];
  const name = argument.name();
  return { words, isList: false, paths: ['input', 'embeddings'].includes(name) ? 'files' : pathsOf(name) };
}

function pathsOf(placeholder: string): Values['paths'] {
  const kinds = placeholder.split('|');
  if (kinds.includes('file')) return 'files';
  return kinds.some((kind) => ['dir', 'folder', 'model', 'run'].includes(kind)) ? 'folders' : 'none';
}
