import type { OpenOptions, Turns } from '@coreset/rows';

/** What becomes of a row that has nothing to embed, or cannot be read. */
export type OnBadRow = 'fail' | 'skip' | 'keep';

export const ON_BAD_ROW: OnBadRow[] = ['fail', 'skip', 'keep'];

/** How the rows are read, and which of their fields are used. */
export interface CorpusOptions extends Pick<OpenOptions, 'delimiter' | 'encoding'> {
  /**
   * Field or path (`doc.body`, `messages[-1].content`) with the text to embed, or several that are joined in order.
   * Default: `text`, chat turns, or the only field with texts.
   */
  text?: string | string[];
  /** Text to embed with fields in braces: `"{instruction}\n{input}\n{output}"`. */
  template?: string;
  /** Which turns of a chat count. Default: `all`. */
  turns?: Turns;
  /** Field with the path of an image file, to embed images in place of texts. Default: `image` of a folder. */
  image?: string;
  /** The folder that paths of images are relative to. Default: that of the file, or the folder that is the input. */
  imageFolder?: string;
  /** Field with a list of numbers, the vector of the row, in place of a text to embed. */
  vector?: string;
  /** File with the vectors of the rows (`.npy`, `.npz`, `.safetensors`), in their order, in place of texts to embed. */
  embeddings?: string;
  /** Which array of an `.npz`, or tensor of a `.safetensors`, file of vectors. Default: the only one with two dimensions. */
  member?: string;
  /** Field with a unique id, or `none`. Default: `id` where it is one; the path of images in a folder. */
  id?: string;
  /**
   * A row without text, without its image file, or that cannot be read: stop (`fail`), leave it out (`skip`), or keep it
   * without embedding it (`keep`). Default: `fail`.
   */
  onBadRow?: OnBadRow;
}

/** Every option of {@link CorpusOptions}. */
export const CORPUS_OPTIONS: Readonly<Record<keyof CorpusOptions, true>> = {
  text: true,
  template: true,
  turns: true,
  image: true,
  imageFolder: true,
  vector: true,
  embeddings: true,
  member: true,
  id: true,
  onBadRow: true,
  delimiter: true,
  encoding: true,
};
