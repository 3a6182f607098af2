/** Checked anew when it is next asked for. */
const STALE = 0;

/**
 * The greatest of many lines slope · time − offset, as time goes on in whole steps and offsets grow; ties go to the lowest
 * line. A kinetic tournament (Basch, Guibas & Hershberger 1997): a tree of matches, each with the time at which another line
 * may win it or one below, so that a step looks at few matches. With whole slopes and offsets, and products with the time below
 * 2^53, every comparison is exact.
 */
export class KineticTournament {
  /** The first time is 1. */
  time = 1;
  private readonly leaves: number;
  /** Match m is between the winners of 2 m and 2 m + 1; line l enters at leaf `leaves` + l. −1 where there is none. */
  private readonly winners: Int32Array;
  /** A match stands before this time. */
  private readonly standsUntil: Float64Array;

  /** @param slopes and offsets, which it keeps: change offsets through {@link raise} alone */
  constructor(
    readonly slopes: Float64Array,
    readonly offsets: Float64Array,
  ) {
    this.leaves = 2 ** Math.ceil(Math.log2(Math.max(2, slopes.length)));
    this.winners = new Int32Array(2 * this.leaves).fill(-1);
    for (let line = 0; line < slopes.length; line++) this.winners[this.leaves + line] = line;
    this.standsUntil = new Float64Array(2 * this.leaves).fill(STALE, 0, this.leaves);
    this.standsUntil.fill(Number.POSITIVE_INFINITY, this.leaves);
  }

  /** The line on top now, −1 when none is left. */
  best(): number {
    this.play(1);
    return this.winners[1];
  }

  valueOf(line: number): number {
    return this.slopes[line] * this.time - this.offsets[line];
  }

  /** Lower a line by so much from now on. */
  raise(line: number, by: number): void {
    this.offsets[line] += by;
    this.makeStale(line);
  }

  remove(line: number): void {
    this.winners[this.leaves + line] = -1;
    this.makeStale(line);
  }

  /** All matches above a stale one are stale. */
  private makeStale(line: number): void {
    for (let m = (this.leaves + line) >> 1; m > 0 && this.standsUntil[m] !== STALE; m >>= 1)
      this.standsUntil[m] = STALE;
  }

  private play(match: number): void {
    const { winners, standsUntil, time } = this;
    if (standsUntil[match] > time) return;
    const left = 2 * match;
    const right = left + 1;
    this.play(left);
    this.play(right);
    const a = winners[left];
    const b = winners[right];
    const isLeft = b < 0 || (a >= 0 && this.valueOf(a) >= this.valueOf(b));
    winners[match] = isLeft ? a : b;
    const until = a < 0 || b < 0 ? Number.POSITIVE_INFINITY : isLeft ? this.overtakes(b, a) : this.overtakes(a, b);
    standsUntil[match] = Math.min(until, standsUntil[left], standsUntil[right]);
  }

  /** The first time after now at which a line may be above the one that is above it now. */
  private overtakes(line: number, above: number): number {
    const { slopes, offsets, time } = this;
    const steeper = slopes[line] - slopes[above];
    if (steeper <= 0) return Number.POSITIVE_INFINITY;
    return Math.max(time + 1, Math.floor((offsets[line] - offsets[above]) / steeper));
  }
}
