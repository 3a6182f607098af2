import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMatrix, type Matrix, normaliseRows, seededRandom } from '@coreset/core';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const CORPUS = join(ROOT, 'test/corpora/debian-packages-12k.jsonl');

/** A fresh empty folder. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'coreset test ü '));
}

/** Random rows in a few clusters, of length 1. */
export function clusteredMatrix(rows: number, cols: number, seed = 1, clusters = 8): Matrix {
  const random = seededRandom(seed);
  const centres = Array.from({ length: clusters * cols }, () => random.uniform() - 0.5);
  const matrix = createMatrix(rows, cols);
  for (let i = 0; i < rows; i++) {
    const cluster = random.below(clusters);
    for (let c = 0; c < cols; c++) {
      matrix.data[i * cols + c] = centres[cluster * cols + c] + 0.4 * (random.uniform() - 0.5);
    }
  }
  normaliseRows(matrix.data, cols);
  return matrix;
}

/** The first rows of the bundled corpus. */
export function corpusRows(count: number): { id: string; text: string; section: string }[] {
  const lines = readFileSync(CORPUS, 'utf8').split('\n').slice(0, count);
  return lines.map((line) => JSON.parse(line));
}

/** Run the command line. */
export function coreset(
  args: string[],
  options: { cwd?: string; input?: string | Buffer; env?: NodeJS.ProcessEnv } = {},
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'packages/coreset/bin/coreset.js'), ...args],
    { ...options, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  return { status, stdout, stderr };
}
