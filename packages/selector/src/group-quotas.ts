import { CoresetError } from '@coreset/core';

/** How the budget is shared among groups: the same for each, in proportion to their sizes, or to the roots of these. */
export type Balance = 'equal' | 'sqrt' | 'proportional';

export const BALANCES: readonly Balance[] = ['equal', 'sqrt', 'proportional'];

/** A group to share among: at least `least` and at most `size` go to it. */
export interface GroupSize {
  size: number;
  least: number;
}

const HALVINGS = 200;

/**
 * Share a budget among groups by water filling: group g gets clip(λ · w_g, least_g, size_g) with w = 1, √size or size, and λ
 * such that all is given.
 * @throws CoresetError when the least of all groups are more than the budget
 */
export function groupQuotas(groups: readonly GroupSize[], budget: number, balance: Balance): Float64Array {
  const least = groups.reduce((sum, group) => sum + Math.min(group.least, group.size), 0);
  if (least > budget)
    throw new CoresetError(
      `balance: the least of ${groups.length} groups come to ${least}, more than the budget of ${budget}; ask for a smaller minimum or keep more`,
    );
  const weights = groups.map(({ size }) => (balance === 'equal' ? 1 : balance === 'sqrt' ? Math.sqrt(size) : size));
  const quotasAt = (level: number): Float64Array =>
    Float64Array.from(groups, ({ size, least }, g) => Math.min(size, Math.max(least, level * weights[g])));
  const sumOf = (quotas: Float64Array): number => quotas.reduce((sum, quota) => sum + quota, 0);
  let low = 0;
  let high = Math.max(...groups.map(({ size }, g) => (weights[g] > 0 ? size / weights[g] : 0)));
  if (sumOf(quotasAt(high)) <= budget) return quotasAt(high);
  for (let halving = 0; halving < HALVINGS && low < high; halving++) {
    const middle = (low + high) / 2;
    if (sumOf(quotasAt(middle)) > budget) high = middle;
    else low = middle;
  }
  return quotasAt(low);
}

/** Quotas as whole numbers with the same sum: what is left over goes to the largest remainders, ties to the first. */
export function wholeQuotas(quotas: Float64Array, budget: number): Float64Array {
  // What bisection leaves below a whole number is that number.
  const whole = quotas.map((quota) => Math.floor(quota + 1e-9));
  const remainders = quotas.map((quota, g) => quota - whole[g]);
  const order = Array.from(remainders.keys()).sort((a, b) => remainders[b] - remainders[a] || a - b);
  const sum = quotas.reduce((total, quota) => total + quota, 0);
  let left = Math.min(budget, Math.round(sum)) - whole.reduce((total, quota) => total + quota, 0);
  for (const g of order) {
    if (left <= 0) break;
    whole[g]++;
    left--;
  }
  return whole;
}
