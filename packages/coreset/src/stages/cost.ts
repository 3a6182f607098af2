import { addCosts, type Cost, costOf } from '@coreset/core';
import { explainCost, type SelectWorkload } from '@coreset/selector';

/** What the time of a stage that reads and writes files of the input depends on. */
export interface FilesWorkload {
  /** Rows of the input. */
  rows: number;
  /** Rows kept. */
  kept: number;
  /** Bytes of the input's files. */
  bytes: number;
  /** Vectors in a file, or rows that have to be taken apart. */
  content: 'text' | 'vectors';
}

/** The graph and the scores are read. */
const START = 0.1;
/** Of a row in both files that it is in, as text. */
const DROPPED = { seconds: 5.5e-6, bytes: 190 };
const KEPT = { seconds: 3e-6, bytes: 110 };
const ROW_MEMORY = 60;

/** What was selected → its reasons, `selection.npy`, `selection.json`, `selected.jsonl`, `dropped.jsonl`. */
export function selectionFilesCost(workload: SelectWorkload): Cost {
  const { rows, budget: kept } = workload;
  const files = costOf({
    serial: START + (rows - kept) * DROPPED.seconds + kept * KEPT.seconds,
    memory: rows * ROW_MEMORY,
    disk: kept * KEPT.bytes + (rows - kept) * DROPPED.bytes,
  });
  return addCosts(explainCost(workload), files);
}

const PER_SCALED_SCORE = 2e-8;

/** External scores → `difficulty.npy`. */
export function scaledScoresCost(rows: number): Cost {
  return costOf({ serial: rows * PER_SCALED_SCORE, memory: rows * 16, disk: rows * 8 });
}

const BYTES_PER_SECOND = { text: 150e6, vectors: 1e9 };
const ROW_WRITTEN = { seconds: 1e-6, memory: 40 };

/** The kept rows, in the format of the input. */
export function resultCost({ rows, kept, bytes, content }: FilesWorkload): Cost {
  return costOf({
    serial: bytes / BYTES_PER_SECOND[content] + rows * ROW_WRITTEN.seconds,
    memory: rows * ROW_WRITTEN.memory,
    disk: (bytes * kept) / rows,
  });
}

/** A column of vectors → `embeddings.npy`. */
export function vectorColumnCost({
  rows,
  cols,
  bytes,
}: Pick<FilesWorkload, 'rows' | 'bytes'> & { cols: number }): Cost {
  return costOf({ serial: bytes / BYTES_PER_SECOND.text, memory: bytes, disk: rows * cols * 4 });
}

/** Of SHA-256, and of reading: per row, and per number of a vector. */
const HASHED = { row: 2e-6, number: 3.5e-9, bytes: 16 };

/** Vectors → `contents.npy`. */
export function vectorContentsCost({ rows, cols }: { rows: number; cols: number }): Cost {
  return costOf({
    serial: rows * (HASHED.row + cols * HASHED.number),
    memory: rows * HASHED.bytes,
    disk: rows * HASHED.bytes,
  });
}
