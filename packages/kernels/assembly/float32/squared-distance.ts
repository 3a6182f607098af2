import { loadTwo } from '../memory';

/** The squared Euclidean distance of two rows of float32, summed in float64 in the four parts of `squaredDistance` in core. */
export function squaredDistance(a: usize, b: usize, cols: i32): f64 {
  const end = a + ((<usize>cols) << 2);
  const end4 = a + ((<usize>(cols & -4)) << 2);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; a < end4; a += 16, b += 16) {
    const differences = f64x2.sub(loadTwo(a), loadTwo(b));
    low = f64x2.add(low, f64x2.mul(differences, differences));
    const more = f64x2.sub(loadTwo(a + 8), loadTwo(b + 8));
    high = f64x2.add(high, f64x2.mul(more, more));
  }
  let sum = f64x2.extract_lane(low, 0);
  for (; a < end; a += 4, b += 4) {
    const difference = <f64>load<f32>(a) - <f64>load<f32>(b);
    sum += difference * difference;
  }
  return sum + f64x2.extract_lane(low, 1) + (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1));
}
