import { countLetters } from '@coreset/embedder';

/** Texts at the beginning that tell in which letters a corpus is written. */
const SAMPLE = 500;

/** In which letters the first texts of a corpus are written. */
export class Letters {
  private texts = 0;
  private letters = 0;
  private latin = 0;

  see(text: string): void {
    if (this.texts === SAMPLE) return;
    this.texts++;
    const { letters, latin } = countLetters(text);
    this.letters += letters;
    this.latin += latin;
  }

  get areLatin(): boolean {
    return 2 * this.latin >= this.letters;
  }
}
