import { Representatives } from '@coreset/core';

/** Of each row the first with the same content. */
export interface Repeats {
  representative: Int32Array;
  /** Rows that are not their own representative. */
  count: number;
}

/** Finds rows with the same text by 64 bits of its hash, however long the texts are. */
export class DistinctTexts {
  private readonly found = new Representatives();
  private readonly hash64 = new BigUint64Array(1);
  private readonly words = new Uint32Array(this.hash64.buffer);

  private constructor(private readonly hash: (text: string) => bigint) {}

  static async create(): Promise<DistinctTexts> {
    const { default: xxhash } = await import('xxhash-wasm'); // each thread loads this package, and few hash
    return new DistinctTexts((await xxhash()).h64);
  }

  /** Rows so far. */
  get rows(): number {
    return this.found.rows;
  }

  /** Rows so far whose text an earlier row has. */
  get repeated(): number {
    return this.found.rows - this.found.distinct;
  }

  /**
   * Add the text of the next row.
   * @returns whether no earlier row has it
   */
  add(text: string): boolean {
    const row = this.found.rows;
    this.hash64[0] = this.hash(text);
    return this.found.add(this.words[0], this.words[1]) === row;
  }

  /** What was found among all rows; undefined where none repeats another. */
  repeats(): Repeats | undefined {
    return this.repeated === 0 ? undefined : { representative: this.found.representative(), count: this.repeated };
  }
}
