import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CoresetError } from '@coreset/core';
import { listedDevices } from './session.js';

/** The device that is everywhere. */
export const CPU = 'cpu';

/** Devices of onnxruntime-node: where, and what they need there. */
const DEVICES: ReadonlyMap<string, { on: string; needs: string; libraries?: string[] }> = new Map(
  Object.entries({
    cuda: {
      on: 'Linux x64',
      needs: 'an NVIDIA GPU with its driver, CUDA 12 and cuDNN 9',
      libraries: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'],
    },
    tensorrt: {
      on: 'Linux x64',
      needs: 'an NVIDIA GPU with its driver, CUDA 12, cuDNN 9 and TensorRT 10',
      libraries: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_tensorrt.so'],
    },
    webgpu: {
      on: 'Linux x64, Windows and macOS',
      needs: 'a GPU whose driver has Vulkan (Linux), Direct3D 12 (Windows) or Metal (macOS)',
    },
    dml: { on: 'Windows', needs: 'a GPU whose driver has Direct3D 12' },
    coreml: { on: 'macOS', needs: 'macOS 10.15 or later' },
  }),
);

/** Names of devices that onnxruntime-node has on some system. */
export const DEVICE_NAMES: readonly string[] = [CPU, ...DEVICES.keys()];

const INSTEAD = 'or leave --device out, for the processor';
/** A driver that is asked for the first time may compile for a while. */
const PROBE_MS = 180_000;

const runtimeFolder = (): string => dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));

/** The libraries of a device that onnxruntime-node downloads apart, and that are not here. */
function missingLibraries(device: string): string[] {
  const folder = join(runtimeFolder(), 'bin', 'napi-v6', process.platform, process.arch);
  return (DEVICES.get(device)?.libraries ?? []).filter((file) => !existsSync(join(folder, file)));
}

/** The library that could not be loaded, which the log names and the error does not. */
export function notLoaded(log: string): string | undefined {
  const [, path, why] = /([^\s:]+): (cannot open shared object file[^\n]*)/.exec(log) ?? [];
  return path && `${basename(path)}: ${why}`;
}

/**
 * What a device says of itself in a process of its own: a driver may end the process that asks, or write to its error
 * output, which nobody can take back.
 * @returns undefined when a small product was computed on it
 */
function probe(device: string): Promise<string | undefined> {
  const script = fileURLToPath(new URL('./probe-device.js', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [script, device], { timeout: PROBE_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(undefined);
      else if (stdout !== '') resolve(notLoaded(stderr) ?? stdout);
      else resolve(`its driver ended the process (${error.signal ?? `exit code ${error.code}`})`);
    });
  });
}

async function lookFor(device: string): Promise<void> {
  const here = listedDevices();
  const known = DEVICES.get(device);
  if (!here.includes(device)) {
    const place = `${process.platform} ${process.arch}`;
    const where = known ? `is there on ${known.on} alone` : 'is not known';
    throw new CoresetError(`device '${device}' ${where}; onnxruntime has here (${place}): ${here.join(', ')}`);
  }
  const needs = known ? `it needs ${known.needs} (docs/gpu.md)` : 'docs/gpu.md says what devices need';
  const missing = missingLibraries(device);
  if (missing.length > 0)
    throw new CoresetError(
      `device '${device}' cannot be used: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed, which ONNXRUNTIME_NODE_INSTALL=cuda12 node ${join(runtimeFolder(), 'script', 'install.js')} downloads; ${needs}; ${INSTEAD}`,
    );
  const problem = await probe(device);
  if (problem !== undefined)
    throw new CoresetError(`device '${device}' cannot be used: ${problem}; ${needs}; ${INSTEAD}`);
}

const looked = new Map<string, Promise<void>>();

/**
 * Find out, once in a process, whether a device computes.
 * @param device name of an execution provider of onnxruntime
 * @throws CoresetError that says what is missing
 */
export function requireDevice(device: string): Promise<void> {
  if (device === CPU) return Promise.resolve();
  const known = looked.get(device) ?? lookFor(device);
  looked.set(device, known);
  return known;
}
