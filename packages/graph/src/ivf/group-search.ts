import { range } from '@coreset/core';
import { createCodeProducts, QUERY_ROWS } from '@coreset/kernels';
import { blocksOf, type IvfData, probingSlots } from './layout.js';

/** Two groups of lists, or the same one twice. */
export interface GroupPair {
  first: number;
  second: number;
}

/** A group whose candidate lists are in the scan's memory: that of slot s is list s + shift. */
interface Group {
  lists: Int32Array;
  start: number;
  end: number;
  shift: number;
}

/**
 * Compares the rows of lists with the queries that probe these lists, as far as both lie in two groups of lists. The score
 * of a pair is pushed to the candidates of both. No other thread has a task with either group meanwhile.
 */
export function createGroupSearch(data: IvfData): (pair: GroupPair) => Promise<void> {
  const { table, offsets, groups, width, found } = data;
  const bounds = groups.map((list) => offsets[list]);
  const largest = bounds.reduce((most, bound, g) => Math.max(most, bound - bounds[Math.max(0, g - 1)]), 0);
  let made: ReturnType<typeof createCodeProducts> | undefined;

  function groupOf(g: number, firstList: number): Group {
    const [start, end] = bounds.subarray(g, g + 2);
    return { lists: range(groups[g], groups[g + 1]), start, end, shift: firstList - start };
  }

  return async ({ first, second }) => {
    made ??= createCodeProducts(table, { queries: QUERY_ROWS, lists: 2 * largest, candidates: width });
    const { scan, baseRows, columnsOf, setBase, multiply } = await made;
    const one = groupOf(first, 0);
    const other = first === second ? one : groupOf(second, one.end - one.start);
    const held = first === second ? [one] : [one, other];

    scan.lists.setCapacity(width);
    for (const { start, end, shift } of held) {
      for (let slot = start; slot < end; slot++) {
        scan.lists.begin(slot + shift, found.slots, found.scores, slot * width);
      }
    }
    // Rows of the same list first: thresholds rise soon, and few of the later rows reach them.
    if (first === second) {
      for (const list of one.lists) await compare(one, list, one, range(offsets[list], offsets[list + 1]));
    }
    await compareWithProbing(one, other);
    if (first !== second) await compareWithProbing(other, one);
    for (const { start, end, shift } of held) {
      scan.lists.flush(start + shift, end - start);
      scan.lists.write(start + shift, end - start, found.slots, start * width, found.scores);
    }

    async function compareWithProbing(group: Group, from: Group): Promise<void> {
      for (const list of group.lists) await compare(group, list, from, probingSlots(data, list, from.start, from.end));
    }

    /** Compare the rows of a list with others. Within one list every ordered pair is multiplied, so pushRows alone fills both lists. */
    async function compare(group: Group, list: number, baseGroup: Group, base: Int32Array): Promise<void> {
      if (base.length === 0) return;
      const isOwn = base[0] === offsets[list];
      for (const slots of blocksOf(data, list)) {
        const columns = columnsOf(slots);
        scan.queryNormTerms.set(table.normTerms.subarray(slots[0], slots[0] + slots.length));
        for (let from = 0; from < base.length; from += baseRows) {
          const part = base.subarray(from, from + baseRows);
          setBase(part);
          await multiply(part.length, columns);
          scan.pushRows(part.length, slots.length, slots[0] + group.shift);
          if (!isOwn) scan.pushQueries(part.length, slots.length, slots[0], baseGroup.shift);
        }
      }
    }
  };
}
