import { randomOrder, seededRandom } from '@coreset/core';

/** Not the picks of the method random with the same seed. */
const OF_INDISTINGUISHABLE = 0x51f15e;

/** Rows whose content is new although another row with the same vector is a candidate. */
export interface Indistinguishable {
  /** Different contents to select among, those of these rows included. */
  distinctContents: number;
}

/**
 * No selector can tell such rows from the candidate with their vector, so that they are kept at random, in the share that
 * is kept of all: each beginning of the order of picks has its share of them.
 */
export class RandomShare {
  private readonly drawn: Int32Array;
  private readonly isKept = new Set<number>();
  private at = 0;
  private isEarly = false;

  constructor(
    private readonly rows: Int32Array,
    private readonly of: Indistinguishable,
    seed: number,
  ) {
    this.drawn = randomOrder(rows.length, seededRandom(seed, OF_INDISTINGUISHABLE));
  }

  /** The row that the next pick draws, which is then drawn no more; −1 where the next pick is the method's. */
  due(picks: number): number {
    const { rows, drawn, of } = this;
    while (this.at < rows.length && this.isKept.has(rows[drawn[this.at]])) this.at++;
    if (this.at === rows.length) return -1;
    const share = Math.floor((Math.min(picks + 1, of.distinctContents) * rows.length) / of.distinctContents);
    return this.isEarly || share > this.at ? rows[drawn[this.at++]] : -1;
  }

  /** A row was kept for another reason. */
  note(row: number): void {
    this.isKept.add(row);
  }

  /** From now on each pick is one of them. @returns whether any is left */
  drawEarly(): boolean {
    this.isEarly = true;
    return this.at < this.rows.length;
  }
}
