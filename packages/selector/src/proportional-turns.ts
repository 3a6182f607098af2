import { MaxHeap } from './max-heap.js';

/**
 * Whose turn it is among parts that take in proportion to their shares: the part that is furthest behind its share, ties
 * to the first part.
 */
export class ProportionalTurns {
  private taken = 0;
  private readonly total: number;
  /** Parts of the same share are behind in the order of what they took. */
  private readonly queues: Queue[];
  private readonly queueOf: Queue[];
  private readonly placeInQueue: Int32Array;

  /** @param shares of each part, whole numbers above 0 */
  constructor(shares: ArrayLike<number>) {
    this.placeInQueue = new Int32Array(shares.length);
    const parts = new Map<number, number[]>();
    let total = 0;
    for (let part = 0; part < shares.length; part++) {
      total += shares[part];
      const others = parts.get(shares[part]) ?? [];
      parts.set(shares[part], others);
      this.placeInQueue[part] = others.length;
      others.push(part);
    }
    this.total = total;
    this.queues = Array.from(parts, ([share, members]) => ({
      share,
      members,
      leastTaken: new MaxHeap(new Float64Array(members.length)),
    }));
    this.queueOf = [];
    for (const queue of this.queues) for (const part of queue.members) this.queueOf[part] = queue;
  }

  /** The part whose turn it is, −1 when all are at their end. */
  next(): number {
    let next = -1;
    let furthest = Number.NEGATIVE_INFINITY;
    for (const { share, members, leastTaken } of this.queues) {
      const place = leastTaken.peek();
      if (place < 0) continue;
      const behind = ((this.taken + 1) * share) / this.total + leastTaken.keys[place];
      if (behind < furthest || (behind === furthest && members[place] > next)) continue;
      furthest = behind;
      next = members[place];
    }
    return next;
  }

  /** A part took one, in its turn or not. */
  take(part: number): void {
    this.taken++;
    const { leastTaken } = this.queueOf[part];
    const place = this.placeInQueue[part];
    if (leastTaken.has(place)) leastTaken.lower(place, 1);
  }

  /** A part has nothing left. */
  end(part: number): void {
    this.queueOf[part].leastTaken.remove(this.placeInQueue[part]);
  }
}

interface Queue {
  share: number;
  /** Rising. */
  members: number[];
  /** Minus what each member took. */
  leastTaken: MaxHeap;
}
