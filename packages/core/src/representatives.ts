const FIRST_CAPACITY = 1024;

/**
 * Finds the representative of each row, the first that is the same, in a hash table of representatives: some 24 bytes a
 * row, whatever the rows are.
 */
export class Representatives {
  /** Rows so far. */
  rows = 0;
  /** Rows so far that represent themselves. */
  distinct = 0;
  /** The hash of each row in two words, low and high. */
  private hashes = new Uint32Array(2 * FIRST_CAPACITY);
  private all = new Int32Array(FIRST_CAPACITY);
  /** Open addressing: representatives, each at the first free slot from its hash on, −1 for none; at most half full. */
  private table = new Int32Array(2 * FIRST_CAPACITY).fill(-1);

  /** @param isSame tells whether two rows of equal hashes are the same; default: they are */
  constructor(private readonly isSame: (row: number, earlier: number) => boolean = () => true) {}

  /** Add the next row by the 64 bits of its hash. @returns its representative */
  add(low: number, high: number): number {
    const row = this.rows++;
    if (row === this.all.length) this.grow();
    this.hashes[2 * row] = low;
    this.hashes[2 * row + 1] = high;
    const slot = this.slotOf(row);
    if (this.table[slot] < 0) {
      this.table[slot] = row;
      this.distinct++;
    }
    this.all[row] = this.table[slot];
    return this.all[row];
  }

  /** The representative of each row. */
  representative(): Int32Array {
    return this.all.slice(0, this.rows);
  }

  /** The slot of a row's representative, or the free one where there is none yet. */
  private slotOf(row: number): number {
    const { hashes, table, isSame } = this;
    const last = table.length - 1;
    let slot = hashes[2 * row] & last;
    for (let other = table[slot]; other >= 0; other = table[slot]) {
      const hasSameHash = hashes[2 * other] === hashes[2 * row] && hashes[2 * other + 1] === hashes[2 * row + 1];
      if (hasSameHash && (other === row || isSame(row, other))) break;
      slot = (slot + 1) & last;
    }
    return slot;
  }

  private grow(): void {
    const { hashes, all, table } = this;
    this.hashes = new Uint32Array(2 * hashes.length);
    this.hashes.set(hashes);
    this.all = new Int32Array(2 * all.length);
    this.all.set(all);
    this.table = new Int32Array(2 * table.length).fill(-1);
    for (let row = 0; row < all.length; row++) if (all[row] === row) this.table[this.freeSlot(row)] = row;
  }

  /** Without comparing: representatives differ. */
  private freeSlot(row: number): number {
    const last = this.table.length - 1;
    let slot = this.hashes[2 * row] & last;
    while (this.table[slot] >= 0) slot = (slot + 1) & last;
    return slot;
  }
}
