import { CoresetError } from '../errors/error.js';

/** @throws CoresetError unless it is a list or typed array */
function requireList(values: unknown, what: string): void {
  if (!Array.isArray(values) && !ArrayBuffer.isView(values))
    throw new CoresetError(`${what} are a list of numbers, got ${values === null ? 'null' : typeof values}`);
}

/** @throws CoresetError unless each is the number of a row, 0 to `rows` − 1 */
export function requireListed(listed: ArrayLike<number>, rows: number): void {
  requireList(listed, 'kept rows');
  for (let i = 0; i < listed.length; i++)
    if (!Number.isInteger(listed[i]) || listed[i] < 0 || listed[i] >= rows)
      throw new CoresetError(`kept row ${String(listed[i])} (at ${i}) is no row: they are numbered 0 to ${rows - 1}`);
}

/** @throws CoresetError naming the first row whose score is not finite */
export function requireFiniteScores(scores: ArrayLike<number>): void {
  requireList(scores, 'scores');
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i])) throw new CoresetError(`row ${i}: score ${scores[i]} is not a finite number`);
  }
}

/** @throws CoresetError unless there is one finite score per row */
export function requireScores(scores: ArrayLike<number>, rows: number): void {
  requireList(scores, 'scores');
  if (scores.length !== rows)
    throw new CoresetError(`there are ${scores.length} scores for ${rows} rows; one score per row is needed`);
  requireFiniteScores(scores);
}

/** The greatest class: labels are int32. */
const GREATEST_LABEL = 2 ** 31 - 1;

/** @throws CoresetError unless there is one label per row, a whole number from 0 to 2^31 − 1 */
export function requireLabels(labels: ArrayLike<number>, rows: number): void {
  requireList(labels, 'labels');
  if (labels.length !== rows)
    throw new CoresetError(`there are ${labels.length} labels for ${rows} rows; one label per row is needed`);
  for (let i = 0; i < rows; i++) {
    const label = labels[i];
    if (!Number.isInteger(label) || label < 0 || label > GREATEST_LABEL)
      throw new CoresetError(`row ${i}: label ${label} is not a whole number from 0 to ${GREATEST_LABEL}`);
  }
}
