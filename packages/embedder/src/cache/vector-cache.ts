import { closeSync, fstatSync, futimesSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileError, formatBytes, formatCount } from '@coreset/core';
import { makeCache, makeModelFolder, makeRoom, type SegmentFile, segmentPath, segmentsOf } from './cache-folder.js';
import type { CachePlace } from './cache-options.js';
import { KeyTable } from './key-table.js';
import {
  blocksOf,
  type CachedVector,
  type Checksum,
  decodeRow,
  encodeBlock,
  KEY_BYTES,
  rowBytes,
} from './segment-format.js';

/** Rows that are written at once: what a kill loses at most. */
const BLOCK_ROWS = 256;
/** A segment is deleted as a whole, and so is a small part of the cache. */
const SEGMENTS = 128;
const LEAST_SEGMENT_BYTES = 1 << 16;
/** Free before a write: room for the block, and for one that another process writes at the same moment. */
const BLOCKS_FREE = 2;

interface Segment {
  path: string;
  descriptor: number;
  isUsed: boolean;
}

/** Vectors of one model in a folder that many runs share, see {@link blocksOf} for its files. */
export class VectorCache {
  /** Vectors that came from the cache. */
  hits = 0;
  /** Vectors that were written. */
  kept = 0;
  /** Vectors that were damaged, and so count as not there. */
  damaged = 0;
  private readonly table = new KeyTable();
  private readonly segments: Segment[] = [];
  private readonly own = new Set<string>();
  private cols = 0;
  private waiting: CachedVector[] = [];
  private canWrite = true;
  private scratch = Buffer.alloc(0);

  private constructor(
    private readonly place: CachePlace,
    private readonly modelFolder: string,
    private readonly model: Uint8Array,
    private readonly checksum: Checksum,
    private readonly onNotice: (notice: string) => void,
  ) {}

  /**
   * @param model tells what the vectors were made by, {@link KEY_BYTES} long: those of another model are not found
   * @param onNotice is told once when the cache cannot be read or written any more: a run goes on without
   * @throws CoresetError when the folder cannot be made or written
   */
  static async open(
    place: CachePlace,
    model: Uint8Array,
    { onNotice = () => {}, readOnly = false }: { onNotice?: (notice: string) => void; readOnly?: boolean } = {},
  ): Promise<VectorCache> {
    if (!readOnly) await makeCache(place.folder);
    const { default: xxhash } = await import('xxhash-wasm');
    const { h64Raw } = await xxhash();
    const seed = Buffer.from(model).readBigUInt64LE(0);
    const modelFolder = join(place.folder, Buffer.from(model).toString('hex'));
    const cache = new VectorCache(place, modelFolder, model, (bytes) => h64Raw(bytes, seed), onNotice);
    try {
      for (const segment of segmentsOf(modelFolder)) cache.index(segment);
    } catch (error) {
      onNotice(`the cache is read in part: ${fileError('read', place.folder, error).message}`);
    }
    return cache;
  }

