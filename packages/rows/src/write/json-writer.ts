import type { Sink } from '@coreset/core';
import { jsonText } from './json-text.js';
import type { KeptRows } from './kept-rows.js';

/** One JSON object a line. */
export async function writeJsonl(kept: KeptRows, sink: Sink): Promise<void> {
  for await (const { rows } of kept.batches()) for (const row of rows) sink.write(`${jsonText(row)}\n`);
}

/** A JSON array of objects, one a line. */
export async function writeJson(kept: KeptRows, sink: Sink): Promise<void> {
  let before = '[';
  for await (const { rows } of kept.batches()) {
    for (const row of rows) {
      sink.write(`${before}\n${jsonText(row)}`);
      before = ',';
    }
  }
  sink.write(before === '[' ? '[]\n' : '\n]\n');
}
