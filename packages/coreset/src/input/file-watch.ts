import { type BigIntStats, statSync } from 'node:fs';
import { CoresetError, fileError, hashFile } from '@coreset/core';

interface Watched {
  status: BigIntStats;
  /** By the clock, in nanoseconds, when the status was looked at. */
  at: bigint;
  sha256?: string;
}

/** What a file system without fractions of a second may take for one moment, and what one with them may. */
const COARSE_NS = 2_000_000_000n;
const FINE_NS = 20_000_000n;

/** Files that are read several times during a run, and must be the same each time. */
export class FileWatch {
  private readonly files = new Map<string, Watched>();

  /** @throws CoresetError when one of the files is not there */
  constructor(paths: readonly string[]) {
    this.add(paths);
  }

  /** Look at files before they are read for the first time. @throws CoresetError when one is not there */
  add(paths: readonly string[]): void {
    for (const path of paths) if (!this.files.has(path)) this.files.set(path, { status: statusOf(path), at: nowNs() });
  }

  /** SHA-256 of a file that is watched, in hexadecimal. */
  hash(path: string): string {
    const watched = this.files.get(path);
    if (watched === undefined) return hashFile(path);
    if (watched.sha256 === undefined) {
      const sha256 = hashFile(path);
      if (!isSame(statusOf(path), watched.status)) throw changed(path);
      watched.sha256 = sha256;
    }
    return watched.sha256;
  }

  /**
   * Find out whether the files are still what they were: their size and time tell, and where these differ, or are too
   * young to tell, the bytes.
   * @throws CoresetError naming the file that changed
   */
  verify(): void {
    for (const [path, watched] of this.files) {
      const { status, at, sha256 } = watched;
      const now = statusOf(path);
      if (isSame(now, status) && (sha256 === undefined || !isYoung(status, at))) continue;
      if (sha256 === undefined || now.size !== status.size || hashFile(path) !== sha256) throw changed(path);
      this.files.set(path, { status: now, at: nowNs(), sha256 });
    }
  }
}

function changed(path: string): CoresetError {
  return new CoresetError(`${path} changed while it was read; run the same command again`);
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return STATUS.every((part) => a[part] === b[part]);
}

const STATUS = ['size', 'mtimeNs', 'ctimeNs', 'ino', 'dev'] as const;

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/** Whether a change right after the file was looked at could have left its times as they are. */
function isYoung({ mtimeNs }: BigIntStats, at: bigint): boolean {
  return at - mtimeNs < (mtimeNs % 1_000_000_000n === 0n ? COARSE_NS : FINE_NS);
}

function statusOf(path: string): BigIntStats {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    throw fileError('read', path, error);
  }
}
