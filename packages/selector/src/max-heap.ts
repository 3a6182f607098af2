/**
 * An indexed binary heap over the items 0 … n − 1: the item of greatest key on top, ties to the lowest
 * item. Keys may change while items are in it.
 */
export class MaxHeap {
  /** Key of each item; change it only through {@link update}. */
  readonly keys: Float64Array;
  private readonly heap: Int32Array;
  /** Place of each item in the heap, −1 once it was taken. */
  private readonly place: Int32Array;
  private length: number;

  /** @param keys one key per item; the heap keeps this array */
  constructor(keys: Float64Array) {
    this.keys = keys;
    this.heap = new Int32Array(keys.length);
    for (let i = 0; i < keys.length; i++) this.heap[i] = i;
    this.place = this.heap.slice();
    this.length = this.heap.length;
    for (let p = (this.length >> 1) - 1; p >= 0; p--) this.sink(p);
  }

  get size(): number {
    return this.length;
  }

  has(item: number): boolean {
    return this.place[item] >= 0;
  }

  /** The item on top, −1 when the heap is empty. */
  peek(): number {
    return this.length === 0 ? -1 : this.heap[0];
  }

  /** Up to `count` items from the top levels of the heap, the greatest first of all. */
  top(count: number): Int32Array {
    return this.heap.slice(0, Math.min(count, this.length));
  }

  /** Take the item on top out of the heap; −1 when it is empty. */
  pop(): number {
    if (this.length === 0) return -1;
    const top = this.heap[0];
    this.place[top] = -1;
    const last = this.heap[--this.length];
    if (this.length > 0) {
      this.heap[0] = last;
      this.place[last] = 0;
      this.sink(0);
    }
    return top;
  }

  /** Give an item that is in the heap a new key. */
  update(item: number, key: number): void {
    const rises = key > this.keys[item];
    this.keys[item] = key;
    if (rises) this.rise(this.place[item]);
    else this.sink(this.place[item]);
  }

  private rise(from: number): void {
    const { heap, place, keys } = this;
    const item = heap[from];
    const key = keys[item];
    let p = from;
    while (p > 0) {
      const parent = (p - 1) >> 1;
      const other = heap[parent];
      if (keys[other] > key || (keys[other] === key && other < item)) break;
      heap[p] = other;
      place[other] = p;
      p = parent;
    }
    heap[p] = item;
    place[item] = p;
  }

  private sink(from: number): void {
    const { heap, place, keys, length } = this;
    const item = heap[from];
    const key = keys[item];
    const half = length >> 1;
    let p = from;
    while (p < half) {
      let child = 2 * p + 1;
      let other = heap[child];
      const right = child + 1;
      if (right < length) {
        const candidate = heap[right];
        if (keys[candidate] > keys[other] || (keys[candidate] === keys[other] && candidate < other)) {
          child = right;
          other = candidate;
        }
      }
      if (key > keys[other] || (key === keys[other] && item < other)) break;
      heap[p] = other;
      place[other] = p;
      p = child;
    }
    heap[p] = item;
    place[item] = p;
  }
}
