import { availableParallelism } from 'node:os';
import { requireInteger, threadsOf } from '@coreset/core';
import { defaultPrototypes } from '@coreset/difficulty';
import type { Modality } from '@coreset/embedder';
import {
  defaultLists,
  defaultMaxCandidates,
  defaultProbes,
  exactCandidates,
  type GraphBackend,
  pairListBytes,
  resolveBackend,
} from '@coreset/graph';
import { curveSample } from '@coreset/metrics';
import type { MethodName } from '@coreset/selector';
import { machineSpeed } from './machine-speed.js';

/** What one stage is expected to take. */
export interface StagePlan {
  stage: string;
  seconds: number;
  /** Resident memory of the process, in bytes. */
  memory: number;
  /** Bytes written. */
  disk: number;
}

/** What a stage's cost depends on. */
export interface Workload {
  rows: number;
  cols: number;
  threads?: number;
}

/** Texts or images to embed. */
export interface EmbeddingWorkload extends Workload {
  modality: Modality;
  /** Rows that differ; others get the vector of one of them. */
  distinct: number;
  /** Characters of these texts together, as far as the model reads them; of images as many as cost the model as much. */
  characters: number;
  /** Bytes of the model's weights. */
  modelBytes: number;
}

/** Thread-seconds at a {@link MachineSpeed} of 1, by what they are spent on. */
interface Work {
  codes?: number;
  floats?: number;
}

// Thread-seconds per unit of work at a machine speed of 1, fitted to runs of 12,000 to 3,000,000 rows.
const PER_TEXT = 1.9e-4;
/** Reading and shrinking a small one; those of a camera take some ten times as long. */
const PER_IMAGE = 4e-3;
const PER_MODEL_BYTE_AND_CHARACTER = 4.8e-13;
const PER_FLOAT_PRODUCT = 1 / 90e9;
/** Of two rows in a search of all pairs, each looked at once. */
const PER_PAIR_PRODUCT = 1 / 300e9;
/** Of a row with a prototype in training: as codes, and what else goes with it. */
const PER_TRAINING_PRODUCT = { codes: 1 / 280e9, floats: 1 / 280e9 };
/** Of two rows of an inverted file. */
const PER_LIST_PAIR = { pair: 3.8e-10, col: 5.6e-12 };
/** Picking k of the products takes as long as the products for this k. */
const K_OF_DOUBLE_TIME = { exact: 64, ivf: 160 };
const PER_EXACT_DISTANCE_NUMBER = 5e-10;
const PER_HNSW_NUMBER = 2e-6;
/** Per edge and doubling of the edges. */
const PER_EDGE = { coverage: 1.5e-8, d2: 8e-9 };
const PER_ROW_WRITTEN = 3e-6;
const THREADS_START = 0.25;

/** Node with onnxruntime, and each worker thread, before any data, in bytes. */
const BASE_MEMORY = 290e6;
const THREAD_MEMORY = 60e6;

async function parallelSeconds({ codes = 0, floats = 0 }: Work, workload: Workload): Promise<number> {
  const threads = Math.min(threadsOf(workload), availableParallelism());
  const speed = await machineSpeed();
  return codes / threads / speed.codes + (floats / threads + THREADS_START) / speed.floats;
}

function memoryOf(bytes: number, workload: Workload): number {
  return BASE_MEMORY + threadsOf(workload) * THREAD_MEMORY + bytes;
}

/** rows → embeddings */
export async function planEmbedding(workload: EmbeddingWorkload): Promise<StagePlan> {
  const { rows, cols, modality, distinct, characters, modelBytes } = workload;
  // A processor without fast products of bytes is slow at the rest of a model too.
  const products = characters * modelBytes * PER_MODEL_BYTE_AND_CHARACTER;
  const work =
    modality === 'image'
      ? { codes: products, floats: distinct * PER_IMAGE }
      : { codes: products + distinct * PER_TEXT };
  return {
    stage: 'embed',
    seconds: await parallelSeconds(work, workload),
    memory: memoryOf(threadsOf(workload) * 3 * modelBytes + rows * 16, workload),
    disk: rows * cols * 4,
  };
}

const KMEANS_ITERATIONS = 20;
const TRAINING_ROWS_PER_PROTOTYPE = 256;

/** embeddings → difficulty */
export async function planDifficulty(workload: Workload, prototypes?: number): Promise<StagePlan> {
  const { rows, cols } = workload;
  const wanted = prototypes ?? defaultPrototypes(rows);
  requireInteger('prototypes', wanted, 1);
  const count = Math.min(rows, wanted);
  const training = Math.min(rows, TRAINING_ROWS_PER_PROTOTYPE * count);
  const trained = KMEANS_ITERATIONS * training * count * cols;
  const work = {
    codes: trained * PER_TRAINING_PRODUCT.codes,
    floats: trained * PER_TRAINING_PRODUCT.floats + rows * count * cols * PER_FLOAT_PRODUCT,
  };
  return {
    stage: 'difficulty',
    seconds: await parallelSeconds(work, workload),
    memory: memoryOf(training * cols * 5 + rows * 24, workload),
    disk: rows * 8,
  };
}

