/** Texts at the beginning that tell in which letters a corpus is written. */
const SAMPLE = 500;
const LETTERS = /\p{L}/gu;
const LATIN = /\p{Script=Latin}/gu;

/** In which letters the first texts of a corpus are written. */
export class Letters {
  private texts = 0;
  private letters = 0;
  private latin = 0;

  see(text: string): void {
    if (this.texts === SAMPLE) return;
    this.texts++;
    this.letters += text.match(LETTERS)?.length ?? 0;
    this.latin += text.match(LATIN)?.length ?? 0;
  }

  get areLatin(): boolean {
    return 2 * this.latin >= this.letters;
  }
}
