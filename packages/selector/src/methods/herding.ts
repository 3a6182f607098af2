import { addCosts, type Cost, costOf, diagnose, inParts, inTurns, type Steps } from '@coreset/core';
import { adjacencySteps, EdgeReader, MessageWeight, type NeighbourGraph, noDuplicates } from '@coreset/graph';
import { cosineCost, type SelectWorkload } from '../cost.js';
import { GaussianColumns } from '../gaussian-columns.js';
import { KineticTournament } from '../kinetic-tournament.js';
import { meanSquares } from '../list-distances.js';
import type { Picker } from '../picker.js';
import { need, type SelectorInput } from './input.js';

/** Up to here the kernel is that of all pairs, where there are vectors. */
const ROWS_OF_ALL_PAIRS = 10_000;
/** Sums of whole numbers stay exact below this power of two. */
const EXACT_BITS = 53;
/** No distance is known to more bits. */
const MOST_BITS = 30;
const COLUMNS_AT_ONCE = 64;

/**
 * Kernel herding (Chen, Welling & Smola 2010, "Super-samples from kernel herding"): the kept rows follow the mean of all in the
 * space of a kernel. The next pick, after t of them, is the row of greatest
 *
 *     mean over all rows x of k(row, x) − 1 / (t + 1) · sum over the picks s of k(row, s)
 *
 * that was not picked yet. The kernel is k(x, y) = exp(−|x − y|² / (2 σ²)) with σ² the mean squared distance to a listed
 * neighbour, rounded to a quantum of 2^−30 or a larger power of two with which every sum is exact, so that ties are ties.
 *
 * - Up to 10,000 rows, where the input has vectors: all pairs of rows, each column of the kernel made when it is needed. Work
 *   grows with (rows + budget) · rows.
 * - Otherwise k is 0 for rows of which neither lists the other. The value of a row, times t + 1, is a line in t that only its
 *   neighbours' picks lower, so that a tournament finds the greatest in some k · log(rows) steps per pick.
 *
 * Scores: the value of a row as above.
 */
export async function herding(input: SelectorInput): Promise<Picker> {
  const graph = need(input, 'graph', 'herding');
  const { rows, vectors, signal } = input;
  const gamma = await inTurns(gammaOf(graph), signal);
  const isExact = vectors !== undefined && rows <= ROWS_OF_ALL_PAIRS;
  diagnose(input, 'select', { kernelOver: isExact ? 'all pairs' : 'listed neighbours', gamma });
  if (isExact) {
    const kernel = new AllPairs(await GaussianColumns.of(vectors, gamma, signal));
    return new Herding(kernel, await kernel.sums());
  }
  const kernel = await inTurns(ListedPairs.of(graph, gamma), signal);
  return new Herding(kernel, await inTurns(kernel.sums(), signal));
}

/** Rows and their kernel with one row, in quanta; void at the next call. */
interface KernelColumn {
  count: number;
  rows: Int32Array | undefined;
  values: Float64Array;
}

/** The kernel between a row and those with which it is not 0, itself included or not. */
interface Kernel {
  /** How many quanta are 1. */
  quanta: number;
  columnOf(row: number): KernelColumn | Promise<KernelColumn>;
}

class Herding implements Picker {
  private readonly values: KineticTournament;
  private readonly last: Float64Array;
  private readonly isGone: Uint8Array;

  /** @param sums of the kernel of each row with all, in quanta */
  constructor(
    private readonly kernel: Kernel,
    sums: Float64Array,
  ) {
    // Times rows and t + 1 all values are whole numbers of quanta.
    this.values = new KineticTournament(sums, new Float64Array(sums.length));
    this.last = new Float64Array(sums.length);
    this.isGone = new Uint8Array(sums.length);
  }

  best(): number {
    return this.values.best();
  }

  take(row: number): void | Promise<void> {
    this.pass(row);
    const column = this.kernel.columnOf(row);
    return column instanceof Promise ? column.then((made) => this.lower(made)) : this.lower(column);
  }

  pass(row: number): void {
    this.last[row] = this.scoreOf(row);
    this.isGone[row] = 1;
    this.values.remove(row);
  }

  scores(): Float64Array {
    return this.last.map((score, row) => (this.isGone[row] ? score : this.scoreOf(row)));
  }

  private lower({ count, rows, values }: KernelColumn): void {
    const { length } = this.last;
    for (let i = 0; i < count; i++) this.values.raise(rows ? rows[i] : i, values[i] * length);
    this.values.time++;
  }

