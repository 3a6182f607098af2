/** The reserve holds about 1 / SHARE of the items left, and each of its buckets about 1 / SHARE of the reserve. */
const SHARE = 16;
/** Keys in the sample from which the thresholds of the buckets are estimated. */
const SAMPLE = 4096;
/** With a smaller sample all items are in one bucket. */
const LEAST_SAMPLE = 64;

/**
 * A priority queue over the items 0 … n − 1: the item of greatest key on top, ties to the lowest item. Keys may
 * change while items are in it.
 *
 * There are three tiers. The front is a binary heap of the items with the greatest keys; it is so small that it stays in
 * the processor's cache. The reserve holds the next items, unsorted, in buckets of falling keys. All other items are in
 * neither. When the front is empty it takes the next bucket; when the reserve is empty, a new one is drawn from all items.
 *
 * An item whose key falls stays where it is: its entry in the front is corrected when it comes to the top. An item whose
 * key rises to the threshold of the reserve or the front is pushed to the front once more.
 */
export class MaxHeap {
  /** Key of each item, −∞ once it was taken; change it only through {@link update} and {@link lower}. */
  readonly keys: Float64Array;
  /** A binary heap of items by the keys that they had when they were pushed; an item whose key has fallen since is out of date. */
  private readonly front: Int32Array;
  private readonly frontKeys: Float64Array;
  private frontSize = 0;
  /** All items whose keys reach this are in the front. */
  private frontThreshold = Number.POSITIVE_INFINITY;
  /** Items by bucket, as they were when the reserve was drawn. */
  private readonly reserve: Int32Array;
  private readonly bucketStarts = new Int32Array(SHARE + 1);
  /** The least keys of the buckets, falling; the last is that of the reserve. */
  private bucketThresholds: Float64Array = new Float64Array(SHARE);
  private nextBucket = SHARE;
  private reserveThreshold = Number.POSITIVE_INFINITY;
  private readonly keyWhenTaken: Float64Array;
  private left: number;

  /**
   * @param keys one finite key per item; the heap keeps this array
   * @throws Error when a key is not finite
   */
  constructor(keys: Float64Array) {
    for (let item = 0; item < keys.length; item++) if (!Number.isFinite(keys[item])) throw notFinite(item, keys[item]);
    this.keys = keys;
    this.front = new Int32Array(keys.length);
    this.frontKeys = new Float64Array(keys.length);
    this.reserve = new Int32Array(keys.length);
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
    const { keys, front, frontKeys } = this;
    while (true) {
      if (this.frontSize === 0 || frontKeys[0] < this.frontThreshold) {
        this.extendFront();
        continue;
      }
      const item = front[0];
      const key = keys[item];
      if (key === frontKeys[0]) return item;
      if (!Number.isFinite(key) && key !== Number.NEGATIVE_INFINITY) throw notFinite(item, key);
      if (key < this.reserveThreshold || key > frontKeys[0]) this.dropTop();
      else this.sink(key, item, 0);
    }
  }

  /** The item on top and up to `count` − 1 more that are near it. */
  top(count: number): number[] {
    this.peek();
    const near = new Set<number>();
    for (let p = 0; p < this.frontSize && near.size < count; p++) if (this.has(this.front[p])) near.add(this.front[p]);
    return Array.from(near);
  }

  /** Take the item on top out of the heap; −1 when it is empty. */
  pop(): number {
    const top = this.peek();
    if (top >= 0) this.remove(top);
    return top;
  }

  /** Take an item out of the heap; one that was taken already stays so. */
  remove(item: number): void {
    if (!this.has(item)) return;
    this.left--;
    this.keyWhenTaken[item] = this.keys[item];
    this.keys[item] = Number.NEGATIVE_INFINITY;
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
    if (key >= this.reserveThreshold && key > before) this.bringToFront(item, key);
  }

  /** Lower the key of an item, or raise it where `by` is below zero; one that was taken stays as it is. */
  lower(item: number, by: number): void {
    this.update(item, this.keys[item] - by);
  }

  private bringToFront(item: number, key: number): void {
    if (this.frontSize === this.front.length) this.fillReserve();
    else this.rise(key, item, this.frontSize++);
  }

  private dropTop(): void {
    const last = --this.frontSize;
    if (last > 0) this.sink(this.frontKeys[last], this.front[last], 0);
  }

