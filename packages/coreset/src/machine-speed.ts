import { createKernel, floatTensor, int64Scalar, nearestGraph } from '@coreset/core';

const COLS = 128;
const QUERIES = 256;
const BASE = 2048;
const RUNS = 8;
/** Seconds of the fastest of {@link RUNS} products at a speed of 1. */
const REFERENCE_SECONDS = 0.0015;

let measured: Promise<number> | undefined;

/** How fast one thread of this machine is, 1 being a processor of 2025; measured once in some 30 ms. */
export function machineSpeed(): Promise<number> {
  measured ??= measure();
  return measured;
}

async function measure(): Promise<number> {
  const session = await createKernel(nearestGraph(COLS));
  const values = (rows: number): Float32Array =>
    new Float32Array(rows * COLS).map((_, i) => ((i * 7919) % 1000) / 1000);
  const feeds = {
    queries: floatTensor(values(QUERIES), [QUERIES, COLS]),
    base: floatTensor(values(BASE), [BASE, COLS]),
    bias: floatTensor(new Float32Array(BASE), [1, BASE]),
    count: int64Scalar(16),
  };
  await session.run(feeds);
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await session.run(feeds);
    fastest = Math.min(fastest, (performance.now() - start) / 1000);
  }
  return REFERENCE_SECONDS / fastest;
}
