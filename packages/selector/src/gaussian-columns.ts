import {
  finiteSteps,
  greatestMagnitude,
  inParts,
  inTurns,
  meanRow,
  openVectors,
  scaledBy,
  scaleFor,
  subtractRow,
  sumOfSquares,
  type Vectors,
} from '@coreset/core';
import { compileModel, floatTensor, productModel, type Tensor } from '@coreset/kernels';

/** The gaussian kernel exp(−γ |x − y|²) of a few rows with all, by a matrix product. */
export class GaussianColumns {
  readonly rows: number;
  private readonly left: Tensor;
  private readonly squares: Float64Array;

  /** Load vectors and prepare products. Memory: the vectors and a few columns. @throws CoresetError when a number is not finite */
  static async of(vectors: Vectors, gamma: number, signal?: AbortSignal): Promise<GaussianColumns> {
    const { rows, cols } = vectors;
    await inTurns(finiteSteps(vectors, 'the vectors'), signal);
    const reader = openVectors(vectors);
    let data: Float32Array;
    try {
      data = reader.read(0, rows);
    } finally {
      reader.close();
    }
    const scale = scaleFor(greatestMagnitude(data));
    data = scaledBy(data, scale);
    // About their mean, since squared distances are differences of products.
    subtractRow(data, meanRow(data, cols));
    const model = await compileModel(productModel(cols));
    const products = async (left: Tensor, right: Tensor): Promise<Float32Array> =>
      (await model.run({ left, right })).products.data as Float32Array;
    return new GaussianColumns(data, cols, gamma / scale ** 2, products, signal);
  }

  private constructor(
    private readonly data: Float32Array,
    private readonly cols: number,
    private readonly gamma: number,
    private readonly products: (left: Tensor, right: Tensor) => Promise<Float32Array>,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.rows = data.length / cols;
    this.left = floatTensor(data, [this.rows, cols]);
    this.squares = Float64Array.from({ length: this.rows }, (_, row) =>
      sumOfSquares(data, row * cols, (row + 1) * cols),
    );
  }

  /** Tell the kernel of each of `count` rows from `start` on with each row. */
  async of(start: number, count: number, visit: (row: number, other: number, value: number) => void): Promise<void> {
    const { rows, data, cols, gamma, squares, signal } = this;
    const few = floatTensor(data.slice(start * cols, (start + count) * cols), [count, cols]);
    const products = await this.products(this.left, few);
    const visitColumn = (column: number): void => {
      const row = start + column;
      for (let other = 0, p = column; other < rows; other++, p += count) {
        const squared = squares[row] + squares[other] - 2 * products[p];
        visit(row, other, row === other ? 1 : Math.exp(-gamma * Math.max(0, squared)));
      }
    };
    await inTurns(inParts(count, visitColumn, 1), signal);
  }
}
