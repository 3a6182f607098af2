import { CoresetError, requireNumber } from '@coreset/core';

/** How a message fades with the Euclidean distance d: `gaussian` exp(−γ d²), `exponential` exp(−γ d). */
export type MessageKernel = 'gaussian' | 'exponential';

/** w(γ, d) of the paper's equations 2 and 4. */
export type MessageWeight = (distance: number) => number;

/**
 * The weight of a message over distance d.
 * @param gamma γ ≥ 0; at 0 every message has weight 1
 * @param name what γ is called in an error
 * @throws CoresetError when γ is negative or the kernel is not known
 */
export function messageWeight(kernel: MessageKernel, gamma: number, name = 'gamma'): MessageWeight {
  requireNumber(name, gamma, 0);
  if (kernel === 'gaussian') return (distance) => Math.exp(-gamma * distance * distance);
  if (kernel === 'exponential') return (distance) => Math.exp(-gamma * distance);
  throw new CoresetError(`kernel '${kernel}' is not known; use gaussian or exponential`);
}
