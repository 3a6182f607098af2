import type { ItemKey } from './cache/vector-key.js';
import type { WorkerSettings } from './options.js';

/** A task is long enough to find texts of the same length in it, and short enough to stop soon: well below a second. */
const ITEMS_PER_TASK = { text: 256, image: 8 };
const CHARACTERS_PER_TASK = 20_000;
const CHARACTERS_PER_TOKEN = 5;
/** Of items whose vectors are there. */
const MOST_ITEMS = 1024;

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
    return (
      this.toEmbed >= ITEMS_PER_TASK[this.settings.modality] ||
      this.characters >= CHARACTERS_PER_TASK ||
      this.items.length >= MOST_ITEMS
    );
  }
}
