/**
 * What a piece of work is expected to take. Times are thread-seconds on a machine of speed 1, on which a plan divides by
 * the speed of the machine at hand, and by its threads where these share the work.
 */
export interface Cost {
  /** Products of one-byte codes, shared by all threads. */
  codes: number;
  /** The rest that all threads share. */
  parallel: number;
  /** The rest that one thread does while the others wait. */
  serial: number;
  /** Bytes in memory at most, beyond what the process and its threads take before any data. */
  memory: number;
  /** Bytes written. */
  disk: number;
}

/** Until worker threads are at work, in thread-seconds of a {@link Cost}. */
export const THREADS_START = 0.15;

/** A cost of some parts; those that are not named are 0. */
export function costOf(parts: Partial<Cost>): Cost {
  return { codes: 0, parallel: 0, serial: 0, memory: 0, disk: 0, ...parts };
}

/** The cost of pieces of work one after the other: times and disk add up, of memory the most counts. */
export function addCosts(...costs: Cost[]): Cost {
  const sum = costOf({});
  for (const { codes, parallel, serial, memory, disk } of costs) {
    sum.codes += codes;
    sum.parallel += parallel;
    sum.serial += serial;
    sum.memory = Math.max(sum.memory, memory);
    sum.disk += disk;
  }
  return sum;
}
