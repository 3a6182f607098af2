;; Looks through products for scores that belong in the queries' candidate lists, and puts them there.
(module
  (import "env" "memory" (memory 1))

  ;; Insert a row into a query's list, unless it is there; the score exceeds the query's threshold.
  ;; $query is four times the query, the offset of its size and threshold.
  (func $insert
    (param $thresholds i32) (param $sizes i32) (param $entries i32) (param $capacity i32)
    (param $query i32) (param $row i32) (param $score i32)
    (local $first i32) (local $at i32) (local $to i32) (local $last i32) (local $size i32) (local $key i64)
    (local.set $first
      (i32.add (local.get $entries) (i32.mul (i32.shl (local.get $query) (i32.const 1)) (local.get $capacity))))
    (local.set $size (i32.load (i32.add (local.get $sizes) (local.get $query))))
    (local.set $to (i32.add (local.get $first) (i32.shl (local.get $size) (i32.const 3))))
    (local.set $last
      (i32.add (local.get $first) (i32.shl (i32.sub (local.get $capacity) (i32.const 1)) (i32.const 3))))
    (local.set $key (i64.shl (i64.extend_i32_s (local.get $score)) (i64.const 32)))
    ;; Behind all entries of at least this score.
    (local.set $at (local.get $to))
    (block $found
      (loop $back
        (br_if $found (i32.le_u (local.get $at) (local.get $first)))
        (br_if $found (i64.ge_s (i64.load (i32.sub (local.get $at) (i32.const 8))) (local.get $key)))
        (local.set $at (i32.sub (local.get $at) (i32.const 8)))
        (br $back)))
    (if (call $isListed (local.get $first) (local.get $at) (local.get $row) (local.get $score)) (then (return)))
    (if (i32.lt_u (local.get $size) (local.get $capacity))
      (then
        (local.set $size (i32.add (local.get $size) (i32.const 1)))
        (i32.store (i32.add (local.get $sizes) (local.get $query)) (local.get $size)))
      (else (local.set $to (local.get $last))))
    (block $moved
      (loop $move
        (br_if $moved (i32.le_u (local.get $to) (local.get $at)))
        (i64.store (local.get $to) (i64.load (i32.sub (local.get $to) (i32.const 8))))
        (local.set $to (i32.sub (local.get $to) (i32.const 8)))
        (br $move)))
    (i64.store (local.get $at) (i64.or (local.get $key) (i64.extend_i32_u (local.get $row))))
    (if (i32.eq (local.get $size) (local.get $capacity))
      (then
        (i32.store (i32.add (local.get $thresholds) (local.get $query)) (i32.load offset=4 (local.get $last))))))

  ;; 1 if the entries of this score, which end at $at, hold the row.
  (func $isListed (param $first i32) (param $at i32) (param $row i32) (param $score i32) (result i32)
    (loop $back
      (if (i32.le_u (local.get $at) (local.get $first)) (then (return (i32.const 0))))
      (local.set $at (i32.sub (local.get $at) (i32.const 8)))
      (if (i32.ne (i32.load offset=4 (local.get $at)) (local.get $score)) (then (return (i32.const 0))))
      (br_if $back (i32.ne (i32.load (local.get $at)) (local.get $row))))
    (i32.const 1))

  ;; $products: $rows x $queries; score = product - half norm of the row. $queries is a multiple of 16.
  (func (export "offer")
    (param $products i32) (param $halfNorms i32) (param $base i32)
    (param $thresholds i32) (param $sizes i32) (param $entries i32)
    (param $rows i32) (param $queries i32) (param $capacity i32)
    (local $bytes i32) (local $at i32) (local $q i32) (local $stop i32) (local $row i32)
    (local $halfNorm i32) (local $halfNorms4 v128) (local $score i32)
    (local.set $bytes (i32.shl (local.get $queries) (i32.const 2)))
    (local.set $at (local.get $products))
    (block $done
      (loop $nextRow
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $halfNorm (i32.load (i32.add (local.get $halfNorms) (i32.shl (local.get $row) (i32.const 2)))))
        (local.set $halfNorms4 (i32x4.splat (local.get $halfNorm)))
        (local.set $q (i32.const 0))
        (loop $sixteen
          (if (v128.any_true
                (v128.or
                  (v128.or
                    (i32x4.gt_s
                      (i32x4.sub (v128.load (i32.add (local.get $at) (local.get $q))) (local.get $halfNorms4))
                      (v128.load (i32.add (local.get $thresholds) (local.get $q))))
                    (i32x4.gt_s
                      (i32x4.sub (v128.load offset=16 (i32.add (local.get $at) (local.get $q))) (local.get $halfNorms4))
                      (v128.load offset=16 (i32.add (local.get $thresholds) (local.get $q)))))
                  (v128.or
                    (i32x4.gt_s
                      (i32x4.sub (v128.load offset=32 (i32.add (local.get $at) (local.get $q))) (local.get $halfNorms4))
                      (v128.load offset=32 (i32.add (local.get $thresholds) (local.get $q))))
                    (i32x4.gt_s
                      (i32x4.sub (v128.load offset=48 (i32.add (local.get $at) (local.get $q))) (local.get $halfNorms4))
                      (v128.load offset=48 (i32.add (local.get $thresholds) (local.get $q)))))))
            (then
              (local.set $stop (i32.add (local.get $q) (i32.const 64)))
              (loop $one
                (local.set $score
                  (i32.sub (i32.load (i32.add (local.get $at) (local.get $q))) (local.get $halfNorm)))
                (if (i32.gt_s (local.get $score) (i32.load (i32.add (local.get $thresholds) (local.get $q))))
                  (then
                    (call $insert
                      (local.get $thresholds) (local.get $sizes) (local.get $entries) (local.get $capacity)
                      (local.get $q)
                      (i32.load (i32.add (local.get $base) (i32.shl (local.get $row) (i32.const 2))))
                      (local.get $score))))
                (local.set $q (i32.add (local.get $q) (i32.const 4)))
                (br_if $one (i32.lt_u (local.get $q) (local.get $stop)))))
            (else
              (local.set $q (i32.add (local.get $q) (i32.const 64)))))
          (br_if $sixteen (i32.lt_u (local.get $q) (local.get $bytes))))
        (local.set $at (i32.add (local.get $at) (local.get $bytes)))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $nextRow)))))
