import { METHODS, select } from '@coreset/selector';

/** Neighbours per row of methods that are made for others than 10. */
export const K = { auto: 32, subzero: 48 };

/** The rows that a method keeps at each budget; budgets rise. */
export async function keptAtEach(name, input, budgets) {
  const at = async (budget) => (await select(name, { ...input, budget })).order;
  if (!METHODS[name].isForBudget) {
    const order = await at(budgets.at(-1));
    return budgets.map((budget) => order.slice(0, budget));
  }
  const kept = [];
  for (const budget of budgets) kept.push(await at(budget));
  return kept;
}
