/** What is observed of a row when its batch is trained on, before the weights change. */
export type Observation = 'margin' | 'error' | 'entropy' | 'confidence';

/** Of one row: its logits and probabilities are `classes` numbers from `at` on, `own` is where those of its label are. */
type Observe = (logits: Float32Array, p: Float32Array, at: number, classes: number, own: number) => number;

export const OBSERVE: Record<Observation, Observe> = {
  /** The logit of the label less the greatest other one; negative where another class is foretold. */
  margin(logits, _, at, classes, own) {
    let other = Number.NEGATIVE_INFINITY;
    for (let c = at; c < at + classes; c++) if (c !== own && logits[c] > other) other = logits[c];
    return logits[own] - other;
  },
  /** The Euclidean length of softmax − onehot(label), in [0, √2]. */
  error(_, p, at, classes, own) {
    let squared = (1 - p[own]) ** 2;
    for (let c = at; c < at + classes; c++) if (c !== own) squared += p[c] * p[c];
    return Math.sqrt(squared);
  },
  /** −Σ p ln p, which is ln Σ exp(logit) − Σ p · logit, in nats. */
  entropy(logits, p, at, classes) {
    let likeliest = at;
    let expected = 0;
    for (let c = at; c < at + classes; c++) {
      if (p[c] > p[likeliest]) likeliest = c;
      expected += p[c] * logits[c];
    }
    return Math.max(0, logits[likeliest] - Math.log(p[likeliest]) - expected);
  },
  /** The probability of the label. */
  confidence: (_logits, p, _at, _classes, own) => p[own],
};
