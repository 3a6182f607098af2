/**
 * Run a task for each pair of groups, and for each group with itself; no two tasks that share a group at the same time.
 * Pairs come in the order of a round-robin schedule, in which each group waits for few others.
 */
export async function runRoundRobin(
  groups: number,
  run: (first: number, second: number) => Promise<unknown>,
): Promise<void> {
  const free: Promise<unknown>[] = Array.from({ length: groups }, () => Promise.resolve());
  const tasks = pairsOf(groups).map(([first, second]) => {
    const task = Promise.all([free[first], free[second]]).then(() => run(first, second));
    free[first] = task;
    free[second] = task;
    return task;
  });
  await Promise.all(tasks);
}

/** All pairs with first ≤ second: of each group with itself, then, by the circle method, rounds in which each group has one. */
function pairsOf(groups: number): [number, number][] {
  const pairs: [number, number][] = Array.from({ length: groups }, (_, group) => [group, group]);
  // With an odd number of groups one of each round is without a partner.
  const seats = groups + (groups % 2);
  for (let round = 0; round < seats - 1; round++) {
    for (let i = 0; i < seats / 2; i++) {
      const one = i === 0 ? seats - 1 : (round + i) % (seats - 1);
      const other = (round + seats - 1 - i) % (seats - 1);
      if (one < groups && other < groups) pairs.push([Math.min(one, other), Math.max(one, other)]);
    }
  }
  return pairs;
}
