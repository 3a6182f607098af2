import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileError, readNpyVector, seededRandom } from '@coreset/core';
import type { RowFile } from '@coreset/rows';
import { type Corpus, columnsRead } from '../input/corpus.js';
import { type Id, idOf } from '../input/ids.js';
import { DROP_REASONS } from '../stages/drop-reasons.js';
import type { DropReason } from '../stages/result-files.js';

/** A row of the input. */
export interface Example {
  row: number;
  id?: Id;
  /** The beginning of its text, or the path of its image; undefined where the input is vectors. */
  text?: string;
  /** The file that it is, where the input names images. */
  image?: string;
}

/** A dropped row and the kept row that stands for it, of a duplicate the earlier row with its content. */
export interface DroppedExample extends Example {
  by?: Example;
  /** The cosine of both, where it is told of rows with that reason. */
  similarity?: number;
}

/** The rows that were dropped for one reason. */
export interface DroppedRows {
  reason: DropReason;
  count: number;
  examples: DroppedExample[];
}

/** Mean Euclidean distance of a row to the nearest kept row, by the number of rows kept. */
export interface ReportCoverage {
  budgets: Int32Array;
  kept: Float64Array;
  random: Float64Array;
}

/** What a report page shows. */
export interface Report {
  name: string;
  rows: number;
  kept: number;
  method: string;
  /** The reasons that there are. */
  reasons: DroppedRows[];
  /** The least cosine of a near-duplicate. */
  nearDuplicate: number;
  /** What people should know of the rows, a line each. */
  notes: string[];
  /** The first picks. */
  first: Example[];
  /** How well the picks cover the rows, and as many at random. */
  coverage: ReportCoverage;
  /** Rows kept and dropped by difficulty, in bins of equal width from 0 to 1. */
  difficulty: { kept: Uint32Array; dropped: Uint32Array };
}

/** Where the parts of a report come from. */
export interface ReportSource {
  name: string;
  notes: string[];
  file: RowFile;
  /** What was embedded, where that were not vectors from the beginning. */
  corpus?: Corpus;
  rows: number;
  method: string;
  nearDuplicate: number;
  /** Kept rows of the input in the order of picks. */
  order: Int32Array;
  /** 1 for each row of the input that is kept. */
  kept: Uint8Array;
  /** The input row of each difficulty. */
  inputRows: Int32Array;
  coverage: ReportCoverage;
  /** Paths of `dropped.jsonl` and `difficulty.npy`. */
  dropped: string;
  difficulty: string;
}

const EXAMPLES = 12;
const BINS = 40;
const TEXT_LENGTH = 400;

/** What is read of a line of `dropped.jsonl`. */
interface DroppedLine {
  row: number;
  reason: DropReason;
  by?: number | null;
  similarity?: number | null;
  duplicateOf?: number;
}

/** Read what a report shows from the files of a run; only examples are held in memory. */
export async function readReport(source: ReportSource): Promise<Report> {
  const reasons = await readReasons(source.dropped);
  const first: Example[] = Array.from(source.order.subarray(0, EXAMPLES), (row) => ({ row }));
  const shown = [...first];
  for (const { examples } of reasons) {
    for (const example of examples) {
      shown.push(example);
      if (example.by) shown.push(example.by);
    }
  }
  await addContents(source, shown);
  const { name, notes, rows, method, nearDuplicate, kept, coverage } = source;
  return {
    name,
    notes,
    rows,
    kept: kept.reduce((count, flag) => count + flag, 0),
    method,
    reasons,
    nearDuplicate,
    first,
    coverage,
    difficulty: countByDifficulty(source),
  };
}

/** Examples are drawn at random, each row of a reason with the same chance (Vitter's algorithm R), the same ones for the same file. */
async function readReasons(path: string): Promise<DroppedRows[]> {
  const reasons = DROP_REASONS.map((reason): DroppedRows => ({ reason, count: 0, examples: [] }));
  const byName = new Map(reasons.map((group) => [group.reason, group]));
  const random = seededRandom(0);
  for await (const line of linesOf(path)) {
    const { reason, ...told } = JSON.parse(line) as DroppedLine;
    const group = byName.get(reason) as DroppedRows;
    const place = group.count < EXAMPLES ? group.count : random.below(group.count + 1);
    group.count++;
    if (place < EXAMPLES) group.examples[place] = exampleOf(reason, told);
  }
  for (const { examples } of reasons) examples.sort((a, b) => a.row - b.row);
  return reasons.filter(({ count }) => count > 0);
}

function exampleOf(
  reason: DropReason,
  { row, by, similarity, duplicateOf }: Omit<DroppedLine, 'reason'>,
): DroppedExample {
  if (reason === 'duplicate') return { row, by: duplicateOf === undefined ? undefined : { row: duplicateOf } };
  return { row, by: typeof by === 'number' ? { row: by } : undefined, similarity: similarity ?? undefined };
}

async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  const input = createReadStream(path);
  let problem: unknown;
  input.on('error', (error) => {
    problem = error;
  });
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    problem ??= error;
  }
  if (problem !== undefined) throw fileError('read', path, problem);
}

/** Texts or images, and ids. */
async function addContents({ file, corpus }: ReportSource, examples: Example[]): Promise<void> {
  if (corpus === undefined) return;
  const { content, idField } = corpus;
  const wanted = new Map<number, Example[]>();
  for (const example of examples) wanted.set(example.row, [...(wanted.get(example.row) ?? []), example]);
  const last = Math.max(...wanted.keys());
  let number = 0;
  for await (const row of file.read(columnsRead(content, idField))) {
    for (const example of wanted.get(number) ?? []) {
      const { value } = content.of(row);
      if (content.modality !== 'vector') example.text = beginning(value);
      if (content.modality === 'image' && value !== '') example.image = resolve(content.folder, value);
      if (idField !== undefined) example.id = idOf(row, idField);
    }
    if (++number > last) break;
  }
}

function beginning(text: string): string {
  return text.length > TEXT_LENGTH ? `${text.slice(0, TEXT_LENGTH)} …` : text;
}

function countByDifficulty({ difficulty, inputRows, kept }: ReportSource): Report['difficulty'] {
  const counts = { kept: new Uint32Array(BINS), dropped: new Uint32Array(BINS) };
  readNpyVector(difficulty).forEach((value, i) => {
    const bin = Math.min(BINS - 1, Math.floor(value * BINS));
    counts[kept[inputRows[i]] === 1 ? 'kept' : 'dropped'][bin]++;
  });
  return counts;
}
