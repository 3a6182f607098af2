import { distance } from 'fastest-levenshtein';

/** The name that was most likely meant; undefined where none is near. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.min(Math.ceil(name.length / 3) + 1, name.length);
  for (const candidate of names) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least) {
      nearest = candidate;
      least = edits;
    }
  }
  return nearest;
}

/** What was most likely meant, as the end of a sentence; empty where nothing is near. */
export function nearestOf(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : `, did you mean '${nearest}'`;
}