  private index({ path }: SegmentFile): void {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // another run needed its room
      throw error;
    }
    const file = this.segments.push({ path, descriptor, isUsed: false }) - 1;
    for (const { cols, keys, offset } of blocksOf(descriptor, fstatSync(descriptor).size, this.model, this.checksum)) {
      this.cols ||= cols;
      if (cols !== this.cols) continue;
      for (let at = 0, row = 0; at < keys.length; at += KEY_BYTES, row++)
        this.table.set(keys.subarray(at, at + KEY_BYTES), file, offset + row * rowBytes(cols));
    }
  }

  /** The folder of all models. */
  get folder(): string {
    return this.place.folder;
  }

  /** Whether there is a vector of a key, as far as that is known without reading it. */
  has(key: Uint8Array): boolean {
    return this.table.find(key) >= 0;
  }

  /**
   * Read vectors; those that lie one behind the other, as those of a file do that was embedded before, at once.
   * @param take is called for each key that is found, and must copy what it is told
   */
  read(keys: (Uint8Array | undefined)[], take: (row: number, found: Omit<CachedVector, 'key'>) => void): void {
    const { table, cols } = this;
    const length = rowBytes(cols);
    const entries = keys.map((key) => (key === undefined ? -1 : table.find(key)));
    const follows = (row: number): boolean =>
      entries[row] >= 0 &&
      table.fileOf(entries[row]) === table.fileOf(entries[row - 1]) &&
      table.offsetOf(entries[row]) === table.offsetOf(entries[row - 1]) + length;
    for (let start = 0; start < keys.length; ) {
      let end = start + 1;
      if (entries[start] >= 0) {
        while (end < keys.length && follows(end)) end++;
        this.readRun(entries[start], keys.slice(start, end) as Uint8Array[], (row, found) => take(start + row, found));
      }
      start = end;
    }
  }

  private readRun(
    entry: number,
    keys: Uint8Array[],
    take: (row: number, found: Omit<CachedVector, 'key'>) => void,
  ): void {
    const length = rowBytes(this.cols);
    const segment = this.segments[this.table.fileOf(entry)];
    const bytes = keys.length * length;
    if (this.scratch.length < bytes) this.scratch = Buffer.from(new ArrayBuffer(bytes));
    let count = 0;
    try {
      count = readSync(segment.descriptor, this.scratch, 0, bytes, this.table.offsetOf(entry));
    } catch {
      // The rows count as damaged.
    }
    for (const [row, key] of keys.entries()) {
      const end = (row + 1) * length;
      const found = end <= count ? decodeRow(this.scratch.subarray(row * length, end), key, this.checksum) : undefined;
      if (found === undefined) {
        this.damaged++;
        continue;
      }
      segment.isUsed = true;
      this.own.add(segment.path);
      this.hits++;
      take(row, found);
    }
  }

  /** Keep a vector, which is written with others. */
  add(row: CachedVector): void {
    if (!this.canWrite) return;
    this.waiting.push({ ...row, vector: row.vector.slice() });
    if (this.waiting.length === BLOCK_ROWS) this.flush();
  }

  /** Write what waits. */
  flush(): void {
    if (this.waiting.length === 0 || !this.canWrite) return;
    const block = encodeBlock(this.waiting, this.model, this.checksum);
    const { length } = this.waiting;
    this.waiting = [];
    const { folder, size } = this.place;
    try {
      if (makeRoom(folder, size, BLOCKS_FREE * block.length, (path) => this.own.has(path))) {
        this.append(block);
        this.kept += length;
      } else
        this.stopWriting(
          `the cache ${folder} is full: ${formatBytes(size)} (--cache-size) do not hold what this run uses; the rest of it is not kept`,
        );
    } catch (error) {
      this.stopWriting(`${fileError('write', `the cache ${folder}`, error).message}; this run goes on without it`);
    }
  }

  private append(block: Buffer): void {
    makeModelFolder(this.modelFolder);
    const path = this.segmentFor(block.length);
    // Appending, so that processes that write to the same segment do not write over one another.
    const descriptor = openSync(path, 'a');
    try {
      this.own.add(path);
      for (let done = 0; done < block.length; ) done += writeSync(descriptor, block, done);
    } finally {
      closeSync(descriptor);
    }
  }

  /** The last segment, or a new one where the block would make it too large. */
  private segmentFor(bytes: number): string {
    const last = segmentsOf(this.modelFolder).at(-1);
    if (last === undefined) return segmentPath(this.modelFolder, 1);
    const most = Math.max(LEAST_SEGMENT_BYTES, this.place.size / SEGMENTS);
    return last.bytes + bytes <= most
      ? last.path
      : segmentPath(this.modelFolder, 1 + Number(/(\d+)\.vectors$/.exec(last.path)?.[1]));
  }

  private stopWriting(notice: string): void {
    this.canWrite = false;
    this.waiting = [];
    this.onNotice(notice);
  }

  /** Write what waits, and mark what was used. */
  close(): void {
    this.flush();
    const now = new Date();
    for (const { descriptor, isUsed } of this.segments) {
      try {
        if (isUsed) futimesSync(descriptor, now, now);
      } catch {
        // It is another user's: it counts as used when that one uses it.
      }
      closeSync(descriptor);
    }
    if (this.damaged > 0)
      this.onNotice(
        `${formatCount(this.damaged)} vectors in the cache ${this.place.folder} are damaged and were made anew`,
      );
  }
}
