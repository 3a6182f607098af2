import type { ShownDropped } from '@coreset/report';
import type { ViewSource } from './source.js';

/** What is shown of dropped rows, and of those that stand for them. */
export async function showDropped(source: ViewSource, rows: number[]): Promise<ShownDropped[]> {
  const told = rows.map((row) => source.told(row));
  const others = told.flatMap(({ by }) => by ?? []);
  const shown = await source.show([...new Set([...rows, ...others])]);
  const rowOf = (row: number): ShownDropped => ({ row, reason: '', ...shown.get(row) });
  return told.map(({ row, reason, by, similarity, duplicateOf }) => ({
    ...rowOf(row),
    reason,
    by: by === undefined ? undefined : rowOf(by),
    similarity,
    duplicateOf,
  }));
}
