/**
 * A quantile of Student's t distribution, by bisection of its distribution function, which has a closed form for whole degrees
 * of freedom (Abramowitz & Stegun 26.7.3 and 26.7.4).
 *
 * @param p in (0.5, 1)
 * @param freedom degrees of freedom, a whole number from 1
 */
export function studentQuantile(p: number, freedom: number): number {
  let low = 0;
  let high = 1;
  while (central(high, freedom) < 2 * p - 1) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (central(middle, freedom) < 2 * p - 1) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The probability that |t| is below a value. */
function central(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const cosine = Math.cos(angle);
  const isOdd = freedom % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let i = isOdd ? 3 : 2; i < freedom; i += 2) {
    term *= ((i - 1) / i) * cosine ** 2;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
