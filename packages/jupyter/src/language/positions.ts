/** Jupyter counts characters of Unicode, JavaScript counts units of UTF-16. */
export function unitsOf(text: string, characters: number): number {
  let units = 0;
  for (const character of text) {
    if (characters-- <= 0) break;
    units += character.length;
  }
  return units;
}

/** The inverse of {@link unitsOf}. */
export function charactersOf(text: string, units: number): number {
  return [...text.slice(0, units)].length;
}
