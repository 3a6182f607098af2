import type { Keep, MethodName } from '@coreset/selector';

/** Mean and standard deviation over the seeds. */
export interface Spread {
  mean: number;
  deviation: number;
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
}
