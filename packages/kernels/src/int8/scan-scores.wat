;; Looks through products for scores that belong in candidate lists, and puts them there, or for the greatest alone.
;;
;; A list is $sizes entries by falling score and then by rising row, with $pending more behind them in any order, until
;; there are $room of these and they are merged. An entry is an i64, the greater the nearer: the score above all bits of
;; the row turned.
(module
  (import "env" "memory" (memory 1))
  (global $thresholds (mut i32) (i32.const 0))
  (global $sizes (mut i32) (i32.const 0))
  (global $pending (mut i32) (i32.const 0))
  (global $entries (mut i32) (i32.const 0))
  (global $scratch (mut i32) (i32.const 0))
  (global $capacity (mut i32) (i32.const 0))
  (global $room (mut i32) (i32.const 0))

  ;; Where the lists are: three numbers of 4 bytes per list, and $capacity + $room entries.
  (func (export "useLists")
    (param $thresholds i32) (param $sizes i32) (param $pending i32) (param $entries i32) (param $scratch i32)
    (param $capacity i32) (param $room i32)
    (global.set $thresholds (local.get $thresholds))
    (global.set $sizes (local.get $sizes))
    (global.set $pending (local.get $pending))
    (global.set $entries (local.get $entries))
    (global.set $scratch (local.get $scratch))
    (global.set $capacity (local.get $capacity))
    (global.set $room (local.get $room)))

  ;; Lists are passed as four times their number, the offset of their size.
  (func $firstEntry (param $list i32) (result i32)
    (i32.add
      (global.get $entries)
      (i32.mul (i32.shl (local.get $list) (i32.const 1)) (i32.add (global.get $capacity) (global.get $room)))))

  (func $add (param $list i32) (param $row i32) (param $score i32)
    (local $count i32)
    (local.set $count (i32.load (i32.add (global.get $pending) (local.get $list))))
    (i64.store
      (i32.add
        (call $firstEntry (local.get $list))
        (i32.shl
          (i32.add (i32.load (i32.add (global.get $sizes) (local.get $list))) (local.get $count))
          (i32.const 3)))
      (i64.or
        (i64.shl (i64.extend_i32_s (local.get $score)) (i64.const 32))
        (i64.extend_i32_u (i32.xor (local.get $row) (i32.const -1)))))
    (local.set $count (i32.add (local.get $count) (i32.const 1)))
    (i32.store (i32.add (global.get $pending) (local.get $list)) (local.get $count))
    (if (i32.eq (local.get $count) (global.get $room)) (then (call $merge (local.get $list)))))

  ;; Sort the entries from $first to $end, the greatest first.
  (func $sort (param $first i32) (param $end i32)
    (local $at i32) (local $to i32) (local $entry i64)
    (local.set $at (i32.add (local.get $first) (i32.const 8)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $entry (i64.load (local.get $at)))
        (local.set $to (local.get $at))
        (block $placed
          (loop $back
            (br_if $placed (i32.le_u (local.get $to) (local.get $first)))
            (br_if $placed
              (i64.ge_s (i64.load (i32.sub (local.get $to) (i32.const 8))) (local.get $entry)))
            (i64.store (local.get $to) (i64.load (i32.sub (local.get $to) (i32.const 8))))
            (local.set $to (i32.sub (local.get $to) (i32.const 8)))
            (br $back)))
        (i64.store (local.get $to) (local.get $entry))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $next))))

  ;; Merge what is pending into the list, which keeps the greatest entries, none twice.
  (func $merge (param $list i32)
    (local $first i32) (local $old i32) (local $oldEnd i32) (local $new i32) (local $newEnd i32)
    (local $to i32) (local $full i32) (local $entry i64)
    (local.set $first (call $firstEntry (local.get $list)))
    (local.set $oldEnd
      (i32.add
        (local.get $first)
        (i32.shl (i32.load (i32.add (global.get $sizes) (local.get $list))) (i32.const 3))))
    (local.set $new (local.get $oldEnd))
    (local.set $newEnd
      (i32.add
        (local.get $new)
        (i32.shl (i32.load (i32.add (global.get $pending) (local.get $list))) (i32.const 3))))
    (call $sort (local.get $new) (local.get $newEnd))
    (i32.store (i32.add (global.get $pending) (local.get $list)) (i32.const 0))
    ;; What is before the first new entry stays.
    (local.set $entry (i64.load (local.get $new)))
    (local.set $old (local.get $oldEnd))
    (block $found
      (loop $back
        (br_if $found (i32.le_u (local.get $old) (local.get $first)))
        (br_if $found (i64.gt_s (i64.load (i32.sub (local.get $old) (i32.const 8))) (local.get $entry)))
        (local.set $old (i32.sub (local.get $old) (i32.const 8)))
        (br $back)))
    (local.set $first (local.get $old))
    (local.set $to (global.get $scratch))
    (local.set $full
      (i32.add
        (local.get $to)
        (i32.sub
          (i32.shl (global.get $capacity) (i32.const 3))
          (i32.sub (local.get $first) (call $firstEntry (local.get $list))))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $to) (local.get $full)))
        (block $taken
          (block $takeNew
            (block $takeOld
              (br_if $takeNew (i32.ge_u (local.get $old) (local.get $oldEnd)))
              (br_if $takeOld (i32.ge_u (local.get $new) (local.get $newEnd)))
              (br_if $takeNew
                (i64.gt_s (i64.load (local.get $new)) (i64.load (local.get $old)))))
            (local.set $entry (i64.load (local.get $old)))
            (local.set $old (i32.add (local.get $old) (i32.const 8)))
            (br $taken))
          (br_if $done (i32.ge_u (local.get $new) (local.get $newEnd)))
          (local.set $entry (i64.load (local.get $new)))
          (local.set $new (i32.add (local.get $new) (i32.const 8))))
        (if (i32.gt_u (local.get $to) (global.get $scratch))
          (then
            (br_if $next (i64.eq (i64.load (i32.sub (local.get $to) (i32.const 8))) (local.get $entry)))))
        (i64.store (local.get $to) (local.get $entry))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (br $next)))
    (memory.copy (local.get $first) (global.get $scratch) (i32.sub (local.get $to) (global.get $scratch)))
    (local.set $to
      (i32.add (local.get $first) (i32.sub (local.get $to) (global.get $scratch))))
    (local.set $first (call $firstEntry (local.get $list)))
    (i32.store
      (i32.add (global.get $sizes) (local.get $list))
      (i32.shr_u (i32.sub (local.get $to) (local.get $first)) (i32.const 3)))
    (if (i32.eq
          (i32.sub (local.get $to) (local.get $first))
          (i32.shl (global.get $capacity) (i32.const 3)))
      (then
        (i32.store
          (i32.add (global.get $thresholds) (local.get $list))
          (i32.load (i32.sub (local.get $to) (i32.const 4)))))))

  ;; Merge what is pending in consecutive lists.
  (func (export "flush") (param $list i32) (param $lists i32)
    (local $end i32)
    (local.set $list (i32.shl (local.get $list) (i32.const 2)))
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $lists) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $list) (local.get $end)))
        (if (i32.load (i32.add (global.get $pending) (local.get $list)))
          (then (call $merge (local.get $list))))
        (local.set $list (i32.add (local.get $list) (i32.const 4)))
        (br $next))))

  ;; Push each row to the lists of the queries, $list and those after it.
  ;; $products: $rows x $queries; score = product - norm term of the row. $queries is a multiple of 16, of which $real
  ;; count.
  (func (export "pushRows")
    (param $products i32) (param $normTerms i32) (param $numbers i32)
    (param $rows i32) (param $queries i32) (param $real i32) (param $list i32)
    (local $bytes i32) (local $at i32) (local $q i32) (local $hits i32) (local $hit i32) (local $end i32) (local $row i32)
    (local $thresholds i32) (local $normTerm i32) (local $normTerms4 v128)
    (local.set $bytes (i32.shl (local.get $queries) (i32.const 2)))
    (local.set $end (i32.shl (local.get $real) (i32.const 2)))
    (local.set $list (i32.shl (local.get $list) (i32.const 2)))
    (local.set $thresholds (i32.add (global.get $thresholds) (local.get $list)))
    (local.set $at (local.get $products))
    (block $done
      (loop $nextRow
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $normTerm (i32.load (i32.add (local.get $normTerms) (i32.shl (local.get $row) (i32.const 2)))))
        (local.set $normTerms4 (i32x4.splat (local.get $normTerm)))
        (local.set $q (i32.const 0))
        (loop $sixteen
          (local.set $hits
            (i8x16.bitmask
              (i8x16.narrow_i16x8_s
                (i16x8.narrow_i32x4_s
                  (i32x4.ge_s
                    (i32x4.sub (v128.load (i32.add (local.get $at) (local.get $q))) (local.get $normTerms4))
                    (v128.load (i32.add (local.get $thresholds) (local.get $q))))
                  (i32x4.ge_s
                    (i32x4.sub (v128.load offset=16 (i32.add (local.get $at) (local.get $q))) (local.get $normTerms4))
                    (v128.load offset=16 (i32.add (local.get $thresholds) (local.get $q)))))
                (i16x8.narrow_i32x4_s
                  (i32x4.ge_s
                    (i32x4.sub (v128.load offset=32 (i32.add (local.get $at) (local.get $q))) (local.get $normTerms4))
                    (v128.load offset=32 (i32.add (local.get $thresholds) (local.get $q))))
                  (i32x4.ge_s
                    (i32x4.sub (v128.load offset=48 (i32.add (local.get $at) (local.get $q))) (local.get $normTerms4))
                    (v128.load offset=48 (i32.add (local.get $thresholds) (local.get $q))))))))
          (block $noHit
            (loop $nextHit
              (br_if $noHit (i32.eqz (local.get $hits)))
              (local.set $hit (i32.add (local.get $q) (i32.shl (i32.ctz (local.get $hits)) (i32.const 2))))
              (local.set $hits (i32.and (local.get $hits) (i32.sub (local.get $hits) (i32.const 1))))
              (br_if $noHit (i32.ge_u (local.get $hit) (local.get $end)))
              (call $add
                (i32.add (local.get $list) (local.get $hit))
                (i32.load (i32.add (local.get $numbers) (i32.shl (local.get $row) (i32.const 2))))
                (i32.sub (i32.load (i32.add (local.get $at) (local.get $hit))) (local.get $normTerm)))
              (br $nextHit)))
          (local.set $q (i32.add (local.get $q) (i32.const 64)))
          (br_if $sixteen (i32.lt_u (local.get $q) (local.get $bytes))))
        (local.set $at (i32.add (local.get $at) (local.get $bytes)))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $nextRow))))

  ;; Push the queries, numbered $number and up, to the list of each row, its own number plus $shift.
  ;; score = product - norm term of the query; $queries is a multiple of 16, of which $real count.
  (func (export "pushQueries")
    (param $products i32) (param $normTerms i32) (param $numbers i32)
    (param $rows i32) (param $queries i32) (param $real i32) (param $number i32) (param $shift i32)
    (local $bytes i32) (local $at i32) (local $q i32) (local $hits i32) (local $hit i32) (local $end i32)
    (local $lastRow i32) (local $list i32) (local $threshold4 v128)
    (local.set $bytes (i32.shl (local.get $queries) (i32.const 2)))
    (local.set $end (i32.shl (local.get $real) (i32.const 2)))
    (local.set $lastRow (i32.add (local.get $numbers) (i32.shl (local.get $rows) (i32.const 2))))
    (local.set $at (local.get $products))
    (block $done
      (loop $nextRow
        (br_if $done (i32.ge_u (local.get $numbers) (local.get $lastRow)))
        (local.set $list (i32.shl (i32.add (i32.load (local.get $numbers)) (local.get $shift)) (i32.const 2)))
        (local.set $threshold4 (i32x4.splat (i32.load (i32.add (global.get $thresholds) (local.get $list)))))
        (local.set $q (i32.const 0))
        (loop $sixteen
          (local.set $hits
            (i8x16.bitmask
              (i8x16.narrow_i16x8_s
                (i16x8.narrow_i32x4_s
                  (i32x4.ge_s
                    (i32x4.sub
                      (v128.load (i32.add (local.get $at) (local.get $q)))
                      (v128.load (i32.add (local.get $normTerms) (local.get $q))))
                    (local.get $threshold4))
                  (i32x4.ge_s
                    (i32x4.sub
                      (v128.load offset=16 (i32.add (local.get $at) (local.get $q)))
                      (v128.load offset=16 (i32.add (local.get $normTerms) (local.get $q))))
                    (local.get $threshold4)))
                (i16x8.narrow_i32x4_s
                  (i32x4.ge_s
                    (i32x4.sub
                      (v128.load offset=32 (i32.add (local.get $at) (local.get $q)))
                      (v128.load offset=32 (i32.add (local.get $normTerms) (local.get $q))))
                    (local.get $threshold4))
                  (i32x4.ge_s
                    (i32x4.sub
                      (v128.load offset=48 (i32.add (local.get $at) (local.get $q)))
                      (v128.load offset=48 (i32.add (local.get $normTerms) (local.get $q))))
                    (local.get $threshold4))))))
          (block $noHit
            (loop $nextHit
              (br_if $noHit (i32.eqz (local.get $hits)))
              (local.set $hit (i32.add (local.get $q) (i32.shl (i32.ctz (local.get $hits)) (i32.const 2))))
              (local.set $hits (i32.and (local.get $hits) (i32.sub (local.get $hits) (i32.const 1))))
              (br_if $noHit (i32.ge_u (local.get $hit) (local.get $end)))
              (call $add
                (local.get $list)
                (i32.add (local.get $number) (i32.shr_u (local.get $hit) (i32.const 2)))
                (i32.sub
                  (i32.load (i32.add (local.get $at) (local.get $hit)))
                  (i32.load (i32.add (local.get $normTerms) (local.get $hit)))))
              (local.set $threshold4 (i32x4.splat (i32.load (i32.add (global.get $thresholds) (local.get $list)))))
              (br $nextHit)))
          (local.set $q (i32.add (local.get $q) (i32.const 64)))
          (br_if $sixteen (i32.lt_u (local.get $q) (local.get $bytes))))
        (local.set $at (i32.add (local.get $at) (local.get $bytes)))
        (local.set $numbers (i32.add (local.get $numbers) (i32.const 4)))
        (br $nextRow))))

  ;; Per row the greatest score so far and the number of its query, in $scores and $numbers; of equal ones the lowest.
  ;; Queries are numbered $number and up; score = product - norm term of the query.
  (func (export "takeBest")
    (param $products i32) (param $normTerms i32) (param $number i32)
    (param $rows i32) (param $queries i32) (param $scores i32) (param $numbers i32)
    (local $at i32) (local $q i32) (local $bytes i32) (local $end i32)
    (local $best v128) (local $bestNumber v128) (local $here v128) (local $score v128) (local $greater v128)
    (local.set $bytes (i32.shl (local.get $queries) (i32.const 2)))
    (local.set $at (local.get $products))
    (local.set $end (i32.add (local.get $scores) (i32.shl (local.get $rows) (i32.const 2))))
    (block $done
      (loop $nextRow
        (br_if $done (i32.ge_u (local.get $scores) (local.get $end)))
        (local.set $best (v128.load32_splat (local.get $scores)))
        (local.set $bestNumber (v128.load32_splat (local.get $numbers)))
        (local.set $here (i32x4.add (i32x4.splat (local.get $number)) (v128.const i32x4 0 1 2 3)))
        (local.set $q (i32.const 0))
        (loop $four
          (local.set $score
            (i32x4.sub
              (v128.load (i32.add (local.get $at) (local.get $q)))
              (v128.load (i32.add (local.get $normTerms) (local.get $q)))))
          (local.set $greater (i32x4.gt_s (local.get $score) (local.get $best)))
          (local.set $best (i32x4.max_s (local.get $score) (local.get $best)))
          (local.set $bestNumber (v128.bitselect (local.get $here) (local.get $bestNumber) (local.get $greater)))
          (local.set $here (i32x4.add (local.get $here) (v128.const i32x4 4 4 4 4)))
          (local.set $q (i32.add (local.get $q) (i32.const 16)))
          (br_if $four (i32.lt_u (local.get $q) (local.get $bytes))))
        (call $keepBest (local.get $best) (local.get $bestNumber) (local.get $scores) (local.get $numbers))
        (local.set $at (i32.add (local.get $at) (local.get $bytes)))
        (local.set $scores (i32.add (local.get $scores) (i32.const 4)))
        (local.set $numbers (i32.add (local.get $numbers) (i32.const 4)))
        (br $nextRow))))

  ;; Store the best of four.
  (func $keepBest (param $four v128) (param $numbers4 v128) (param $score i32) (param $number i32)
    (i32.store (local.get $score) (i32x4.extract_lane 0 (local.get $four)))
    (i32.store (local.get $number) (i32x4.extract_lane 0 (local.get $numbers4)))
    (call $keepBetter
      (i32x4.extract_lane 1 (local.get $four)) (i32x4.extract_lane 1 (local.get $numbers4))
      (local.get $score) (local.get $number))
    (call $keepBetter
      (i32x4.extract_lane 2 (local.get $four)) (i32x4.extract_lane 2 (local.get $numbers4))
      (local.get $score) (local.get $number))
    (call $keepBetter
      (i32x4.extract_lane 3 (local.get $four)) (i32x4.extract_lane 3 (local.get $numbers4))
      (local.get $score) (local.get $number)))

  (func $keepBetter (param $other i32) (param $otherNumber i32) (param $score i32) (param $number i32)
    (if (i32.or
          (i32.gt_s (local.get $other) (i32.load (local.get $score)))
          (i32.and
            (i32.eq (local.get $other) (i32.load (local.get $score)))
            (i32.lt_s (local.get $otherNumber) (i32.load (local.get $number)))))
      (then
        (i32.store (local.get $score) (local.get $other))
        (i32.store (local.get $number) (local.get $otherNumber))))))
