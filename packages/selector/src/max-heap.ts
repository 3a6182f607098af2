/** The front is filled with the greatest 1 / FRONT_SHARE of the items left, as far as a sample tells. */
const FRONT_SHARE = 16;
const SAMPLE = 1024;

/**
 * A priority queue over the items 0 … n − 1: the item of greatest key on top, ties to the lowest item. Keys may
 * change while items are in it.
 *
 * Only the front, the items whose keys reach a threshold, is held in a binary heap, which then fits the processor's
 * cache; a new key for an item behind it is a store and nothing else. A front that is used up is filled anew.
 */
export class MaxHeap {
  /** Key of each item, −∞ once it was taken; change it only through {@link update}. */
  readonly keys: Float64Array;
  private readonly front: Int32Array;
  /** Place of each item of the front in it. */
  private readonly place: Int32Array;
  private readonly keyWhenTaken: Float64Array;
  private frontSize = 0;
  private threshold = Number.NaN;
  private left: number;

  /** @param keys one finite key per item; the heap keeps this array */
  constructor(keys: Float64Array) {
    this.keys = keys;
    this.front = new Int32Array(keys.length);
    this.place = new Int32Array(keys.length);
    this.keyWhenTaken = new Float64Array(keys.length);
    this.left = keys.length;
  }

  get size(): number {
    return this.left;
  }

  has(item: number): boolean {
    return this.keys[item] > Number.NEGATIVE_INFINITY;
  }

  /** The item on top, −1 when the heap is empty. */
  peek(): number {
    if (this.left === 0) return -1;
    if (this.frontSize === 0) this.fillFront();
    return this.front[0];
  }

  /** The item on top and up to `count` − 1 more that are near it. */
  top(count: number): Int32Array {
    this.peek();
    return this.front.slice(0, Math.min(count, this.frontSize));
  }

  /** Take the item on top out of the heap; −1 when it is empty. */
  pop(): number {
    const top = this.peek();
    if (top < 0) return -1;
    this.left--;
    this.keyWhenTaken[top] = this.keys[top];
    this.update(top, Number.NEGATIVE_INFINITY);
    return top;
  }

  /** Key of each item, of one that was taken the key that it had then; an array of the heap's own. */
  lastKeys(): Float64Array {
    const { keys, keyWhenTaken } = this;
    for (let item = 0; item < keys.length; item++) if (this.has(item)) keyWhenTaken[item] = keys[item];
    return keyWhenTaken;
  }

  /** Give an item that is in the heap a new key. */
  update(item: number, key: number): void {
    const before = this.keys[item];
    this.keys[item] = key;
    // Mostly not, and small enough to become part of the caller's loop.
    if (before >= this.threshold || key >= this.threshold) this.moveInFront(item, before, key);
  }

  private moveInFront(item: number, before: number, key: number): void {
    const { threshold, place } = this;
    if (!(before >= threshold)) this.rise(item, this.frontSize++);
    else if (key < threshold) this.leaveFront(place[item]);
    else if (key > before) this.rise(item, place[item]);
    else this.sink(item, place[item]);
  }

  private leaveFront(place: number): void {
    const last = this.front[--this.frontSize];
    if (place === this.frontSize) return;
    this.rise(last, place);
    this.sink(last, this.place[last]);
  }

  private fillFront(): void {
    const { keys, place, front } = this;
    const threshold = this.nextThreshold();
    let size = 0;
    for (let item = 0; item < keys.length; item++) {
      if (keys[item] < threshold) continue;
      place[item] = size;
      front[size++] = item;
    }
    this.threshold = threshold;
    this.frontSize = size;
    for (let p = (size >> 1) - 1; p >= 0; p--) this.sink(front[p], p);
  }

  /** The key that about one in FRONT_SHARE of the items left reaches. Items are sampled at equal steps. */
  private nextThreshold(): number {
    const { keys } = this;
    const sample = new Float64Array(SAMPLE);
    const step = Math.ceil(this.left / SAMPLE);
    let count = 0;
    let seen = 0;
    for (let item = 0; item < keys.length; item++) {
      if (this.has(item) && seen++ % step === 0) sample[count++] = keys[item];
    }
    return sample.subarray(0, count).sort()[count - Math.ceil(count / FRONT_SHARE)];
  }

  private rise(item: number, from: number): void {
    const { front, place, keys } = this;
    const key = keys[item];
    let p = from;
    while (p > 0) {
      const parent = (p - 1) >> 1;
      const other = front[parent];
      if (keys[other] > key || (keys[other] === key && other < item)) break;
      front[p] = other;
      place[other] = p;
      p = parent;
    }
    front[p] = item;
    place[item] = p;
  }

  private sink(item: number, from: number): void {
    const { front, place, keys, frontSize } = this;
    const key = keys[item];
    const half = frontSize >> 1;
    let p = from;
    while (p < half) {
      let child = 2 * p + 1;
      let other = front[child];
      const right = child + 1;
      if (right < frontSize) {
        const candidate = front[right];
        if (keys[candidate] > keys[other] || (keys[candidate] === keys[other] && candidate < other)) {
          child = right;
          other = candidate;
        }
      }
      if (key > keys[other] || (key === keys[other] && item < other)) break;
      front[p] = other;
      place[other] = p;
      p = child;
    }
    front[p] = item;
    place[item] = p;
  }
}
