import type { Steps } from '@coreset/core';

/**
 * A selector at work. It names the row that it would keep next and is told what is kept, so that who asks may keep
 * another row instead, or refuse it.
 */
export interface Picker {
  /** The row that it would keep next, −1 when none is left. Until a row is taken or passed over it stays the same. */
  best(): number | Promise<number>;
  /** Keep a row that is left, the best one or another. */
  take(row: number): void | Promise<void>;
  /** Never keep a row that is left. */
  pass(row: number): void;
  /** Per row its score now; of a row that was taken, the score that it had then. */
  scores(): Float64Array;
}

/** A picker that keeps rows in an order that does not depend on what is kept. */
export class OrderPicker implements Picker {
  private at = 0;
  private readonly isGone: Uint8Array;

  /**
   * @param order every row once
   * @param scoreOf what the order was made from, of each row
   */
  constructor(
    private readonly order: Int32Array,
    private readonly scoreOf: Float64Array,
  ) {
    this.isGone = new Uint8Array(order.length);
  }

  best(): number {
    const { order, isGone } = this;
    while (this.at < order.length && isGone[order[this.at]]) this.at++;
    return this.at < order.length ? order[this.at] : -1;
  }

  take(row: number): void {
    this.isGone[row] = 1;
  }

  pass(row: number): void {
    this.isGone[row] = 1;
  }

  scores(): Float64Array {
    return this.scoreOf;
  }
}

/** How a method begins: at once, in steps that let others work in between, or by work of other threads. */
export type StartPicker = Steps<Picker> | Promise<Picker>;
