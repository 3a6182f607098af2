/** A measured column of a comparison. */
export type Measure =
  | 'accuracy'
  | 'aucpr'
  | 'maxRadius'
  | 'clusterCoverage'
  | 'nearDuplicates'
  | 'difficulty'
  | 'labelBalance';

/** What a measure is called, and how it is read. */
export interface MeasureText {
  /** Of its column. */
  heading: string;
  /** Of its plot. */
  title: string;
  /** What it is, in the legend. */
  legend: string;
  /** Which value is better; undefined where neither is. */
  better?: 'greater' | 'less';
}

/** What a method is measured by, in the order of the columns; methods are sorted by the first that there is. */
export const MEASURES: Readonly<Record<Measure, MeasureText>> = {
  accuracy: {
    heading: 'accuracy',
    title: 'linear probe accuracy',
    legend: 'share right of a held-out fifth, by a linear probe on the kept rows',
    better: 'greater',
  },
  aucpr: {
    heading: 'AUCpr',
    title: 'AUCpr (mean distance to nearest kept row, less is better)',
    legend: 'mean distance of a row to the nearest kept row',
    better: 'less',
  },
  maxRadius: {
    heading: 'max radius',
    title: 'maximum radius (less is better)',
    legend: 'the greatest such distance',
    better: 'less',
  },
  clusterCoverage: {
    heading: 'clusters',
    title: 'clusters covered',
    legend: 'share of the k-means clusters with a kept row',
    better: 'greater',
  },
  nearDuplicates: {
    heading: 'near-dups',
    title: 'kept rows with a kept near-duplicate',
    legend: 'share of the kept rows with a kept near-duplicate',
    better: 'less',
  },
  difficulty: {
    heading: 'difficulty',
    title: 'mean difficulty',
    legend: 'mean difficulty of the kept rows',
  },
  labelBalance: {
    heading: 'balance',
    title: 'label balance',
    legend: 'entropy of the kept labels, 1 when all are as many',
  },
};
