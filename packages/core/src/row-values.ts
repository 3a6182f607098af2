import { CoresetError } from './error.js';

/** @throws CoresetError naming the first row whose score is not finite */
export function requireFiniteScores(scores: ArrayLike<number>): void {
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i])) throw new CoresetError(`row ${i}: score ${scores[i]} is not a finite number`);
  }
}

/** @throws CoresetError unless there is one finite score per row */
export function requireScores(scores: ArrayLike<number>, rows: number): void {
  if (scores.length !== rows)
    throw new CoresetError(`there are ${scores.length} scores for ${rows} rows; one score per row is needed`);
  requireFiniteScores(scores);
}

/** The greatest class: labels are int32. */
const GREATEST_LABEL = 2 ** 31 - 1;

/** @throws CoresetError unless there is one label per row, a whole number from 0 to 2^31 − 1 */
export function requireLabels(labels: ArrayLike<number>, rows: number): void {
  if (labels.length !== rows)
    throw new CoresetError(`there are ${labels.length} labels for ${rows} rows; one label per row is needed`);
  for (let i = 0; i < rows; i++) {
    const label = labels[i];
    if (!Number.isInteger(label) || label < 0 || label > GREATEST_LABEL)
      throw new CoresetError(`row ${i}: label ${label} is not a whole number from 0 to ${GREATEST_LABEL}`);
  }
}
