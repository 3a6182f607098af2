import { CPU } from '@coreset/kernels';
import type { ItemKey } from './cache/vector-key.js';
import type { WorkerSettings } from './options.js';

/** A task is long enough to find texts of the same length in it, and short enough to stop soon: well below a second. */
const PER_TASK = {
  text: { items: 256, characters: 20_000 },
  image: { items: 8, characters: 20_000 },
  static: { items: 2048, characters: 250_000 },
};
/** A GPU takes as long for many more, and its one thread sorts them by length. */
const PER_DEVICE_TASK = {
  text: { items: 4096, characters: 1_000_000 },
  image: { items: 64, characters: 1_000_000 },
};
const CHARACTERS_PER_TOKEN = 5;
/** Of items whose vectors are there. */
const MOST_KNOWN = 1024;

/** Consecutive items that become one block. */
export class Chunk {
  readonly items: string[] = [];
  /** Of each item, where there is a cache. */
  readonly keys: (ItemKey | undefined)[] = [];
  private toEmbed = 0;
  private characters = 0;

  constructor(private readonly settings: WorkerSettings) {}

  /** @param isKnown whether its vector is there */
  add(item: string, key: ItemKey | undefined, isKnown: boolean): void {
    this.items.push(item);
    this.keys.push(key);
    if (isKnown) return;
    const { long, maxTokens } = this.settings;
    this.toEmbed++;
    this.characters += long === 'mean' ? item.length : Math.min(item.length, CHARACTERS_PER_TOKEN * maxTokens);
  }

  /** Whether the model has nothing to do. */
  get isKnown(): boolean {
    return this.toEmbed === 0;
  }

  get isFull(): boolean {
    const { device, modality, static: isStatic } = this.settings;
    const perTask = device === CPU ? PER_TASK[isStatic ? 'static' : modality] : PER_DEVICE_TASK[modality];
    return (
      this.toEmbed >= perTask.items ||
      this.characters >= perTask.characters ||
      this.items.length - this.toEmbed >= MOST_KNOWN
    );
  }
}
