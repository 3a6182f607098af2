import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { CoresetError, npyHeader, putInPlace, readFully, targetOf, writeFully } from '@coreset/core';
import { openLocked } from '../run/file-lock.js';
import { READING_NUMBERS, type Reading } from './readings.js';

const SHARD_ROWS = 1024;

interface JournalHead {
  key: string;
  cols: number;
}

interface JournalShard {
  rows: number;
  sha256: string;
  /** Readings of its rows in base64, see {@link Reading}. */
  readings: string;
}

/** Shards that a killed run left intact. */
interface Resumed {
  cols: number;
  rows: number;
  journal: string[];
  readings: Int32Array[];
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function readingsOf(base64: string): Int32Array {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return new Int32Array(bytes.buffer);
}

/** Read the journal of an earlier run and check each shard's bytes; whatever follows the first damaged shard is dropped. */
function resume(descriptor: number, journalPath: string, key: string, total: number): Resumed | undefined {
  if (!existsSync(journalPath)) return undefined;
  try {
    const lines = readFileSync(journalPath, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const head: JournalHead = JSON.parse(lines[0]);
    if (head.key !== key) return undefined;
    const header = Buffer.from(npyHeader('<f4', [total, head.cols]));
    const written = Buffer.alloc(header.length);
    readFully(descriptor, written, 0);
    if (!written.equals(header)) return undefined;
    const resumed: Resumed = { cols: head.cols, rows: 0, journal: [lines[0]], readings: [] };
    try {
      for (const line of lines.slice(1)) {
        const shard: JournalShard = JSON.parse(line);
        const bytes = Buffer.alloc(shard.rows * head.cols * 4);
        readFully(descriptor, bytes, header.length + resumed.rows * head.cols * 4);
        if (sha256(bytes) !== shard.sha256) break;
        resumed.readings.push(readingsOf(shard.readings));
        resumed.rows += shard.rows;
        resumed.journal.push(line);
      }
    } catch {
      // A line or shard cut short by the kill: the rows before it stand.
    }
    return resumed;
  } catch {
    return undefined;
  }
}

/**
 * Rows of a {@link ShardFile} that a killed run left intact, without taking the file.
 * @param path of the complete file
 */
export function resumableRows(path: string, total: number, key: string): number {
  const [partPath, journalPath] = [`${path}.part`, `${path}.journal`];
  if (!existsSync(partPath) || !existsSync(journalPath)) return 0;
  const descriptor = openSync(partPath, 'r');
  try {
    return resume(descriptor, journalPath, key, total)?.rows ?? 0;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A `.npy` file of float32 vectors that is written by checksummed shards of {@link SHARD_ROWS} rows. Until it is
 * complete it is `PATH.part` with `PATH.journal`, and one opened with the same key goes on behind the last whole shard.
 * `PATH.part` is locked for as long as it is open, see {@link openLocked}.
 */
export class ShardFile {
  /** Rows that an earlier run wrote. */
  readonly resumedRows: number;
  /** Where the file is until it is published. */
  readonly partPath: string;
  private readonly journalPath: string;
  private readonly descriptor: number;
  /** 0 until the first vector is there. */
  private cols = 0;
  private dataOffset = 0;
  /** Rows in the file. */
  private written: number;
  /** Rows behind them, and how many there are. */
  private shard = new Float32Array(0);
  private filled = 0;
  /** Of all rows, one after the other. */
  readonly readings: Int32Array;

  /**
   * @param total rows of the complete file
   * @param key hash of everything that the vectors depend on
   * @throws CoresetError when another run is writing it
   */
  constructor(
    private readonly path: string,
    private readonly total: number,
    private readonly key: string,
  ) {
    this.partPath = `${path}.part`;
    this.journalPath = `${path}.journal`;
    const file = openLocked(this.partPath);
    if (file === undefined)
      throw new CoresetError(`${this.partPath}: another run is writing this file; wait for it or name another output`);
    this.descriptor = file.descriptor;
    const resumed = resume(this.descriptor, this.journalPath, key, total);
    this.resumedRows = resumed?.rows ?? 0;
    this.written = this.resumedRows;
    this.readings = new Int32Array(total * READING_NUMBERS);
    let at = 0;
    for (const part of resumed?.readings ?? []) {
      this.readings.set(part, at);
      at += part.length;
    }
    if (resumed) this.setCols(resumed.cols);
    try {
      ftruncateSync(this.descriptor, this.offsetOf(this.written));
      if (resumed) appendFileSync(this.journalPath, `${resumed.journal.join('\n')}\n`, { flag: 'w' });
    } catch (error) {
      closeSync(this.descriptor);
      throw error;
    }
  }

  /** Rows so far. */
  get rows(): number {
    return this.written + this.filled;
  }

  append(vector: Float32Array, reading: Reading): void {
    if (this.cols === 0) this.begin(vector.length);
    this.shard.set(vector, this.filled * this.cols);
    this.readings.set(reading, this.rows * READING_NUMBERS);
    this.count();
  }

  /** Append the vector of an earlier row, and its reading. */
  repeat(row: number): void {
    this.readings.copyWithin(this.rows * READING_NUMBERS, row * READING_NUMBERS, (row + 1) * READING_NUMBERS);
    const { shard, cols, filled, written } = this;
    const target = shard.subarray(filled * cols, (filled + 1) * cols);
    if (row >= written) target.set(shard.subarray((row - written) * cols, (row - written + 1) * cols));
    else readFully(this.descriptor, new Uint8Array(target.buffer, target.byteOffset, cols * 4), this.offsetOf(row));
    this.count();
  }

  /** Write what is left of the rows. */
  complete(): void {
    this.flush();
    fsyncSync(this.descriptor);
  }

  /** Put the complete file in its place. */
  publish(): void {
    const target = targetOf(this.path);
    putInPlace(this.partPath, target.kind === 'file' ? target.path : this.path);
    rmSync(this.journalPath, { force: true });
  }

  close(): void {
    if (this.cols === 0) rmSync(this.partPath, { force: true }); // nothing was embedded
    closeSync(this.descriptor);
  }

  private begin(cols: number): void {
    writeFully(this.descriptor, this.setCols(cols), 0);
    appendFileSync(this.journalPath, `${JSON.stringify({ key: this.key, cols } satisfies JournalHead)}\n`, {
      flag: 'w',
    });
  }

  /** @returns the header of the file */
  private setCols(cols: number): Uint8Array {
    const header = npyHeader('<f4', [this.total, cols]);
    this.cols = cols;
    this.dataOffset = header.length;
    this.shard = new Float32Array(SHARD_ROWS * cols);
    return header;
  }

  private count(): void {
    if (++this.filled === SHARD_ROWS) this.flush();
  }

  private flush(): void {
    if (this.filled === 0) return;
    const bytes = new Uint8Array(this.shard.buffer, 0, this.filled * this.cols * 4);
    writeFully(this.descriptor, bytes, this.offsetOf(this.written));
    const line: JournalShard = { rows: this.filled, sha256: sha256(bytes), readings: this.encodedReadings() };
    appendFileSync(this.journalPath, `${JSON.stringify(line)}\n`);
    this.written += this.filled;
    this.filled = 0;
  }

  /** Of the rows that are written next. */
  private encodedReadings(): string {
    const part = this.readings.slice(this.written * READING_NUMBERS, this.rows * READING_NUMBERS);
    return Buffer.from(part.buffer).toString('base64');
  }

  private offsetOf(row: number): number {
    return this.dataOffset + row * this.cols * 4;
  }
}
