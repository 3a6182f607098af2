import { availableParallelism } from 'node:os';
import { type Cost, costOf, type RunOptions, threadsOf } from '@coreset/core';
import { machineSpeed } from '@coreset/kernels';
import type { MethodName } from '@coreset/selector';

/** What one stage is expected to take. */
export interface StagePlan {
  stage: string;
  seconds: number;
  /** Resident memory of the process, in bytes. */
  memory: number;
  /** Bytes written. */
  disk: number;
  /** An earlier run left its result, and no work is done. */
  reused?: boolean;
}

/** What a run is expected to take, before its work begins. Meant to be right within a factor of two. */
export interface Plan {
  /** Rows that take part, and rows kept. */
  rows: number;
  kept: number;
  method: MethodName;
  /** Rows whose vectors are in the cache; undefined without one, or where the embeddings are there. */
  cached?: number;
  stages: StagePlan[];
  /** Of all stages together. */
  seconds: number;
  /** The most that any stage needs, in bytes. */
  memory: number;
  /** Bytes written in all. */
  disk: number;
  /** What people should know before the work begins, such as a faster choice: a line each. */
  notices: string[];
}

/** Node with onnxruntime, and each worker thread, before any data, in bytes. */
const BASE_MEMORY = 190e6;
const THREAD_MEMORY = 80e6;

/** A stage of that cost on this machine. */
export async function stagePlan(
  stage: string,
  cost: Cost,
  { threads }: Pick<RunOptions, 'threads'>,
): Promise<StagePlan> {
  const { codes, parallel, serial, memory, disk } = cost;
  const speed = await machineSpeed();
  const started = threadsOf({ threads });
  const atOnce = Math.min(started, availableParallelism());
  const isShared = codes + parallel > 0;
  return {
    stage,
    seconds: codes / atOnce / speed.codes + (parallel / atOnce + serial) / speed.other,
    memory: BASE_MEMORY + (isShared ? started * THREAD_MEMORY : 0) + memory,
    disk,
  };
}

/** A stage whose result an earlier run left. */
export async function reusedStage(stage: string): Promise<StagePlan> {
  return { ...(await stagePlan(stage, costOf({}), {})), reused: true };
}
