/** Sweeps of rotations, of which a small matrix needs some six. */
const SWEEPS = 30;

/**
 * Eigenvectors of a small symmetric matrix by falling eigenvalue, a row each: cyclic Jacobi (Golub & Van Loan 2013,
 * section 8.5).
 * @param symmetric n × n
 */
export function eigenvectors(symmetric: Float64Array, n: number): Float64Array {
  const a = symmetric.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let isDiagonal = true;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]) <= Number.EPSILON * Math.sqrt(Math.abs(a[p * n + p] * a[q * n + q]))) continue;
        isDiagonal = false;
        rotate(a, vectors, n, p, q);
      }
    }
    if (isDiagonal) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i] || i - j);
  const sorted = new Float64Array(n * n);
  order.forEach((i, place) => {
    sorted.set(vectors.subarray(i * n, (i + 1) * n), place * n);
  });
  return sorted;
}

/** Make entry p, q zero by a rotation. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const difference = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
  const tangent = (difference >= 0 ? 1 : -1) / (Math.abs(difference) + Math.hypot(1, difference));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = tangent * cosine;
  const turn = (data: Float64Array, i: number, j: number): void => {
    const x = data[i];
    const y = data[j];
    data[i] = cosine * x - sine * y;
    data[j] = sine * x + cosine * y;
  };
  for (let c = 0; c < n; c++) turn(a, c * n + p, c * n + q);
  for (let c = 0; c < n; c++) turn(a, p * n + c, q * n + c);
  for (let c = 0; c < n; c++) turn(vectors, p * n + c, q * n + c);
}
