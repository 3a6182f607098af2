const STEPS_PER_HALVING = 32;
const STEPS = 64 * STEPS_PER_HALVING;
const PER_STEP = STEPS_PER_HALVING * Math.LOG2E;
/** ln 2 / 32, of which the first part has so few bits that its multiples are exact. */
const STEP_HIGH = 0.021660849390173098;
const STEP_LOW = 2.325192846878874e-12;

const powers = Float64Array.from({ length: STEPS }, (_, step) => 2 ** (-step / STEPS_PER_HALVING));

/** exp(−x) for x ≥ 0, its last bit uncertain, in half the time of Math.exp: the nearest power in a table times a Taylor series. */
export function fallingExponential(x: number): number {
  const step = Math.floor(x * PER_STEP + 0.5);
  if (!(step < STEPS)) return Math.exp(-x);
  const rest = step * STEP_HIGH - x + step * STEP_LOW;
  const power = powers[step];
  const series = 1 / 6 + rest * (1 / 24 + rest * (1 / 120 + rest * (1 / 720)));
  return power + power * (rest + rest * rest * (0.5 + rest * series));
}
