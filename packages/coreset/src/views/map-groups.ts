import { formatCount } from '@coreset/core';
import { DROPPED, difficultyColour, KEPT, type RowMap, reasonColour } from '@coreset/report';
import type { ViewSource } from './source.js';

/** By what the points of a map are coloured. */
export type MapColour = 'kept' | 'difficulty' | 'reason';

export const MAP_COLOURS: MapColour[] = ['kept', 'difficulty', 'reason'];

type Groups = Pick<RowMap, 'group' | 'groups' | 'legend'>;

/** Rows of a map in groups of one colour each; what lies on top comes last. */
export function mapGroups(source: ViewSource, rows: Int32Array, colour: MapColour): Groups {
  if (colour === 'difficulty') return byDifficulty(source, rows);
  const { kept, reasons } = source;
  const keptGroup = { label: `kept ${formatCount(kept)}`, colour: KEPT, opacity: 0.85 };
  if (colour === 'kept') {
    const dropped = { label: `dropped ${formatCount(source.rows - kept)}`, colour: DROPPED, opacity: 0.55 };
    return { group: rows.map((row) => (source.isKept(row) ? 1 : 0)), groups: [dropped, keptGroup] };
  }
  const places = new Map(reasons.map(({ reason }, place) => [reason, place + 1]));
  const groups = reasons.map(({ reason, count }) => ({
    label: `${reason} ${formatCount(count)}`,
    colour: reasonColour(reason),
    opacity: 0.8,
  }));
  const group = rows.map((row) => (source.isKept(row) ? 0 : (places.get(source.told(row).reason) ?? 0)));
  const all = [{ ...keptGroup, opacity: 0.5 }, ...groups];
  return { group, groups: all, legend: Array.from(all.keys()) };
}

const FIFTHS = 5;

function byDifficulty({ difficulty }: ViewSource, rows: Int32Array): Groups {
  const groups = Array.from({ length: FIFTHS }, (_, fifth) => ({
    label: `${(fifth / FIFTHS).toFixed(1)} to ${((fifth + 1) / FIFTHS).toFixed(1)}`,
    colour: difficultyColour(fifth / (FIFTHS - 1)),
    opacity: 0.8,
  }));
  return { group: rows.map((row) => Math.min(FIFTHS - 1, Math.floor(difficulty[row] * FIFTHS))), groups };
}
