;; Finds the scores that exceed their query's threshold: score = product - halfNorm of the row.
(module
  (import "env" "memory" (memory 1))
  ;; Rows $row to $end - 1 of $products, rows × $queries; $queries is a multiple of 16. Returns the number of hits,
  ;; which are written to $hits as (row, query, score).
  (func (export "scan")
    (param $products i32) (param $halfNorms i32) (param $thresholds i32) (param $hits i32)
    (param $queries i32) (param $row i32) (param $end i32) (result i32)
    (local $hit i32) (local $bytes i32) (local $at i32) (local $q i32) (local $stop i32)
    (local $halfNorm i32) (local $halfNorms4 v128) (local $score i32)
    (local.set $hit (local.get $hits))
    (local.set $bytes (i32.shl (local.get $queries) (i32.const 2)))
    (local.set $at (i32.add (local.get $products) (i32.mul (local.get $row) (local.get $bytes))))
    (block $done
      (loop $rows
        (br_if $done (i32.ge_u (local.get $row) (local.get $end)))
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
                    (i32.store (local.get $hit) (local.get $row))
                    (i32.store offset=4 (local.get $hit) (i32.shr_u (local.get $q) (i32.const 2)))
                    (i32.store offset=8 (local.get $hit) (local.get $score))
                    (local.set $hit (i32.add (local.get $hit) (i32.const 12)))))
                (local.set $q (i32.add (local.get $q) (i32.const 4)))
                (br_if $one (i32.lt_u (local.get $q) (local.get $stop)))))
            (else
              (local.set $q (i32.add (local.get $q) (i32.const 64)))))
          (br_if $sixteen (i32.lt_u (local.get $q) (local.get $bytes))))
        (local.set $at (i32.add (local.get $at) (local.get $bytes)))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $rows)))
    (i32.div_u (i32.sub (local.get $hit) (local.get $hits)) (i32.const 12))))
