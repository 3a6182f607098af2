import { loadTwo, setInt, sumOfInts } from '../memory';

const ZERO_POINT = 128;
/** Truncation rounds to nearest where the number is positive. */
const TO_ROUND: f64 = ZERO_POINT + 0.5;

/**
 * Rows of float32 as codes, as encode-rows.plain.ts makes them: round((x − mean) · scale), cut off beyond ±qmax, stored with 128 added.
 * @param mean float64 per column
 * @param normTerms int32 per row: half the squared norm of its codes
 * @param errors float64 per row: the sum of the squares of what rounding and cutting off took away, scaled
 */
export function encode(
  values: usize,
  mean: usize,
  codes: usize,
  normTerms: usize,
  errors: usize,
  rows: i32,
  cols: i32,
  scale: f64,
  qmax: i32,
): void {
  const least = i32x4.splat(ZERO_POINT - qmax);
  const greatest = i32x4.splat(ZERO_POINT + qmax);
  const end = mean + ((<usize>cols) << 3);
  const end4 = mean + ((<usize>(cols & -4)) << 3);
  for (let row = 0; row < rows; row++) {
    let norms = i32x4.splat(0);
    let errorsLow = f64x2.splat(0);
    let errorsHigh = f64x2.splat(0);
    let column = mean;
    for (; column < end4; column += 32, values += 16, codes += 4) {
      let low = f64x2.mul(f64x2.sub(loadTwo(values), v128.load(column)), f64x2.splat(scale));
      let high = f64x2.mul(f64x2.sub(loadTwo(values + 8), v128.load(column + 16)), f64x2.splat(scale));
      const rounded = i64x2.shuffle(
        i32x4.trunc_sat_f64x2_s_zero(f64x2.add(low, f64x2.splat(TO_ROUND))),
        i32x4.trunc_sat_f64x2_s_zero(f64x2.add(high, f64x2.splat(TO_ROUND))),
        0,
        2,
      );
      const stored = i32x4.max_s(i32x4.min_s(rounded, greatest), least);
      const stored8 = i16x8.narrow_i32x4_u(stored, stored);
      v128.store32_lane(codes, i8x16.narrow_i16x8_u(stored8, stored8), 0);
      const code = i32x4.sub(stored, i32x4.splat(ZERO_POINT));
      norms = i32x4.add(norms, i32x4.mul(code, code));
      low = f64x2.sub(low, f64x2.convert_low_i32x4_s(code));
      high = f64x2.sub(high, f64x2.convert_low_i32x4_s(i64x2.shuffle(code, code, 1, 1)));
      errorsLow = f64x2.add(errorsLow, f64x2.mul(low, low));
      errorsHigh = f64x2.add(errorsHigh, f64x2.mul(high, high));
    }
    let norm = sumOfInts(norms);
    const errors2 = f64x2.add(errorsLow, errorsHigh);
    let error = f64x2.extract_lane(errors2, 0) + f64x2.extract_lane(errors2, 1);
    for (; column < end; column += 8, values += 4, codes++) {
      const value = (<f64>load<f32>(values) - load<f64>(column)) * scale;
      const stored = max(min(<i32>(value + TO_ROUND), ZERO_POINT + qmax), ZERO_POINT - qmax);
      store<u8>(codes, stored);
      const code = stored - ZERO_POINT;
      norm += code * code;
      error += (value - <f64>code) * (value - <f64>code);
    }
    setInt(normTerms, row, norm >>> 1);
    store<f64>(errors + ((<usize>row) << 3), error);
  }
}
