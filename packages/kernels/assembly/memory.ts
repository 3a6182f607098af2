// Arrays of numbers in the memory of a module, by the address of their first.

export function int(array: usize, index: i32): i32 {
  return load<i32>(array + ((<usize>index) << 2));
}

export function setInt(array: usize, index: i32, value: i32): void {
  store<i32>(array + ((<usize>index) << 2), value);
}

/** The sum of the four integers of a vector. */
export function sumOfInts(four: v128): i32 {
  return (
    i32x4.extract_lane(four, 0) +
    i32x4.extract_lane(four, 1) +
    (i32x4.extract_lane(four, 2) + i32x4.extract_lane(four, 3))
  );
}

/** Two float32 numbers as float64. */
export function loadTwo(address: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(address));
}
