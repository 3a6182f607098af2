/** Of each row the first with the same text. */
export interface Repeats {
  firsts: Int32Array;
  /** Rows that are not the first. */
  count: number;
}

/** Finds rows with the same text by 64 bits of its hash: some 24 bytes a row, however long the texts are. */
export class FirstRows {
  private added = 0;
  private distinct = 0;
  private hashes = new BigUint64Array(1024);
  /** The hashes in two words each. */
  private words = new Uint32Array(this.hashes.buffer);
  private firsts = new Int32Array(1024);
  /** First rows by their hash, −1 where there is none; at most half full. */
  private table = new Int32Array(2048).fill(-1);

  private constructor(private readonly hash: (text: string) => bigint) {}

  static async create(): Promise<FirstRows> {
    const { default: xxhash } = await import('xxhash-wasm'); // each thread loads this package, and few hash
    return new FirstRows((await xxhash()).h64);
  }

  /** Rows so far. */
  get rows(): number {
    return this.added;
  }

  /** Rows so far that are not the first. */
  get repeated(): number {
    return this.added - this.distinct;
  }

  /**
   * Take the text of the next row.
   * @returns whether no row before has it
   */
  add(text: string): boolean {
    const row = this.added++;
    if (row === this.firsts.length) this.grow();
    this.hashes[row] = this.hash(text);
    const place = this.placeOf(row);
    const isNew = this.table[place] < 0;
    if (isNew) {
      this.table[place] = row;
      this.distinct++;
    }
    this.firsts[row] = this.table[place];
    return isNew;
  }

  /** What was found among all rows; undefined where none repeats another. */
  repeats(): Repeats | undefined {
    return this.repeated === 0 ? undefined : { firsts: this.firsts.slice(0, this.added), count: this.repeated };
  }

  /** Where in the table the hash of a row is, or is to be. */
  private placeOf(row: number): number {
    const { words, table } = this;
    const [low, high] = [words[2 * row], words[2 * row + 1]];
    const last = table.length - 1;
    let place = low & last;
    for (let first = table[place]; first >= 0; first = table[place]) {
      if (words[2 * first] === low && words[2 * first + 1] === high) break;
      place = (place + 1) & last;
    }
    return place;
  }

  private grow(): void {
    const { hashes, firsts } = this;
    this.hashes = new BigUint64Array(2 * hashes.length);
    this.hashes.set(hashes);
    this.words = new Uint32Array(this.hashes.buffer);
    this.firsts = new Int32Array(2 * firsts.length);
    this.firsts.set(firsts);
    this.table = new Int32Array(2 * this.table.length).fill(-1);
    for (let row = 0; row < firsts.length; row++) if (firsts[row] === row) this.table[this.placeOf(row)] = row;
  }
}
