import { CoresetError } from '@coreset/core';
import { nearestName } from '@coreset/rows';

/**
 * Refuse options that would be without effect.
 * @param known every option that `caller` has
 * @throws CoresetError that suggests the nearest name
 */
export function requireKnownKeys(caller: string, options: object, known: Record<string, true>): void {
  if (typeof options !== 'object' || options === null)
    throw new CoresetError(`${caller} needs options, such as { keep: '30%' }`);
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(known, key)) continue;
    const nearest = nearestName(key, Object.keys(known));
    const meant =
      nearest === undefined ? `; the options are ${Object.keys(known).join(', ')}` : `; did you mean '${nearest}'?`;
    throw new CoresetError(`${caller} has no option '${key}'${meant}`);
  }
}

/** What was most likely meant, as the end of a sentence; empty where nothing is near. */
export function nearestOf(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : `, did you mean '${nearest}'`;
}
