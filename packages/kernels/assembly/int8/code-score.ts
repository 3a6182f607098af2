import { sumOfInts } from '../memory';

/** Codes are stored with 128 added, which flips the top bit of a byte. */
const ZERO_POINT = 128;

/** The product of two rows of codes, as `codeProduct` in src/int8/code-scores.ts takes it. */
export function product(a: usize, b: usize, cols: i32): i32 {
  const end = a + cols;
  const end16 = a + (cols & -16);
  let low = i32x4.splat(0);
  let high = i32x4.splat(0);
  for (; a < end16; a += 16, b += 16) {
    const codesA = v128.xor(v128.load(a), i8x16.splat(<i8>ZERO_POINT));
    const codesB = v128.xor(v128.load(b), i8x16.splat(<i8>ZERO_POINT));
    const products = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(codesA), i16x8.extend_low_i8x16_s(codesB));
    low = i32x4.add(low, products);
    const more = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(codesA), i16x8.extend_high_i8x16_s(codesB));
    high = i32x4.add(high, more);
  }
  let sum = sumOfInts(i32x4.add(low, high));
  for (; a < end; a++, b++) sum += (<i32>load<u8>(a) - ZERO_POINT) * (<i32>load<u8>(b) - ZERO_POINT);
  return sum;
}