const COPIED = 0.5;
/** Candidates beyond k of which the exact distance is taken. */
const CANDIDATES = { exact: (k: number) => 1.5 * k + 10, ivf: () => 10 };
/** A thread's lists have room for what is not sorted in yet, and are copied when they are complete. */
const PAIR_LIST_COPIES = 2.5;
/** Codes of an inverted file are of principal axes. */
const IVF_AXES = 0.63;
/** Products per row and list: finding lists and assigning the rows; per row and row of a probed list, which is a long one. */
const IVF_PRODUCTS = { assigned: 1.3, searched: 2.4 };
/** Thread-seconds per row: coding, refinements per square of what they follow; and in all. */
const PER_IVF_ROW = { coded: 5e-6, refined: 4.2e-8 };
const IVF_START = 0.2;
/** Bytes per row of the inverted file's tables: per candidate, per probe, per followed candidate. */
const IVF_BYTES = { candidate: 18, probe: 4, followed: 5, row: 40 };

/** embeddings → graph */
export async function planGraph(workload: Workload, k: number, wanted: GraphBackend = 'auto'): Promise<StagePlan> {
  const { rows, cols } = workload;
  requireInteger('k', k, 1);
  const backend = resolveBackend(wanted, workload);
  // Where some rows repeat others, the distinct ones are searched as a copy: between none and all of the vectors.
  const bytes = rows * (COPIED * cols * 4 + cols + 8 * k + 16);
  const graph = { stage: 'graph', disk: rows * (8 * k + 4) };
  if (backend === 'hnsw') {
    const seconds = (rows * cols * PER_HNSW_NUMBER) / (await machineSpeed()).floats;
    return { ...graph, seconds, memory: memoryOf(bytes + rows * cols * 4, workload) };
  }
  const picking = 1 + k / K_OF_DOUBLE_TIME[backend];
  const distances = rows * (k + CANDIDATES[backend](k)) * cols * PER_EXACT_DISTANCE_NUMBER;
  if (backend === 'exact') {
    const work = { codes: rows ** 2 * cols * PER_PAIR_PRODUCT * picking, floats: distances };
    const lists = pairListBytes(rows, await exactCandidates(k), threadsOf(workload));
    const memory = memoryOf(bytes + PAIR_LIST_COPIES * lists, workload);
    return { ...graph, seconds: await parallelSeconds(work, workload), memory };
  }
  const lists = defaultLists(rows);
  const probes = defaultProbes(lists, k);
  const products = IVF_PRODUCTS.assigned * lists + IVF_PRODUCTS.searched * Math.min(rows, probes * (rows / lists));
  const perRow = PER_IVF_ROW.coded + PER_IVF_ROW.refined * defaultMaxCandidates(k) ** 2;
  const pairs = rows * products * picking;
  const work = {
    codes: pairs * IVF_AXES * cols * PER_LIST_PAIR.col,
    floats: IVF_START + pairs * PER_LIST_PAIR.pair + rows * perRow + distances,
  };
  // The lists near each row go before its candidates come.
  const candidates = IVF_BYTES.candidate * (k + CANDIDATES.ivf()) + IVF_BYTES.followed * defaultMaxCandidates(k);
  const probed = IVF_BYTES.probe * probes;
  const tables = rows * (probed + Math.max(probed, candidates) + IVF_BYTES.row);
  return { ...graph, seconds: await parallelSeconds(work, workload), memory: memoryOf(bytes + tables, workload) };
}

const QUADRATIC: MethodName[] = ['facility-location', 'graph-cut', 'k-center', 'semdedup'];
/** Bytes per edge while selecting, and per row of the selection's files. */
const SELECT_BYTES = { edge: 60, kept: 12, dropped: 190 };

/** graph and difficulty → selection */
export async function planSelection(
  workload: Workload,
  k: number,
  method: MethodName,
  budget: number,
): Promise<StagePlan> {
  const { rows, cols } = workload;
  const edges = rows * k;
  const perEdge = method === 'auto' ? PER_EDGE.coverage : PER_EDGE.d2;
  const products = QUADRATIC.includes(method) ? rows * rows * cols * PER_FLOAT_PRODUCT : 0;
  const work = edges * Math.log2(edges + 2) * perEdge + products + rows * PER_ROW_WRITTEN;
  return {
    stage: 'select',
    seconds: work / (await machineSpeed()).floats,
    memory: memoryOf(edges * SELECT_BYTES.edge + rows * 60, workload),
    disk: budget * SELECT_BYTES.kept + (rows - budget) * SELECT_BYTES.dropped,
  };
}

const PER_REPORT_PRODUCT = 8e-11;
/** Loading what draws the plots. */
const REPORT_START = 0.6;
const REPORT_BYTES = 40e3;

/** selection → report page, with the coverage of the picks and of as many at random. */
export async function planReport(workload: Workload, budget: number): Promise<StagePlan> {
  const { rows, cols } = workload;
  const measured = Math.min(rows, 2 * budget) * cols;
  const seconds = REPORT_START + measured * curveSample(measured) * PER_REPORT_PRODUCT;
  return {
    stage: 'report',
    seconds: seconds / (await machineSpeed()).floats,
    memory: memoryOf(rows * 30, workload),
    disk: REPORT_BYTES,
  };
}

const BYTES_PER_SECOND = { text: 60e6, vectors: 500e6 };

/** selection → kept rows; `bytes` is the size of the input. */
export async function planWriting(
  workload: Workload,
  budget: number,
  bytes: number,
  content: keyof typeof BYTES_PER_SECOND,
): Promise<StagePlan> {
  return {
    stage: 'write',
    seconds: bytes / BYTES_PER_SECOND[content] / (await machineSpeed()).floats,
    memory: memoryOf(workload.rows * 40, workload),
    disk: (bytes * budget) / workload.rows,
  };
}
