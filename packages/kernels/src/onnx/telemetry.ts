import { isMainThread } from 'node:worker_threads';
import { CoresetError } from '@coreset/core';

/** Of the environment, which onnxruntime reads when the first session of a process is made. */
const SWITCH = 'ORT_DISABLE_TELEMETRY';

// onnxruntime sends telemetry unless it is told not to. A worker thread has a copy of the environment: only the main
// thread can change what the runtime reads.
if (isMainThread) process.env[SWITCH] ||= '1';

/**
 * Telemetry of onnxruntime is off, or was asked for by `ORT_DISABLE_TELEMETRY=0`.
 * @throws CoresetError in a thread that cannot switch it off
 */
export function requireTelemetryChoice(): void {
  if (process.env[SWITCH]) return;
  throw new CoresetError(
    `onnxruntime would send telemetry, and a worker thread cannot switch it off; set ${SWITCH}=1 in the environment, or import the package in the main thread before this thread starts`,
  );
}
