;; Rows of float32 as codes: code = round((x - mean) * scale), cut off beyond +-$largest, stored plus 128.
(module
  (import "env" "memory" (memory 1))

  ;; $mean: $cols f64; $codes: $rows x $cols bytes; $normTerms: i32 per row; $errors: f64 per row, the sum of the squares
  ;; of what rounding and cutting off took away, scaled.
  (func (export "encode")
    (param $values i32) (param $mean i32) (param $codes i32) (param $normTerms i32) (param $errors i32)
    (param $rows i32) (param $cols i32) (param $scale f64) (param $largest i32)
    (local $row i32) (local $column i32) (local $end i32) (local $end4 i32)
    (local $scale2 v128) (local $least v128) (local $greatest v128)
    (local $low v128) (local $high v128) (local $stored v128) (local $code v128)
    (local $norm v128) (local $errorLow v128) (local $errorHigh v128)
    (local $value f64) (local $one i32) (local $oneNorm i32) (local $oneError f64)
    (local.set $scale2 (f64x2.splat (local.get $scale)))
    (local.set $least (i32x4.splat (i32.sub (i32.const 128) (local.get $largest))))
    (local.set $greatest (i32x4.splat (i32.add (i32.const 128) (local.get $largest))))
    (local.set $end (i32.add (local.get $mean) (i32.shl (local.get $cols) (i32.const 3))))
    (local.set $end4
      (i32.add (local.get $mean) (i32.shl (i32.and (local.get $cols) (i32.const -4)) (i32.const 3))))
    (block $done
      (loop $nextRow
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $norm (v128.const i32x4 0 0 0 0))
        (local.set $errorLow (v128.const i64x2 0 0))
        (local.set $errorHigh (v128.const i64x2 0 0))
        (local.set $column (local.get $mean))
        (block $noFour
          (loop $four
            (br_if $noFour (i32.ge_u (local.get $column) (local.get $end4)))
            (local.set $low
              (f64x2.mul
                (f64x2.sub
                  (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $values)))
                  (v128.load (local.get $column)))
                (local.get $scale2)))
            (local.set $high
              (f64x2.mul
                (f64x2.sub
                  (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $values)))
                  (v128.load offset=16 (local.get $column)))
                (local.get $scale2)))
            ;; Truncation rounds to nearest where the number is positive.
            (local.set $stored
              (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
                (i32x4.trunc_sat_f64x2_s_zero (f64x2.add (local.get $low) (v128.const f64x2 128.5 128.5)))
                (i32x4.trunc_sat_f64x2_s_zero (f64x2.add (local.get $high) (v128.const f64x2 128.5 128.5)))))
            (local.set $stored
              (i32x4.max_s (i32x4.min_s (local.get $stored) (local.get $greatest)) (local.get $least)))
            (i32.store
              (local.get $codes)
              (i32x4.extract_lane 0
                (i8x16.narrow_i16x8_u
                  (i16x8.narrow_i32x4_u (local.get $stored) (local.get $stored))
                  (i16x8.narrow_i32x4_u (local.get $stored) (local.get $stored)))))
            (local.set $code (i32x4.sub (local.get $stored) (v128.const i32x4 128 128 128 128)))
            (local.set $norm (i32x4.add (local.get $norm) (i32x4.mul (local.get $code) (local.get $code))))
            (local.set $low (f64x2.sub (local.get $low) (f64x2.convert_low_i32x4_s (local.get $code))))
            (local.set $high
              (f64x2.sub
                (local.get $high)
                (f64x2.convert_low_i32x4_s
                  (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15
                    (local.get $code) (local.get $code)))))
            (local.set $errorLow (f64x2.add (local.get $errorLow) (f64x2.mul (local.get $low) (local.get $low))))
            (local.set $errorHigh (f64x2.add (local.get $errorHigh) (f64x2.mul (local.get $high) (local.get $high))))
            (local.set $values (i32.add (local.get $values) (i32.const 16)))
            (local.set $codes (i32.add (local.get $codes) (i32.const 4)))
            (local.set $column (i32.add (local.get $column) (i32.const 32)))
            (br $four)))
        (local.set $oneNorm
          (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $norm)) (i32x4.extract_lane 1 (local.get $norm)))
            (i32.add (i32x4.extract_lane 2 (local.get $norm)) (i32x4.extract_lane 3 (local.get $norm)))))
        (local.set $errorLow (f64x2.add (local.get $errorLow) (local.get $errorHigh)))
        (local.set $oneError
          (f64.add (f64x2.extract_lane 0 (local.get $errorLow)) (f64x2.extract_lane 1 (local.get $errorLow))))
        (block $noMore
          (loop $more
            (br_if $noMore (i32.ge_u (local.get $column) (local.get $end)))
            (local.set $value
              (f64.mul
                (f64.sub (f64.promote_f32 (f32.load (local.get $values))) (f64.load (local.get $column)))
                (local.get $scale)))
            (local.set $one
              (i32x4.extract_lane 0
                (i32x4.max_s
                  (i32x4.min_s
                    (i32x4.splat (i32.trunc_sat_f64_s (f64.add (local.get $value) (f64.const 128.5))))
                    (local.get $greatest))
                  (local.get $least))))
            (i32.store8 (local.get $codes) (local.get $one))
            (local.set $one (i32.sub (local.get $one) (i32.const 128)))
            (local.set $oneNorm (i32.add (local.get $oneNorm) (i32.mul (local.get $one) (local.get $one))))
            (local.set $value (f64.sub (local.get $value) (f64.convert_i32_s (local.get $one))))
            (local.set $oneError
              (f64.add (local.get $oneError) (f64.mul (local.get $value) (local.get $value))))
            (local.set $values (i32.add (local.get $values) (i32.const 4)))
            (local.set $codes (i32.add (local.get $codes) (i32.const 1)))
            (local.set $column (i32.add (local.get $column) (i32.const 8)))
            (br $more)))
        (i32.store
          (i32.add (local.get $normTerms) (i32.shl (local.get $row) (i32.const 2)))
          (i32.shr_u (local.get $oneNorm) (i32.const 1)))
        (f64.store
          (i32.add (local.get $errors) (i32.shl (local.get $row) (i32.const 3)))
          (local.get $oneError))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $nextRow)))))
