import { CoresetError } from '@coreset/core';

/** Parameters of SELU and of the leaky ReLU, which torch.nn has as defaults. */
const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };
const LEAK = 0.01;

/** erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)), whose terms all have one sign. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Number.EPSILON * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Activations of torch.nn by the name of their class, each with torch's default parameters. */
export const ACTIVATIONS: Readonly<Record<string, (x: number) => number>> = {
  Identity: (x) => x,
  Tanh: Math.tanh,
  Sigmoid: sigmoid,
  ReLU: (x) => Math.max(0, x),
  ReLU6: (x) => Math.min(Math.max(0, x), 6),
  LeakyReLU: (x) => (x < 0 ? LEAK * x : x),
  ELU: (x) => (x < 0 ? Math.expm1(x) : x),
  SELU: (x) => SELU.scale * (x < 0 ? SELU.alpha * Math.expm1(x) : x),
  GELU: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  SiLU: (x) => x * sigmoid(x),
  Mish: (x) => x * Math.tanh(softplus(x)),
  Softplus: softplus,
};

/**
 * The activation that a file of a layer names, as `torch.nn.modules.activation.Tanh`.
 * @param file for an error
 * @throws CoresetError naming those that are known
 */
export function activationOf(name: unknown, file: string): (x: number) => number {
  const [, short = ''] = /^torch\.nn\.(?:\w+\.)*(\w+)$/.exec(String(name)) ?? [];
  if (Object.hasOwn(ACTIVATIONS, short)) return ACTIVATIONS[short];
  throw new CoresetError(
    `${file}: activation_function ${JSON.stringify(name)} is not known; of torch.nn there are ${Object.keys(ACTIVATIONS).join(', ')}: export an ONNX file that gives sentence_embedding`,
  );
}
