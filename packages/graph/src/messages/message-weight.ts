import { CoresetError, requireNumber } from '@coreset/core';

/** How a message fades with the Euclidean distance d: `gaussian` exp(−γ d²), `exponential` exp(−γ d). */
export type MessageKernel = 'gaussian' | 'exponential';

/** The weight w(γ, d) of a message over distance d: the paper's equations 2 and 4. */
export class MessageWeight {
  private readonly squares: boolean;

  /**
   * @param gamma γ ≥ 0; at 0 every message has weight 1
   * @param name what γ is called in an error
   * @throws CoresetError when γ is negative or the kernel is not known
   */
  constructor(
    kernel: MessageKernel,
    private readonly gamma: number,
    name = 'gamma',
  ) {
    requireNumber(name, gamma, 0);
    if (kernel !== 'gaussian' && kernel !== 'exponential')
      throw new CoresetError(`kernel '${kernel}' is not known; use gaussian or exponential`);
    this.squares = kernel === 'gaussian';
  }

  of(distance: number): number {
    return Math.exp(-this.gamma * (this.squares ? distance * distance : distance));
  }
}
