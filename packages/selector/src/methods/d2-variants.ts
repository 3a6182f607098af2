import { addCosts, type Cost, costOf, fallingOrder, inParts, pickOptions, type Steps } from '@coreset/core';
import { orderCost, type SelectWorkload } from '../cost.js';
import { OrderPicker, type Picker } from '../picker.js';
import { ProportionalTurns } from '../proportional-turns.js';
import { subgraph } from '../subgraph.js';
import { cutHardest } from './ccs.js';
import { D2_SETTINGS, type D2Settings, d2Cost, d2Picker } from './d2.js';
import { need, type SelectorInput } from './input.js';

/** Names of D2's own options. */
export const D2_OWN: readonly (keyof D2Settings)[] = (Object.keys(D2_SETTINGS) as (keyof D2Settings)[]).filter(
  (name) => name !== 'dropDuplicates',
);

/** `d2`: D2 Pruning as in the paper. */
export function* d2(input: SelectorInput, settings: D2Settings): Steps<Picker> {
  return yield* d2Picker(need(input, 'graph', 'd2'), need(input, 'scores', 'd2'), pickOptions(settings, D2_SETTINGS));
}

/** `uniform`: D2 with the same difficulty everywhere, so that density and diversity alone decide. */
export function* uniform(input: SelectorInput, settings: D2Settings): Steps<Picker> {
  const scores = new Float64Array(input.rows).fill(1);
  return yield* d2Picker(need(input, 'graph', 'uniform'), scores, pickOptions(settings, D2_SETTINGS));
}

/** β of `d2-cutoff` where none is given. */
export const CUTOFF = 0.1;

/**
 * `d2-cutoff`: the hardest share β is cut off first, as in CCS (Zheng et al. 2023), since at high pruning
 * rates the hardest rows are often noise. The rows cut off come last, the least hard of them first.
 */
export function* d2Cutoff(
  input: SelectorInput,
  { cutoff = CUTOFF, ...settings }: D2Settings & { cutoff?: number },
): Steps<Picker> {
  const { remaining, cut } = yield* cutHardest(need(input, 'scores', 'd2-cutoff'), cutoff);
  const parts = [remaining, cut];
  const pickers = [yield* within(input, 'd2-cutoff', remaining, settings), yield* hardestLast(input, cut)];
  // The first part that has a row left.
  return new PartsPicker(input.rows, parts, pickers, {
    next: () => pickers.findIndex((picker) => (picker.best() as number) >= 0),
    take: () => {},
    end: () => {},
  });
}

function* hardestLast({ scores = [] }: SelectorInput, cut: Int32Array): Steps<Picker> {
  const falling = Float64Array.from(cut, (row) => -scores[row]);
  return new OrderPicker(
    yield* fallingOrder(falling),
    falling.map((score) => -score),
  );
}

/**
 * `d2-per-class`: D2 within each class, on the edges within it, merged so that at every budget each class
 * has its share of the picks.
 */
export function* d2PerClass(input: SelectorInput, settings: D2Settings): Steps<Picker> {
  const labels = need(input, 'labels', 'd2-per-class');
  const members = new Map<number, number[]>();
  yield* inParts(labels.length, (start, end) => {
    for (let row = start; row < end; row++) {
      const rows = members.get(labels[row]);
      if (rows) rows.push(row);
      else members.set(labels[row], [row]);
    }
  });
  const classes = Array.from(members.keys()).sort((a, b) => a - b);
  const parts = classes.map((label) => Int32Array.from(members.get(label) ?? []));
  const pickers: Picker[] = [];
  for (const part of parts) pickers.push(yield* within(input, 'd2-per-class', part, settings));
  return new PartsPicker(input.rows, parts, pickers, new ProportionalTurns(parts.map(({ length }) => length)));
}

/** D2 among the rows of a part, with the edges inside it. */
function* within(input: SelectorInput, method: string, part: Int32Array, settings: D2Settings): Steps<Picker> {
  const graph = need(input, 'graph', method);
  const scores = need(input, 'scores', method);
  return yield* d2Picker(
    yield* subgraph(graph, part),
    Float64Array.from(part, (row) => scores[row]),
    pickOptions(settings, D2_SETTINGS),
  );
}

/** Says which part picks next. */
type PartTurns = Pick<ProportionalTurns, 'next' | 'take' | 'end'>;

/** Pickers that each have a part of the rows. */
class PartsPicker implements Picker {
  private readonly partOf: Int32Array;
  private readonly numberInPart: Int32Array;

  constructor(
    rows: number,
    private readonly parts: Int32Array[],
    private readonly pickers: Picker[],
    private readonly turns: PartTurns,
  ) {
    this.partOf = new Int32Array(rows);
    this.numberInPart = new Int32Array(rows);
    parts.forEach((part, p) => {
      part.forEach((row, number) => {
        this.partOf[row] = p;
        this.numberInPart[row] = number;
      });
    });
  }

  best(): number {
    for (let part = this.turns.next(); part >= 0; part = this.turns.next()) {
      const number = this.pickers[part].best() as number;
      if (number >= 0) return this.parts[part][number];
      this.turns.end(part);
    }
    return -1;
  }

  take(row: number): void {
    const part = this.partOf[row];
    this.pickers[part].take(this.numberInPart[row]);
    this.turns.take(part);
  }

  pass(row: number): void {
    this.pickers[this.partOf[row]].pass(this.numberInPart[row]);
  }

  scores(): Float64Array {
    const scores = new Float64Array(this.partOf.length);
    this.pickers.forEach((picker, p) => {
      const ofPart = picker.scores();
      this.parts[p].forEach((row, number) => {
        scores[row] = ofPart[number];
      });
    });
    return scores;
  }
}

const PER_EDGE_INSIDE = 5e-9;

/** D2 that picks all rows of each part. */
export function d2WithinCost(workload: SelectWorkload): Cost {
  const { rows, k } = workload;
  const inside = costOf({ serial: rows * k * PER_EDGE_INSIDE });
  return addCosts(orderCost(workload), inside, d2Cost({ ...workload, budget: rows }));
}
