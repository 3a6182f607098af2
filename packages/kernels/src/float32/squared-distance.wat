;; The squared Euclidean distance of two rows of float32 at $a and $b, summed in float64 in four parts.
(module
  (import "env" "memory" (memory 0 65536 shared))
  (func (export "squaredDistance") (param $a i32) (param $b i32) (param $cols i32) (result f64)
    (local $end i32) (local $end4 i32) (local $low v128) (local $high v128) (local $d v128)
    (local $sum f64) (local $difference f64)
    (local.set $end (i32.add (local.get $a) (i32.shl (local.get $cols) (i32.const 2))))
    (local.set $end4 (i32.add (local.get $a) (i32.shl (i32.and (local.get $cols) (i32.const -4)) (i32.const 2))))
    (block $four
      (loop $next
        (br_if $four (i32.ge_u (local.get $a) (local.get $end4)))
        (local.set $d
          (f64x2.sub
            (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $a)))
            (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $b)))))
        (local.set $low (f64x2.add (local.get $low) (f64x2.mul (local.get $d) (local.get $d))))
        (local.set $d
          (f64x2.sub
            (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $a)))
            (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $b)))))
        (local.set $high (f64x2.add (local.get $high) (f64x2.mul (local.get $d) (local.get $d))))
        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (local.set $b (i32.add (local.get $b) (i32.const 16)))
        (br $next)))
    (local.set $sum (f64x2.extract_lane 0 (local.get $low)))
    (block $rest
      (loop $next
        (br_if $rest (i32.ge_u (local.get $a) (local.get $end)))
        (local.set $difference
          (f64.sub (f64.promote_f32 (f32.load (local.get $a))) (f64.promote_f32 (f32.load (local.get $b)))))
        (local.set $sum (f64.add (local.get $sum) (f64.mul (local.get $difference) (local.get $difference))))
        (local.set $a (i32.add (local.get $a) (i32.const 4)))
        (local.set $b (i32.add (local.get $b) (i32.const 4)))
        (br $next)))
    (f64.add
      (f64.add (local.get $sum) (f64x2.extract_lane 1 (local.get $low)))
      (f64.add (f64x2.extract_lane 0 (local.get $high)) (f64x2.extract_lane 1 (local.get $high))))))
