import type { DropReason } from './result-files.js';

/** Every reason, those that say the most of a row first. */
export const DROP_REASONS: readonly DropReason[] = Object.keys({
  'near-duplicate': true,
  redundant: true,
  outranked: true,
  indistinguishable: true,
  duplicate: true,
  excluded: true,
  against: true,
  'nothing to embed': true,
} satisfies Record<DropReason, true>) as DropReason[];

/**
 * What a reason says of a row.
 * @param nearDuplicate the least cosine of a near-duplicate
 */
export function meaningOf(reason: DropReason, nearDuplicate: number): string {
  const meanings: Record<DropReason, string> = {
    'near-duplicate': `its similarity to a kept row is ${nearDuplicate} or more`,
    redundant: 'a kept row is as near as the nearest neighbour of a row is on the mean',
    outranked: 'no kept row was found so near; other rows were worth more',
    indistinguishable: 'to the model the same as a kept row, though it has another content',
    duplicate: 'the same content as another row',
    excluded: 'left out, as was asked for',
    against: 'too near to a row of the file that rows were compared with',
    'nothing to embed': 'no text, or no image, in the row',
  };
  return meanings[reason];
}
