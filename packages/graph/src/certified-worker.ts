import { workerData } from 'node:worker_threads';
import { openVectors, serveTasks, squaredDistance, type Vectors } from '@coreset/core';
import { createCandidateList, NOTHING_LEFT_OUT } from './candidate-list.js';
import { createCodeKernel, unsignedCodes } from './code-kernel.js';
import { createNearestList } from './nearest-list.js';
import { encode, type Quantiser } from './quantise.js';

/** Shared with every worker; all arrays in shared memory. */
export interface CertifiedData {
  vectors: Vectors;
  /** Rows whose neighbours are searched; default: all. */
  queryRows?: Int32Array;
  k: number;
  quantiser: Quantiser;
  /**
   * All rows as codes, in blocks of cols × rows as the products want them. Block b holds the rows b, b + blocks,
   * b + 2 blocks …: rows that follow each other are often alike, and a block offers only so many.
   */
  codes: Int8Array;
  /** Where each block begins, in rows; one more than there are blocks. */
  offsets: Int32Array;
  /** Per row, in the order of the blocks. */
  halfNorms: Int32Array;
  /** One number, the greatest error of a code among all rows; set once all are encoded. */
  largestError: Float64Array;
  /** queries × k results. */
  neighbours: Int32Array;
  distances: Float32Array;
}

/** A product of this size stays in the cache. */
const QUERY_ROWS = 256;
/** Candidates kept per query beyond k + 1; with fewer, fewer lists can be proved. */
const SPARE = 24;

const data = workerData as CertifiedData;
const { vectors, queryRows, k, quantiser, codes, offsets, halfNorms, largestError } = data;
const { rows, cols } = vectors;
const { scale } = quantiser;
const reader = openVectors(vectors);
const capacity = Math.min(rows, k + 1 + SPARE);
const blockCount = offsets.length - 1;
const kernel = createCodeKernel(cols, offersPerBlock(), 'columns');

/** The share of the candidates that a block is likely to hold, and three standard deviations more. */
function offersPerBlock(): number {
  const share = capacity / blockCount;
  return Math.min(capacity, Math.ceil(share + 3 * Math.sqrt(share)) + 1);
}

interface Queries {
  first: number;
  values: Float32Array;
  codes: Uint8Array;
  halfNorms: Int32Array;
  errors: Float64Array;
  list: ReturnType<typeof createCandidateList>;
}

function queriesOf(start: number, end: number): Queries {
  const values = queryRows ? reader.gather(queryRows.subarray(start, end)) : reader.read(start, end);
  const { codes: signed, halfNorms, errors } = encode(quantiser, values, cols);
  const list = createCandidateList(end - start, capacity);
  return { first: start, values, codes: unsignedCodes(signed), halfNorms, errors, list };
}

/**
 * Put consecutive rows, from a multiple of the number of blocks on, into their blocks.
 * @returns the greatest error among them
 */
function encodeRows({ start, end }: { start: number; end: number }): number {
  const encoded = encode(quantiser, reader.read(start, end), cols);
  for (let b = 0; b < blockCount; b++) {
    const width = offsets[b + 1] - offsets[b];
    const place = start / blockCount;
    const count = Math.ceil((end - start - b) / blockCount);
    for (let r = 0; r < count; r++) halfNorms[offsets[b] + place + r] = encoded.halfNorms[b + r * blockCount];
    for (let c = 0; c < cols; c++) {
      const to = offsets[b] * cols + c * width + place;
      for (let r = 0; r < count; r++) codes[to + r] = encoded.codes[(b + r * blockCount) * cols + c];
    }
  }
  return encoded.errors.reduce((greatest, error) => Math.max(greatest, error), 0);
}

/**
 * Find the neighbours of a block of queries by codes, and prove each list with the triangle inequality: a row
 * that was left out is at least its distance by codes, less both errors of coding, away.
 *
 * @returns the queries whose list is not proved
 */
async function searchBlock({ start, end }: { start: number; end: number }): Promise<Int32Array> {
  const parts: Queries[] = [];
  for (let from = start; from < end; from += QUERY_ROWS) parts.push(queriesOf(from, Math.min(end, from + QUERY_ROWS)));
  for (let b = 0; b < blockCount; b++) {
    const base = {
      codes: codes.slice(offsets[b] * cols, offsets[b + 1] * cols),
      rows: offsets[b + 1] - offsets[b],
      halfNorms: halfNorms.slice(offsets[b], offsets[b + 1]),
    };
    for (const { list, codes } of parts)
      await (await kernel).scan(list, codes, base, (index) => index * blockCount + b);
  }
  return Int32Array.from(parts.flatMap(settle));
}

/** The candidates' vectors: all vectors if they are in memory, else read from the file. */
function candidateRows(candidates: Int32Array): { data: Float32Array; placeOf(row: number): number } {
  if ('data' in vectors) return { data: vectors.data, placeOf: (row) => row };
  const listed = [...new Set(candidates)].sort((a, b) => a - b);
  const places = new Map(listed.map((row, place) => [row, place]));
  return { data: reader.gather(listed), placeOf: (row) => places.get(row) as number };
}

/** Take exact distances, nearest by codes first, until no further row can be among the k nearest. */
function settle({ first, values, halfNorms: queryNorms, errors, list }: Queries): number[] {
  const { rows: candidates, scores, sizes, leftOut } = list;
  const base = candidateRows(candidates);
  const unproved: number[] = [];
  const nearest = createNearestList(Math.min(rows, k + 1));
  for (let q = 0; q < sizes.length; q++) {
    nearest.clear();
    const slack = errors[q] + largestError[0];
    // The halves of the norms were rounded down, so this is never too much.
    const leastDistance = (score: number): number =>
      Math.sqrt(Math.max(0, 2 * (queryNorms[q] - score))) / scale - slack;
    for (let c = q * capacity; c < q * capacity + sizes[q]; c++) {
      if (leastDistance(scores[c]) > nearest.farthest()) break;
      nearest.offer(candidates[c], squaredDistance(values, q, base.data, base.placeOf(candidates[c]), cols));
    }
    const proved = leftOut[q] === NOTHING_LEFT_OUT || leastDistance(leftOut[q]) > nearest.farthest();
    const query = first + q;
    if (proved) nearest.write(queryRows ? queryRows[query] : query, k, data.neighbours, data.distances, query * k);
    else unproved.push(query);
  }
  return unproved;
}

serveTasks({ encodeRows, searchBlock });
