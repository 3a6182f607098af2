import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { CoresetError, fileError, type Matrix, npyHeader, type OnProgress, readFully, writeFully } from '@coreset/core';
import { type EmbedOptions, embedStream } from '@coreset/embedder';

const SHARD_ROWS = 1024;

interface JournalHead {
  key: string;
  cols: number;
}

interface JournalShard {
  rows: number;
  sha256: string;
}

/** Shards that a killed run left intact. */
interface Resumed {
  cols: number;
  rows: number;
  journal: string[];
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Read the journal of an earlier run and check each shard's bytes; whatever follows the first damaged shard is dropped. */
function resume(partPath: string, journalPath: string, key: string, total: number): Resumed | undefined {
  if (!existsSync(partPath) || !existsSync(journalPath)) return undefined;
  const lines = readFileSync(journalPath, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const descriptor = openSync(partPath, 'r');
  try {
    const head: JournalHead = JSON.parse(lines[0]);
    if (head.key !== key) return undefined;
    const dataOffset = npyHeader('<f4', [total, head.cols]).length;
    const resumed: Resumed = { cols: head.cols, rows: 0, journal: [lines[0]] };
    try {
      for (const line of lines.slice(1)) {
        const shard: JournalShard = JSON.parse(line);
        const bytes = Buffer.alloc(shard.rows * head.cols * 4);
        readFully(descriptor, bytes, dataOffset + resumed.rows * head.cols * 4);
        if (sha256(bytes) !== shard.sha256) break;
        resumed.rows += shard.rows;
        resumed.journal.push(line);
      }
    } catch {
      // A line or shard cut short by the kill: the rows before it stand.
    }
    return resumed;
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

async function* skipItems(items: AsyncIterable<string>, count: number): AsyncGenerator<string, void, undefined> {
  let number = 0;
  for await (const item of items) if (number++ >= count) yield item;
}

/** Blocks regrouped to exactly {@link SHARD_ROWS} rows, the last one shorter. */
async function* shards(
  blocks: AsyncIterable<Matrix>,
): AsyncGenerator<{ bytes: Uint8Array; rows: number; cols: number }> {
  let shard = new Float32Array(0);
  let filled = 0;
  let cols = 0;
  for await (const block of blocks) {
    if (cols === 0) {
      cols = block.cols;
      shard = new Float32Array(SHARD_ROWS * cols);
    }
    for (let start = 0; start < block.data.length; ) {
      const count = Math.min(block.data.length - start, shard.length - filled);
      shard.set(block.data.subarray(start, start + count), filled);
      filled += count;
      start += count;
      if (filled === shard.length) {
        yield { bytes: new Uint8Array(shard.buffer), rows: SHARD_ROWS, cols };
        filled = 0;
      }
    }
  }
  if (filled > 0) yield { bytes: new Uint8Array(shard.buffer, 0, filled * 4), rows: filled / cols, cols };
}

/**
 * Embed texts or images into a `.npy` file by checksummed shards. A killed run leaves `PATH.part` and `PATH.journal`;
 * the next call with the same key goes on behind the last whole shard and ends with the same bytes.
 *
 * @param items texts, or paths of images
 * @param total their number
 * @param key hash of everything that the vectors depend on
 * @throws CoresetError when the items are fewer or more than `total`, or the file cannot be written
 */
export async function embedToFile(
  path: string,
  items: AsyncIterable<string>,
  total: number,
  key: string,
  options: EmbedOptions,
): Promise<void> {
  const partPath = `${path}.part`;
  const journalPath = `${path}.journal`;
  try {
    const resumed = resume(partPath, journalPath, key, total);
    if (resumed && resumed.rows > 0)
      options.onNotice?.(`resuming behind row ${resumed.rows} of ${total}, embedded by an earlier run`);
    await embedShards(partPath, journalPath, items, total, key, resumed, options);
    renameSync(partPath, path);
    rmSync(journalPath, { force: true });
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? fileError('write', path, error) : error;
  }
}

async function embedShards(
  partPath: string,
  journalPath: string,
  items: AsyncIterable<string>,
  total: number,
  key: string,
  resumed: Resumed | undefined,
  options: EmbedOptions,
): Promise<void> {
  let { rows, cols } = resumed ?? { rows: 0, cols: 0 };
  const descriptor = openSync(partPath, resumed ? 'r+' : 'w');
  try {
    const dataOffset = (): number => npyHeader('<f4', [total, cols]).length;
    if (resumed) {
      ftruncateSync(descriptor, dataOffset() + rows * cols * 4);
      appendFileSync(journalPath, `${resumed.journal.join('\n')}\n`, { flag: 'w' });
    }
    if (rows === total) return;
    const first = rows;
    const onProgress: OnProgress | undefined =
      options.onProgress && (({ stage, done }) => options.onProgress?.({ stage, done: first + done, total }));
    for await (const shard of shards(embedStream(skipItems(items, first), { ...options, onProgress }))) {
      if (cols === 0) {
        cols = shard.cols;
        writeFully(descriptor, npyHeader('<f4', [total, cols]), 0);
        appendFileSync(journalPath, `${JSON.stringify({ key, cols } satisfies JournalHead)}\n`, { flag: 'w' });
      }
      if (rows + shard.rows > total)
        throw new CoresetError(`the input changed while it was read: more than ${total} rows; run again`);
      writeFully(descriptor, shard.bytes, dataOffset() + rows * cols * 4);
      appendFileSync(
        journalPath,
        `${JSON.stringify({ rows: shard.rows, sha256: sha256(shard.bytes) } satisfies JournalShard)}\n`,
      );
      rows += shard.rows;
    }
    if (rows !== total)
      throw new CoresetError(`the input changed while it was read: ${rows} rows, not ${total}; run again`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
    if (cols === 0) rmSync(partPath); // nothing was embedded
  }
}
