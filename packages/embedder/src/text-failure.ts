import type { TextBatch } from './text-inputs.js';

/** What onnxruntime says of an index that a table of the model has no row for. */
const NO_ROW = /idx=(-?\d+) must be within the inclusive range \[-\d+,(\d+)\]/;

/**
 * An error of onnxruntime while texts run, in words that say what to do.
 * @param line the error
 */
export function textFailure(line: string, { texts, width, firstPosition }: TextBatch): string {
  const of = `of ${texts.length} ${texts.length === 1 ? 'text' : 'texts'} of ${width} tokens`;
  const [, index, last] = NO_ROW.exec(line)?.map(Number) ?? [];
  if (index === undefined) return `${line} (${of}; where it takes fewer tokens than that, lower --max-tokens)`;
  const positions = last + 1 - firstPosition;
  const tokenizer = `the tokenizer gives the token ${index}, and the model knows those up to ${last}; the two are of different models, or the vocabulary was extended`;
  const tooLong = `it has positions for ${positions} tokens; use --max-tokens ${positions} (${of})`;
  const mayBeToken = texts.some((ids) => ids.includes(index));
  const mayBePosition = index < firstPosition + width;
  if (mayBeToken && mayBePosition) return `either ${tokenizer}, or ${tooLong}`;
  return mayBePosition ? tooLong : mayBeToken ? tokenizer : `${line} (${of})`;
}
