import { CoresetError, nearestName } from '@coreset/core';
import type { Row } from '../row.js';
import { type FieldPath, isObject, unpacked, valuesAt } from './field-path.js';

/**
 * Check that a path leads somewhere. A later JSONL row may have fields that the first ones lack, but a name that all of
 * them lack is most likely a slip.
 * @param option the option that names the path, for the message
 * @param prefix of the message
 * @throws CoresetError that suggests the nearest name
 */
export function requireField(
  path: FieldPath,
  fields: readonly string[],
  firstRows: readonly Row[],
  option: string,
  prefix: string,
): void {
  if (!fields.includes(path.root)) throw missing(path.root, fields, '', option, prefix);
  path.steps.forEach((step, i) => {
    if (step === 'all' || !('key' in step)) return;
    const before = { ...path, steps: path.steps.slice(0, i) };
    const parents = firstRows.flatMap((row) => valuesAt(row, before)).map(unpacked);
    const objects = parents.filter((parent) => parent !== null);
    if (objects.length === 0 || !objects.every(isObject)) return;
    const keys = new Set(objects.flatMap((object) => Object.keys(object)));
    if (!keys.has(step.key)) throw missing(step.key, [...keys], ` in '${path.text}'`, option, prefix);
  });
}

function missing(name: string, names: readonly string[], where: string, option: string, prefix: string): CoresetError {
  const nearest = nearestName(name, names);
  const meant = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
  return new CoresetError(
    `${prefix}there is no field '${name}'${where} (${option})${meant}${meant ? ' The' : '; the'} fields are ${names.slice(0, 20).join(', ')}`,
  );
}
