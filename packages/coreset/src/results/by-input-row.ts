/** Values of the vectors by rows of the input; NaN for a row without a vector. @param inputRowOf the row of the input of each vector */
export function byInputRow(values: ArrayLike<number>, inputRowOf: ArrayLike<number>, rows: number): Float64Array {
  const result = new Float64Array(rows).fill(Number.NaN);
  for (let i = 0; i < inputRowOf.length; i++) result[inputRowOf[i]] = values[i];
  return result;
}