  private extendFront(): void {
    const { keys, front, frontKeys, reserve, bucketStarts } = this;
    const waiting = bucketStarts[Math.min(this.nextBucket + 1, SHARE)] - bucketStarts[this.nextBucket];
    if (this.nextBucket === SHARE || this.frontSize + waiting > front.length) this.fillReserve();
    const { nextBucket, reserveThreshold } = this;
    let size = this.frontSize;
    for (let r = bucketStarts[nextBucket]; r < bucketStarts[nextBucket + 1]; r++) {
      const item = reserve[r];
      if (keys[item] < reserveThreshold) continue;
      frontKeys[size] = keys[item];
      front[size++] = item;
    }
    this.frontSize = size;
    this.frontThreshold = this.bucketThresholds[nextBucket];
    this.nextBucket = nextBucket + 1;
    for (let p = (size >> 1) - 1; p >= 0; p--) this.sink(frontKeys[p], front[p], p);
  }

  /** A counting sort of the greatest items by bucket. It begins anew, with nothing in the front. */
  private fillReserve(): void {
    const { keys, reserve, bucketStarts } = this;
    const thresholds = this.findThresholds();
    const least = thresholds[SHARE - 1];
    bucketStarts.fill(0);
    for (let item = 0; item < keys.length; item++) {
      if (keys[item] >= least) bucketStarts[bucketOf(keys[item], thresholds)]++;
    }
    for (let b = 1; b <= SHARE; b++) bucketStarts[b] += bucketStarts[b - 1];
    if (bucketStarts[SHARE] === 0) throw new Error(`${this.left} items are left whose keys are no finite numbers`);
    // What is the end of each bucket yet becomes its start as it is filled from there.
    for (let item = keys.length - 1; item >= 0; item--) {
      if (keys[item] >= least) reserve[--bucketStarts[bucketOf(keys[item], thresholds)]] = item;
    }
    this.frontSize = 0;
    this.frontThreshold = Number.POSITIVE_INFINITY;
    this.bucketThresholds = thresholds;
    this.reserveThreshold = least;
    this.nextBucket = 0;
  }

  private findThresholds(): Float64Array {
    const { keys } = this;
    const sample = new Float64Array(SAMPLE);
    const step = Math.ceil(keys.length / SAMPLE);
    let count = 0;
    for (let item = 0; item < keys.length; item += step) if (this.has(item)) sample[count++] = keys[item];
    if (count < LEAST_SAMPLE) return new Float64Array(SHARE).fill(-Number.MAX_VALUE);
    const sorted = sample.subarray(0, count).sort();
    return Float64Array.from({ length: SHARE }, (_, b) => sorted[count - Math.ceil((count * (b + 1)) / SHARE ** 2)]);
  }

  /** Move the free place of the front upwards until the item fits there. */
  private rise(key: number, item: number, from: number): void {
    const { front, frontKeys } = this;
    let p = from;
    while (p > 0) {
      const parent = (p - 1) >> 1;
      if (!goesBefore(key, item, frontKeys[parent], front[parent])) break;
      frontKeys[p] = frontKeys[parent];
      front[p] = front[parent];
      p = parent;
    }
    frontKeys[p] = key;
    front[p] = item;
  }

  /** Move the free place of the front downwards until the item fits there. */
  private sink(key: number, item: number, from: number): void {
    const { front, frontKeys, frontSize } = this;
    const half = frontSize >> 1;
    let p = from;
    while (p < half) {
      let child = 2 * p + 1;
      const right = child + 1;
      if (right < frontSize && goesBefore(frontKeys[right], front[right], frontKeys[child], front[child]))
        child = right;
      if (goesBefore(key, item, frontKeys[child], front[child])) break;
      frontKeys[p] = frontKeys[child];
      front[p] = front[child];
      p = child;
    }
    frontKeys[p] = key;
    front[p] = item;
  }
}

function notFinite(item: number, key: number): Error {
  return new Error(`the key of item ${item} is ${key}; keys are finite numbers`);
}

function goesBefore(key: number, item: number, otherKey: number, other: number): boolean {
  return key > otherKey || (key === otherKey && item < other);
}

/** The first bucket whose threshold the key reaches; it reaches the last. */
function bucketOf(key: number, thresholds: Float64Array): number {
  let low = 0;
  let high = thresholds.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key >= thresholds[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}
