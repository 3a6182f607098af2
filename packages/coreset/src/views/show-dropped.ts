import type { ShownDropped, ShownRow } from '@coreset/report';
import type { ViewSource } from './source.js';

/** What is shown of dropped rows, and of those that stand for them, that they repeat, or that they are too near to. */
export async function showDropped(source: ViewSource, rows: number[]): Promise<ShownDropped[]> {
  const told = rows.map((row) => source.told(row));
  const others = told.flatMap(({ by, duplicateOf }) => [by ?? [], duplicateOf ?? []].flat());
  const shown = await source.show([...new Set([...rows, ...others])]);
  const near = await source.showAgainst([...new Set(told.flatMap(({ against }) => against ?? []))]);
  const rowOf = (row: number): ShownRow => ({ row, ...shown.get(row) });
  return told.map(({ row, reason, by, similarity, duplicateOf, against }) => ({
    ...rowOf(row),
    reason,
    by: by === undefined ? undefined : rowOf(by),
    similarity,
    repeats: duplicateOf === undefined ? undefined : rowOf(duplicateOf),
    against: against === undefined ? undefined : near.get(against),
  }));
}
