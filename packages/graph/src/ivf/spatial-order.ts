/**
 * Order points so that near ones tend to follow each other: halves along the axis of greatest variance, each ordered in the
 * same way.
 *
 * @param points count × cols
 */
export function spatialOrder(points: Float32Array, cols: number): Int32Array {
  const order = Int32Array.from({ length: points.length / cols }, (_, i) => i);
  halve(order);
  return order;

  function halve(part: Int32Array): void {
    if (part.length <= 2) return;
    const axis = widestAxis(points, cols, part);
    part.sort((a, b) => points[a * cols + axis] - points[b * cols + axis] || a - b);
    const middle = part.length >> 1;
    halve(part.subarray(0, middle));
    halve(part.subarray(middle));
  }
}

function widestAxis(points: Float32Array, cols: number, part: Int32Array): number {
  const sums = new Float64Array(cols);
  const squares = new Float64Array(cols);
  for (const point of part) {
    for (let c = 0; c < cols; c++) {
      const value = points[point * cols + c];
      sums[c] += value;
      squares[c] += value * value;
    }
  }
  const variances = squares.map((square, c) => square - sums[c] ** 2 / part.length);
  return variances.indexOf(Math.max(...variances));
}
