import { CoresetError, type Sink } from '@coreset/core';
import { requireOneArrow, writeKeptArrow } from './arrow/arrow-file.js';
import type { Format } from './kinds.js';
import { requireOneParquet, writeKeptParquet } from './parquet/parquet-file.js';
import type { JoinedRows, KeepRow, Part, Row } from './row.js';

/** Writers of several files as one, of formats whose files cannot just follow each other. */
const TOGETHER: Partial<Record<Format, typeof writeKeptParquet>> = { parquet: writeKeptParquet, arrow: writeKeptArrow };

export function joinFiles(parts: Part[]): JoinedRows {
  requireOneFormat(parts);
  /** Rows of each part that was read to its end. */
  const counts: (number | undefined)[] = parts.map(() => undefined);

  async function* partBatches(p: number, fields: string[]): AsyncGenerator<Row[], void, undefined> {
    const { file, partitions } = parts[p];
    const own = fields.filter((field) => !Object.hasOwn(partitions, field));
    const added = fields.filter((field) => Object.hasOwn(partitions, field)).map((field) => [field, partitions[field]]);
    let count = 0;
    for await (const batch of file.batches(own)) {
      count += batch.length;
      yield added.length === 0 ? batch : batch.map((row) => ({ ...row, ...Object.fromEntries(added) }));
    }
    counts[p] = count;
  }

  return {
    parts,
    async fields(): Promise<string[]> {
      const names: string[] = [];
      for (const { file, partitions } of parts) {
        const own = await file.fields();
        const more = own.filter((name) => !names.includes(name));
        names.push(...more, ...Object.keys(partitions).filter((name) => !names.includes(name) && !own.includes(name)));
      }
      return names;
    },
    async *batches(fields): AsyncGenerator<Row[], void, undefined> {
      for (let p = 0; p < parts.length; p++) yield* partBatches(p, fields);
    },
    async *wholeBatches(): AsyncGenerator<Row[], void, undefined> {
      for (const { file, partitions } of parts) {
        const whole = file.wholeBatches?.() ?? file.batches(await file.fields());
        for await (const batch of whole) yield batch.map((row) => ({ ...row, ...partitions }));
      }
    },
    async starts(): Promise<number[]> {
      const starts = [0];
      for (let p = 0; p < parts.length; p++) {
        if (counts[p] === undefined) for await (const _ of partBatches(p, []));
        starts.push(starts[p] + (counts[p] ?? 0));
      }
      return starts;
    },
    place(row): string {
      let p = 0;
      let own = row;
      for (; p < parts.length - 1 && own >= (counts[p] ?? Number.POSITIVE_INFINITY); p++) own -= counts[p] ?? 0;
      return `${parts[p].path}: row ${own}`;
    },
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      const write = TOGETHER[parts[0].file.format];
      if (write === undefined) await requireAlike(parts);
      const starts = await this.starts();
      if (write === undefined) return writeTogether(parts, starts, keep, sink);
      const files = parts.map(({ path }, p) => ({ path, keep: (row: number) => keep(starts[p] + row) }));
      return write(files, sink);
    },
  };
}

function requireOneFormat(parts: Part[]): void {
  const [first] = parts;
  const other = parts.find(({ file }) => file.format !== first.file.format);
  if (other !== undefined)
    throw new CoresetError(
      `${first.path} is ${first.file.format}, ${other.path} is ${other.file.format}; several files must be of one format`,
    );
  if (['folder', 'npy', 'npz', 'safetensors'].includes(first.file.format))
    throw new CoresetError(
      `${first.path}: ${first.file.format === 'folder' ? 'a folder of images' : 'vectors'} cannot be joined with other inputs; give it alone`,
    );
}

/**
 * Find out whether the kept rows of several files can follow each other in one.
 * @throws CoresetError naming the first that differs
 */
export async function requireAlike(parts: Part[]): Promise<void> {
  const [first, ...others] = parts;
  const paths = parts.map(({ path }) => path);
  if (first.file.format === 'parquet') return requireOneParquet(paths);
  if (first.file.format === 'arrow') return requireOneArrow(paths);
  const wanted = await first.file.alike?.();
  for (const { path, file } of others) {
    const found = await file.alike?.();
    if (found !== wanted)
      throw new CoresetError(
        `${path} and ${first.path} cannot be one kept file: ${found} beside ${wanted}; write each to its own with --out DIR/`,
      );
  }
}

/** The kept rows of all parts, one after the other in one file. */
async function writeTogether(parts: Part[], starts: number[], keep: KeepRow, sink: Sink): Promise<void> {
  const encoding = /utf-16[lb]e$/.exec((await parts[0].file.alike?.()) ?? '')?.[0];
  const lineBreak = Buffer.from(encoding === undefined ? [10] : encoding === 'utf-16le' ? [10, 0] : [0, 10]);
  let end: Buffer = lineBreak;
  let isBetween = false;
  const lines: Sink = {
    write(bytes) {
      if (bytes.length === 0) return;
      // A file may end without a line break.
      if (isBetween && !end.equals(lineBreak)) sink.write(lineBreak);
      isBetween = false;
      if (!isMark(bytes)) end = Buffer.from(bytes.slice(-lineBreak.length));
      sink.write(bytes);
    },
  };
  for (let p = 0; p < parts.length; p++) {
    isBetween = true;
    await parts[p].file.writeKept((row) => keep(starts[p] + row), lines, p > 0);
  }
}

/** Whether these bytes are a byte-order mark, after which a line begins. */
function isMark(bytes: Uint8Array | string): boolean {
  return bytes.length <= 3 && ['efbbbf', 'fffe', 'feff'].includes(Buffer.from(bytes).toString('hex'));
}
