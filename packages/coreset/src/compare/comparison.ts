import type { Keep, MethodName } from '@coreset/selector';
import type { Measure } from './measures.js';

/** A measure over the seeds. */
export interface Spread {
  mean: number;
  /** Standard deviation of single seeds, 0 where there is one. */
  deviation: number;
  /** By seed. */
  values: number[];
}

/** How far a method is from another at the same budget: the mean of the differences seed by seed. */
export interface Difference {
  /** The other method. */
  from: MethodName;
  /** Its mean, the method less the other. */
  mean: number;
  /** Its standard error; null where there is one seed. */
  error: number | null;
  /** Whether chance in the seeds explains it, at 95 % (Student's t); null where there is one seed. */
  isNoise: boolean | null;
}

/** How far a method is from the best and from `random`; undefined where it is that, or where there is none. */
export interface Versus {
  best?: Difference;
  random?: Difference;
}

/** One method at one budget. */
export interface Comparison {
  method: MethodName;
  /** As given. */
  keep: Keep;
  /** Rows kept. */
  kept: number;
  /** Mean distance to the nearest kept row; less is better. */
  aucpr: Spread;
  /** Greatest distance to the nearest kept row; less is better. */
  maxRadius: Spread;
  /** Share of prototypes' clusters with a kept row. */
  clusterCoverage: Spread;
  /** Share of kept rows with a kept near-duplicate. */
  nearDuplicates: Spread;
  /** Mean difficulty of the kept rows. */
  difficulty: Spread;
  /** Entropy of the kept labels, 1 when even. */
  labelBalance?: Spread;
  /** Accuracy of a linear probe on a held-out fifth. */
  accuracy?: Spread;
  /** How far it is from the best method and from `random` at the same budget, by measures that have a better side. */
  versus: Partial<Record<Measure, Versus>>;
}
