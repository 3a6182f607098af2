import type { Sink } from '@coreset/core';
import type { KeepRow, OpenOptions, Row, RowContents } from '../row.js';
import { brokenRow } from './broken-row.js';
import { encodingError } from './encoding-error.js';
import { arrayParts } from './json-array.js';
import { type ArrayLayout, jsonLayout } from './json-layout.js';
import { firstFields, parseRow, type ReadRow, rowPicker } from './json-rows.js';
import { jsonlFile } from './jsonl.js';
import type { TextSource } from './line-blocks.js';

const COMMA = Buffer.from(',');

/** An array of objects, an object that holds one such array, or, as many files named .json are, an object a line. */
export function jsonFile(source: TextSource): RowContents {
  let known: Promise<RowContents> | undefined;
  const contents = (): Promise<RowContents> =>
    (known ??= jsonLayout(source).then((layout) =>
      layout === 'lines' ? jsonlFile(source) : arrayFile(source, layout),
    ));
  return {
    fields: async (): Promise<string[]> => (await contents()).fields(),
    async *batches(fields: string[]): AsyncGenerator<Row[], void, undefined> {
      yield* (await contents()).batches(fields);
    },
    async *wholeBatches(): AsyncGenerator<Row[], void, undefined> {
      const opened = await contents();
      yield* opened.wholeBatches ? opened.wholeBatches() : opened.batches(await opened.fields());
    },
    // Two arrays behind each other are no JSON: nothing is like one, so that they are not put into one file.
    alike: async (): Promise<string> => (await (await contents()).alike?.()) ?? `the array in ${source.path}`,
    writeKept: async (keep: KeepRow, sink: Sink, isContinued?: boolean): Promise<void> =>
      (await contents()).writeKept(keep, sink, isContinued),
  };
}

function arrayFile(source: TextSource, { start, charset, alone }: ArrayLayout): RowContents {
  const { path, options } = source;

  async function* rows(read: ReadRow, options: OpenOptions): AsyncGenerator<Row[], void, undefined> {
    let number = 0;
    for await (const part of arrayParts(source, start, alone)) {
      if (part.kind === 'around') continue;
      yield part.elements.map((bytes) => {
        number++;
        try {
          return read(decoded(bytes, number), `${path}, element`, number);
        } catch (error) {
          return brokenRow(error, options);
        }
      });
    }
  }

  function decoded(bytes: Buffer, number: number): string {
    try {
      return charset.decode(bytes);
    } catch {
      throw encodingError(`${path}, element ${number}`, charset);
    }
  }

  return {
    fields: (): Promise<string[]> => firstFields(options, (quiet) => rows(parseRow, quiet)),
    batches: (fields: string[]) => rows(rowPicker(fields), options),
    wholeBatches: () => rows(parseRow, options),
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      let row = 0;
      let kept = 0;
      for await (const part of arrayParts(source, start, alone)) {
        if (part.kind === 'around') {
          sink.write(part.bytes);
          continue;
        }
        for (const element of part.elements) {
          if (!keep(row++)) continue;
          if (kept++ > 0) sink.write(COMMA);
          sink.write(element);
        }
      }
    },
  };
}
