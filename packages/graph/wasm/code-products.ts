// AssemblyScript, compiled to WebAssembly by `npm run build`; the types below are its own.

/**
 * Products of one row of codes with many others, 16 codes at a time: `out[i]` = q · c[places[i]] − halfNorms[places[i]].
 *
 * @param codes address of the codes plus 128, `stride` bytes per place; `stride` is a multiple of 16
 */
export function products(
  query: i32,
  codes: usize,
  stride: i32,
  halfNorms: usize,
  places: usize,
  count: i32,
  out: usize,
): void {
  const a: usize = codes + <usize>query * stride;
  const zeroPoint = i8x16.splat(-128);
  for (let i: i32 = 0; i < count; i++) {
    const place: usize = load<u32>(places + ((<usize>i) << 2));
    const b: usize = codes + place * stride;
    let low: v128 = i32x4.splat(0);
    let high: v128 = i32x4.splat(0);
    for (let c: i32 = 0; c < stride; c += 16) {
      const x = v128.xor(v128.load(a + c), zeroPoint);
      const y = v128.xor(v128.load(b + c), zeroPoint);
      low = i32x4.add(low, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(x), i16x8.extend_low_i8x16_s(y)));
      high = i32x4.add(high, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(x), i16x8.extend_high_i8x16_s(y)));
    }
    const sum = i32x4.add(low, high);
    const product =
      i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
    store<i32>(out + ((<usize>i) << 2), product - load<i32>(halfNorms + (place << 2)));
  }
}
