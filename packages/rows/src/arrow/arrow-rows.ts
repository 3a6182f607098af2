import { CoresetError, type Sink } from '@coreset/core';
import { fileSource } from '../bytes/source.js';
import type { KeepRow, Row } from '../row.js';
import { setField } from '../values/numbers.js';
import { batchRows, readArrays } from './arrays.js';
import { dictionaryFields, JoinedDictionaries, sharedDictionaries } from './joined-dictionaries.js';
import { damaged, type OpenArrow, openArrow, readBatches } from './messages.js';
import { arrayReader, type Dictionaries } from './values.js';
import { writeKept } from './write-kept.js';

/** One of the Arrow files whose kept rows are written into one. */
export interface ArrowPart {
  path: string;
  keep: KeepRow;
}

const BATCH_ROWS = 1000;

async function withArrow<T>(path: string, use: (arrow: OpenArrow) => Promise<T>): Promise<T> {
  const source = await fileSource(path);
  try {
    return await use(await openArrow(source));
  } finally {
    await source.close();
  }
}

/** The names of the columns. */
export function arrowColumns(path: string): Promise<string[]> {
  return withArrow(path, async ({ fields }) => fields.map(({ name }) => name));
}

/** See the function of this name in arrow-file.ts. */
export async function requireOneArrow(paths: string[]): Promise<void> {
  await withAll(paths, async (files) => {
    requireSameColumns(files);
    if (files[0].container === 'file') await naming(files, () => JoinedDictionaries.read(files));
  });
}

/** See the function of this name in arrow-file.ts. */
export async function writeKeptArrow(parts: ArrowPart[], sink: Sink): Promise<void> {
  let sinkError: unknown;
  const watched: Sink = {
    write(bytes) {
      try {
        sink.write(bytes);
      } catch (error) {
        sinkError = error;
        throw error;
      }
    },
  };
  await withAll(
    parts.map(({ path }) => path),
    async (files) => {
      requireSameColumns(files);
      try {
        const open = parts.map(({ keep }, p) => ({ arrow: files[p], keep }));
        await naming(files, () => writeKept(open, watched));
      } catch (error) {
        throw sinkError ?? error;
      }
    },
  );
}

/** Open all files; none is held open but while it is read, since there may be more than a process can. */
async function withAll<T>(paths: string[], use: (files: OpenArrow[]) => Promise<T>): Promise<T> {
  const files: OpenArrow[] = [];
  for (const path of paths)
    await withArrow(path, async (file) => {
      files.push(file);
    });
  try {
    return await use(files);
  } finally {
    for (const { source } of files) await source.close();
  }
}

async function naming<T>(files: OpenArrow[], use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw damaged(files.map(({ source }) => source.name).join(', '), error);
  }
}

function requireSameColumns([first, ...others]: OpenArrow[]): void {
  for (const other of others) {
    const names = `${first.source.name} and ${other.source.name}`;
    for (let c = 0; c < Math.max(first.fields.length, other.fields.length); c++) {
      const [a, b] = [first.fields[c], other.fields[c]];
      if (a?.name === b?.name && a?.type === b?.type) continue;
      const how = a?.name === b?.name ? ` (${a.type} beside ${b.type})` : '';
      throw new CoresetError(
        `${names} have different columns, first '${(a ?? b).name}'${how}; give files with the same columns, or write each to its own file with --out DIR/`,
      );
    }
    if (sharedDictionaries(first.fields) !== sharedDictionaries(other.fields))
      throw new CoresetError(
        `${names} share their dictionaries between different columns; write each to its own file with --out DIR/`,
      );
  }
}

/** The rows with the columns asked for. */
export async function* arrowBatches(path: string, names: string[]): AsyncGenerator<Row[], void, undefined> {
  const source = await fileSource(path);
  try {
    const arrow = await openArrow(source);
    for (const name of names) {
      if (arrow.fields.filter((field) => field.name === name).length > 1)
        throw new CoresetError(`${path}: names the column '${name}' twice; rename one of them`);
    }
    yield* readRows(arrow, new Set(names));
  } catch (error) {
    throw damaged(path, error);
  } finally {
    await source.close();
  }
}

async function* readRows(arrow: OpenArrow, names: Set<string>): AsyncGenerator<Row[], void, undefined> {
  const { source, fields } = arrow;
  const wanted = fields.filter(({ name }) => names.has(name));
  const entryFields = dictionaryFields(wanted);
  const dictionaries: Dictionaries = new Map();
  for await (const batch of readBatches(arrow)) {
    if (batch.dictionary) {
      const { id, isDelta } = batch.dictionary;
      const field = entryFields.get(id);
      if (field === undefined) continue;
      const [values] = await readArrays(source, batch, [field], () => true);
      const read = arrayReader(values, dictionaries);
      addEntries(
        dictionaries,
        id,
        Array.from({ length: values.length }, (_, i) => read(i)),
        isDelta,
      );
      continue;
    }
    const arrays = await readArrays(source, batch, fields, (field) => wanted.includes(field));
    const readers = arrays.map((array) => arrayReader(array, dictionaries));
    const count = batchRows(batch, fields);
    for (let start = 0; start < count; start += BATCH_ROWS) {
      const rows: Row[] = [];
      for (let i = start; i < Math.min(count, start + BATCH_ROWS); i++) {
        const row: Row = {};
        for (const [c, read] of readers.entries()) setField(row, wanted[c].name, read(i));
        rows.push(row);
      }
      yield rows;
    }
  }
}

/** A stream may add to a dictionary or replace it; batches before keep what they had. */
function addEntries(dictionaries: Dictionaries, id: number, entries: unknown[], isDelta: boolean): void {
  const before = isDelta ? dictionaries.get(id) : undefined;
  const all = before ? [...before.entries, ...entries] : entries;
  dictionaries.set(id, { entries: all });
}