  private scoreOf(row: number): number {
    return this.values.valueOf(row) / (this.values.time * this.last.length * this.kernel.quanta);
  }
}

/** How many quanta are 1, so that rows + 1 times a sum of so many kernels is exact. */
function quantaFor(rows: number, summands: number): number {
  return 2 ** Math.min(MOST_BITS, Math.floor(EXACT_BITS - Math.log2((rows + 1) * summands)));
}

/** 1 / (2 σ²); with σ = 1 where all listed neighbours are at distance 0 or there are none. */
function* gammaOf(graph: NeighbourGraph): Steps<number> {
  const { ofAll } = yield* meanSquares(graph);
  const gamma = 1 / (2 * ofAll);
  return Number.isFinite(gamma) ? gamma : 0.5;
}

/** The kernel of rows of which at least one lists the other. */
class ListedPairs implements Kernel {
  readonly quanta: number;
  private readonly values: Float64Array;

  private constructor(
    private readonly edges: EdgeReader,
    private readonly weight: MessageWeight,
    private readonly rows: number,
  ) {
    this.values = new Float64Array(edges.targets.length);
    this.quanta = quantaFor(rows, 1 + edges.targets.length);
  }

  static *of(graph: NeighbourGraph, gamma: number): Steps<ListedPairs> {
    // A row that repeats another is one like any other here.
    const adjacency = yield* adjacencySteps({ ...graph, representative: noDuplicates(graph.rows) }, 'symmetric');
    return new ListedPairs(new EdgeReader(adjacency), new MessageWeight('gaussian', gamma), graph.rows);
  }

  columnOf(row: number): KernelColumn {
    const { edges, weight, quanta, values } = this;
    const count = edges.read(row);
    for (let e = 0; e < count; e++) values[e] = Math.round(weight.of(edges.lengths[e]) * quanta);
    return { count, rows: edges.targets, values };
  }

  *sums(): Steps<Float64Array> {
    const sums = new Float64Array(this.rows).fill(this.quanta);
    yield* inParts(
      sums.length,
      (start, end) => {
        for (let row = start; row < end; row++) {
          const { count, values } = this.columnOf(row);
          for (let e = 0; e < count; e++) sums[row] += values[e];
        }
      },
      ROWS_AT_ONCE,
    );
    return sums;
  }
}

const ROWS_AT_ONCE = 1024;

/** Every row with every other, see {@link GaussianColumns}. */
class AllPairs implements Kernel {
  readonly quanta: number;
  private readonly values: Float64Array;

  constructor(private readonly columns: GaussianColumns) {
    const { rows } = columns;
    this.values = new Float64Array(rows);
    this.quanta = quantaFor(rows, rows);
  }

  async columnOf(row: number): Promise<KernelColumn> {
    const { columns, quanta, values } = this;
    await columns.of(row, 1, (_, other, value) => {
      values[other] = Math.round(value * quanta);
    });
    return { count: values.length, rows: undefined, values };
  }

  async sums(): Promise<Float64Array> {
    const { columns, quanta } = this;
    const sums = new Float64Array(columns.rows);
    for (let start = 0; start < sums.length; start += COLUMNS_AT_ONCE)
      await columns.of(start, Math.min(COLUMNS_AT_ONCE, sums.length - start), (row, _, value) => {
        sums[row] += Math.round(value * quanta);
      });
    return sums;
  }
}

/** Per edge and level of the tournament, and per edge at the start. */
const PER_EDGE = { level: 8.5e-8, start: 7.5e-8 };
/** Per row: a line of the tournament. */
const PER_ROW = 6.5e-7;
/** Per pair of rows: the exponential. */
const PER_PAIR = 1.5e-8;
const BYTES = { edge: 5, row: 80 };

/** Of all pairs a column per row and one per pick, else the edges of each pick. */
export function herdingCost(workload: SelectWorkload): Cost {
  const { rows, cols, k, budget } = workload;
  if (cols > 0 && rows <= ROWS_OF_ALL_PAIRS)
    return addCosts(cosineCost(workload, budget, rows), costOf({ serial: (rows + budget) * rows * PER_PAIR }));
  return costOf({
    serial: rows * (k * PER_EDGE.start + PER_ROW) + budget * (k + 1) * Math.log2(rows + 2) * PER_EDGE.level,
    memory: rows * (k * BYTES.edge + BYTES.row),
  });
}
