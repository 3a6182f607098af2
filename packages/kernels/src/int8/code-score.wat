;; The product of the codes of two rows at $a and $b; codes are stored with 128 added, which flips a byte's top bit.
(module
  (import "env" "memory" (memory 0 65536 shared))
  (func (export "product") (param $a i32) (param $b i32) (param $cols i32) (result i32)
    (local $end i32) (local $end16 i32) (local $codesA v128) (local $codesB v128) (local $low v128) (local $high v128)
    (local $sum i32)
    (local.set $end (i32.add (local.get $a) (local.get $cols)))
    (local.set $end16 (i32.add (local.get $a) (i32.and (local.get $cols) (i32.const -16))))
    (block $sixteens
      (loop $next
        (br_if $sixteens (i32.ge_u (local.get $a) (local.get $end16)))
        (local.set $codesA (v128.xor (v128.load (local.get $a)) (i8x16.splat (i32.const 128))))
        (local.set $codesB (v128.xor (v128.load (local.get $b)) (i8x16.splat (i32.const 128))))
        (local.set $low
          (i32x4.add
            (local.get $low)
            (i32x4.dot_i16x8_s
              (i16x8.extend_low_i8x16_s (local.get $codesA))
              (i16x8.extend_low_i8x16_s (local.get $codesB)))))
        (local.set $high
          (i32x4.add
            (local.get $high)
            (i32x4.dot_i16x8_s
              (i16x8.extend_high_i8x16_s (local.get $codesA))
              (i16x8.extend_high_i8x16_s (local.get $codesB)))))
        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (local.set $b (i32.add (local.get $b) (i32.const 16)))
        (br $next)))
    (block $rest
      (loop $next
        (br_if $rest (i32.ge_u (local.get $a) (local.get $end)))
        (local.set $sum
          (i32.add
            (local.get $sum)
            (i32.mul
              (i32.sub (i32.load8_u (local.get $a)) (i32.const 128))
              (i32.sub (i32.load8_u (local.get $b)) (i32.const 128)))))
        (local.set $a (i32.add (local.get $a) (i32.const 1)))
        (local.set $b (i32.add (local.get $b) (i32.const 1)))
        (br $next)))
    (local.set $low (i32x4.add (local.get $low) (local.get $high)))
    (i32.add
      (local.get $sum)
      (i32.add
        (i32.add (i32x4.extract_lane 0 (local.get $low)) (i32x4.extract_lane 1 (local.get $low)))
        (i32.add (i32x4.extract_lane 2 (local.get $low)) (i32x4.extract_lane 3 (local.get $low)))))))
