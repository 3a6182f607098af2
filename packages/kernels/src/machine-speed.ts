import { codeProductModel } from './int8/code-product-model.js';
import { ZERO_POINT } from './int8/quantise.js';
import { nearestModel } from './onnx/nearest.js';
import { compileModel, floatTensor, type InferenceSession, int64Scalar, type Tensor, tensor } from './onnx/session.js';

const RUNS = 8;
/** Seconds of the fastest of {@link RUNS} products at a speed of 1. */
const REFERENCE_SECONDS = { other: 0.0015, codes: 0.0004 };

/** How fast one thread of this machine is, 1 being a processor of 2025. */
export interface MachineSpeed {
  /** Of float32, and of all that is no product of codes. */
  other: number;
  /** Of products of one-byte codes, for which some processors have instructions of their own and others do not. */
  codes: number;
}

let measured: Promise<MachineSpeed> | undefined;

/** Measured once, in some 50 ms. */
export function machineSpeed(): Promise<MachineSpeed> {
  measured ??= measure();
  return measured;
}

async function measure(): Promise<MachineSpeed> {
  return { other: await speedOfFloats(), codes: await speedOfCodes() };
}

async function speedOfFloats(): Promise<number> {
  const [cols, queries, base] = [128, 256, 2048];
  const values = (rows: number): Float32Array =>
    new Float32Array(rows * cols).map((_, i) => ((i * 7919) % 1000) / 1000);
  const seconds = await fastest(await compileModel(nearestModel(cols)), {
    queries: floatTensor(values(queries), [queries, cols]),
    base: floatTensor(values(base), [base, cols]),
    bias: floatTensor(new Float32Array(base), [1, base]),
    count: int64Scalar(16),
  });
  return REFERENCE_SECONDS.other / seconds;
}

async function speedOfCodes(): Promise<number> {
  const [rows, cols, queries] = [1024, 384, 256];
  const base = new Uint8Array(rows * cols).map((_, i) => i % 101);
  const transposed = new Int8Array(cols * queries).map((_, i) => i % 53);
  const seconds = await fastest(await compileModel(codeProductModel(cols)), {
    base: tensor('uint8', base, [rows, cols]),
    queries: tensor('int8', transposed, [cols, queries]),
    zeroPoint: tensor('uint8', Uint8Array.of(ZERO_POINT), [1]),
  });
  return REFERENCE_SECONDS.codes / seconds;
}

async function fastest(kernel: InferenceSession, feeds: Record<string, Tensor>): Promise<number> {
  await kernel.run(feeds);
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await kernel.run(feeds);
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}
