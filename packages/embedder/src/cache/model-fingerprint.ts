import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { hashFile } from '@coreset/core';
import { modelFiles } from '../model-source.js';
import type { LocalSettings, WorkerSettings } from '../options.js';
import { KEY_BYTES } from './segment-format.js';

/** To be raised when this package makes another vector of the same item by the same model, settings and libraries. */
export const PREPARATION = 1;

const OWN = createRequire(import.meta.url);

/** SHA-256 of each file that a model's vectors depend on, by its path inside the model's folder. */
export function hashModelFiles({
  source: { folder },
  dtype,
  modality,
}: LocalSettings): [name: string, sha256: string][] {
  return modelFiles(folder, dtype, modality).map((name) => [name, hashOnce(join(folder, name))]);
}

const known = new Map<string, string>();
/** A file that was changed this short a time ago may change again without its times telling. */
const SETTLED_MS = 2000;

/** Hash a file, unless it is known to be as it was hashed before. */
function hashOnce(path: string): string {
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = statSync(path, { bigint: true });
  if (Date.now() - Number(ctimeMs) < SETTLED_MS) return hashFile(path);
  const state = [dev, ino, size, mtimeNs, ctimeNs, path].join(' ');
  const hash = known.get(state) ?? hashFile(path);
  known.set(state, hash);
  return hash;
}

/** All that a vector depends on besides its item, provided that it does not depend on the items beside it. */
export function modelFingerprint(settings: LocalSettings & Partial<Pick<WorkerSettings, 'stopped'>>): Uint8Array {
  const { source, batchSize, sameLength, stopped, ...decides } = settings;
  const { platform, arch, versions } = process;
  const machine = { platform, arch, processor: processor(), unicode: versions.unicode, libraries: libraries() };
  const all = { preparation: PREPARATION, files: hashModelFiles(settings), decides, machine };
  return createHash('sha256').update(JSON.stringify(all)).digest().subarray(0, KEY_BYTES);
}

/** Versions of the libraries that prepare items and run models; they are pinned. */
function libraries(): [name: string, version: string][] {
  return ['@coreset/embedder', '@coreset/kernels'].flatMap((name) => {
    const { dependencies }: { dependencies: Record<string, string> } = OWN(`${name}/package.json`);
    return Object.entries(dependencies).filter(([library]) => !library.startsWith('@coreset/'));
  });
}

/** Of x64 what onnxruntime chooses its code by. */
const WIDE = /^(sse|ssse|avx|fma|f16c|amx)/;

/** Products of vectors are added in an order that depends on the processor, and so are their last bits. */
function processor(): string {
  const model = cpus()[0]?.model ?? '';
  if (process.platform !== 'linux') return model;
  try {
    const [, all = ''] = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? [];
    const features = all.split(/\s+/).filter((name) => name !== '');
    if (process.arch !== 'x64' || features.length === 0) return [model, ...features].join(' ');
    return features
      .filter((name) => WIDE.test(name))
      .sort()
      .join(' ');
  } catch {
    return model;
  }
}
