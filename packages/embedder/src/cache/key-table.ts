const FIRST_CAPACITY = 1024;

/** Finds where a vector lies by its key: some 40 bytes an entry. Only the first 64 bits of a key count: whoever reads checks the rest. */
export class KeyTable {
  private count = 0;
  /** The first 64 bits of each key, in two words. */
  private keys = new Uint32Array(2 * FIRST_CAPACITY);
  private files = new Int32Array(FIRST_CAPACITY);
  private offsets = new Float64Array(FIRST_CAPACITY);
  /** Open addressing: entries, each at the first free slot from its key on, −1 for none; at most half full. */
  private table = new Int32Array(2 * FIRST_CAPACITY).fill(-1);

  /** Set where the vector of a key lies; of several the last counts. */
  set(key: Uint8Array, file: number, offset: number): void {
    const [low, high] = words(key);
    let slot = this.slotOf(low, high);
    let entry = this.table[slot];
    if (entry < 0) {
      if (this.count === this.files.length) {
        this.grow();
        slot = this.slotOf(low, high);
      }
      entry = this.count++;
      this.table[slot] = entry;
      this.keys[2 * entry] = low;
      this.keys[2 * entry + 1] = high;
    }
    this.files[entry] = file;
    this.offsets[entry] = offset;
  }

  /** The entry of a key, −1 where there is none. */
  find(key: Uint8Array): number {
    const [low, high] = words(key);
    return this.table[this.slotOf(low, high)];
  }

  fileOf(entry: number): number {
    return this.files[entry];
  }

  offsetOf(entry: number): number {
    return this.offsets[entry];
  }

  private slotOf(low: number, high: number): number {
    const { keys, table } = this;
    const last = table.length - 1;
    let slot = low & last;
    for (let entry = table[slot]; entry >= 0; entry = table[slot]) {
      if (keys[2 * entry] === low && keys[2 * entry + 1] === high) break;
      slot = (slot + 1) & last;
    }
    return slot;
  }

  private grow(): void {
    const capacity = 2 * this.files.length;
    const copied = <Numbers extends Uint32Array | Int32Array | Float64Array>(from: Numbers, to: Numbers): Numbers => {
      to.set(from);
      return to;
    };
    this.keys = copied(this.keys, new Uint32Array(2 * capacity));
    this.files = copied(this.files, new Int32Array(capacity));
    this.offsets = copied(this.offsets, new Float64Array(capacity));
    this.table = new Int32Array(2 * capacity).fill(-1);
    for (let entry = 0; entry < this.count; entry++)
      this.table[this.slotOf(this.keys[2 * entry], this.keys[2 * entry + 1])] = entry;
  }
}

function words(key: Uint8Array): [low: number, high: number] {
  const view = new DataView(key.buffer, key.byteOffset);
  return [view.getUint32(0, true), view.getUint32(4, true)];
}
