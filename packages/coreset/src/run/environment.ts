import { createRequire } from 'node:module';
import { type Diagnostics, diagnose, type RunOptions, threadsOf } from '@coreset/core';
import { exactQmax } from '@coreset/kernels';
import { VERSION } from '../version.js';

const OWN = createRequire(import.meta.url);
/** Packages as @coreset/kernels finds them. */
const OF_KERNELS = createRequire(OWN.resolve('@coreset/kernels/package.json'));

/** Tell versions, machine and threads of a run, and the greatest code whose products its processor sums exactly. */
export async function tellEnvironment(options: RunOptions): Promise<Diagnostics> {
  const environment = {
    coreset: VERSION,
    node: process.versions.node,
    onnxruntime: OF_KERNELS('onnxruntime-node/package.json').version,
    platform: process.platform,
    arch: process.arch,
    threads: threadsOf(options),
    qmax: await exactQmax(),
  };
  diagnose(options, 'run', environment);
  return environment;
}
