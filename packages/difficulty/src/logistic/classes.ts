import { CoresetError, requireLabels } from '@coreset/core';

/** Rows by class. */
export interface Classes {
  count: number;
  /** Class of each row, 0 … `count` − 1 in the order of labels. */
  of: Int32Array;
}

/** The number of each class among those that there are, from 0 on in their order. */
export function numbersOfClasses(...labels: ArrayLike<number>[]): Map<number, number> {
  const classes = new Set<number>();
  for (const list of labels) for (let i = 0; i < list.length; i++) classes.add(list[i]);
  return new Map(
    Array.from(classes)
      .sort((a, b) => a - b)
      .map((label, number) => [label, number]),
  );
}

/** The weights, and the gradient of each part of a batch, are columns × classes numbers. */
export const MOST_CLASSES = 10_000;

/**
 * Number the classes of rows that are to be learnt.
 * @param source what the labels are, for messages
 * @throws CoresetError unless there is one label per row, a whole number from 0 to 2^31 − 1, and from 2 to 10,000 classes,
 * fewer than rows
 */
export function numberClasses(labels: ArrayLike<number>, rows: number, source: string): Classes {
  requireLabels(labels, rows);
  const numbers = numbersOfClasses(labels);
  requireLearnable(numbers.size, rows, source);
  return { count: numbers.size, of: Int32Array.from(labels, (label) => numbers.get(label) ?? 0) };
}

/** @throws CoresetError unless there are from 2 to 10,000 classes, fewer than rows */
export function requireLearnable(classes: number, rows: number, source: string): void {
  if (classes >= 2 && classes < rows && classes <= MOST_CLASSES) return;
  const found =
    classes < 2
      ? 'one class only'
      : classes < rows
        ? `${classes} classes`
        : `a class of its own for each of ${rows} rows`;
  throw new CoresetError(
    `the ${source} have ${found}: training dynamics need from 2 to ${MOST_CLASSES} classes, fewer than rows; give other labels, or take difficulty prototype`,
  );
}
