// What scan-scores.ts does, on plain arrays: its specification, and what its tests compare it with.

/** A row, or a query, by its number, and its score. */
export interface Candidate {
  number: number;
  score: number;
}

/** The candidates of greatest score, of equal scores the lowest number first, none twice. */
export interface CandidateList {
  candidates: Candidate[];
  /** Lower scores are not pushed: the least score of a full list. Before a list is full, no candidate is below it. */
  threshold: number;
}

function push(list: CandidateList, capacity: number, number: number, score: number): void {
  const { candidates } = list;
  if (score < list.threshold) return;
  if (candidates.some((other) => other.number === number && other.score === score)) return;
  candidates.push({ number, score });
  candidates.sort((a, b) => b.score - a.score || a.number - b.number);
  candidates.splice(capacity);
  if (candidates.length === capacity) list.threshold = candidates[capacity - 1].score;
}

/**
 * Push each row, listed as `base[row]`, to the lists of the queries, `firstList` and those after it.
 * @param products per row and query; score = product − norm term of the row
 */
export function pushRows(
  lists: CandidateList[],
  capacity: number,
  products: number[][],
  normTerms: number[],
  base: number[],
  firstList: number,
): void {
  products.forEach((ofRow, row) => {
    ofRow.forEach((product, query) => {
      push(lists[firstList + query], capacity, base[row], product - normTerms[row]);
    });
  });
}

/**
 * Push the queries, numbered `firstNumber` and up, to the list of each row, `base[row] + shift`.
 * @param products per row and query; score = product − norm term of the query
 */
export function pushQueries(
  lists: CandidateList[],
  capacity: number,
  products: number[][],
  normTerms: number[],
  base: number[],
  firstNumber: number,
  shift: number,
): void {
  products.forEach((ofRow, row) => {
    ofRow.forEach((product, query) => {
      push(lists[base[row] + shift], capacity, firstNumber + query, product - normTerms[query]);
    });
  });
}

/**
 * Compare the best query of each row so far with the queries, numbered `firstNumber` and up, whose numbers are above those of
 * earlier calls; of equal scores the lowest number is the best.
 * @param products per row and query; score = product − norm term of the query
 */
export function takeBest(best: Candidate[], products: number[][], normTerms: number[], firstNumber: number): void {
  products.forEach((ofRow, row) => {
    ofRow.forEach((product, query) => {
      const score = product - normTerms[query];
      if (score > best[row].score) best[row] = { number: firstNumber + query, score };
    });
  });
}
