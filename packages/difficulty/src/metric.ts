/** Distance between a row and a prototype. For `cosine` both are scaled to length 1 and the distance is 1 − cos. */
export type Metric = 'euclidean' | 'cosine';
