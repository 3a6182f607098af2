// What every benchmark needs: the rivals' Python, timed repeats, medians, the machine, a JSON record.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNpyMatrix, writeNpy } from '@coreset/core';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VENV = `${ROOT}bench/.venv`;

/** Clouds name very different processors alike; Linux tells them apart by family and model. */
function processor() {
  const info = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const [family, model] = ['cpu family', 'model'].map((key) => new RegExp(`^${key}\\s*: (\\d+)`, 'm').exec(info)?.[1]);
  return family ? `${cpus()[0].model} (family ${family}, model ${model})` : cpus()[0].model;
}

export function machine() {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${processor()}, ${availableParallelism()} cores, ${gigabytes} GiB, Node ${process.versions.node}, ${process.platform}`;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Seconds of each of `repeats` runs, after one that does not count. */
export async function time(work, repeats = 3) {
  await work();
  const seconds = [];
  for (let r = 0; r < repeats; r++) {
    const start = performance.now();
    await work();
    seconds.push((performance.now() - start) / 1000);
  }
  return seconds;
}

/** A fresh folder, gone when the process ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'coreset-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Most memory that this process had resident, in MB; on Linux maxRSS begins at what the parent had. */
export function peakMegabytes() {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS) / 2 ** 10;
}

/** Let {@link peakMegabytes} begin anew, where the system can. @returns what is resident now, in MB */
export function resetPeak() {
  if (existsSync('/proc/self/clear_refs')) writeFileSync('/proc/self/clear_refs', '5');
  return process.memoryUsage.rss() / 2 ** 20;
}

/** Run a script of this folder in a process of its own; it prints one JSON object on its last line. */
export function ownProcess(script, args) {
  return lastLine(process.execPath, [`${ROOT}bench/${script}`, ...args.map(String)], { env: process.env });
}

function lastLine(command, args, options) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const { stdout, status } = spawnSync(command, args, { ...options, encoding: 'utf8', maxBuffer: 1 << 28, stdio });
  if (status !== 0) throw new Error(`${args[0]} failed`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** Run a rival's Python script, which prints one JSON object on its last line. */
export function rival(script, args) {
  if (!existsSync(VENV)) {
    spawnSync('python3', ['-m', 'venv', VENV], { stdio: 'inherit' });
    spawnSync(`${VENV}/bin/pip`, ['install', '--quiet', '-r', `${ROOT}bench/requirements.txt`], { stdio: 'inherit' });
  }
  // A BLAS held to an older kernel would slow the rival unfairly.
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...env } = process.env;
  return lastLine(`${VENV}/bin/python`, [`${ROOT}bench/rivals/${script}`, ...args.map(String)], { env });
}

/** Keep a benchmark's figures in bench/results, from which docs/benchmarks.md is made. */
export function record(name, figures) {
  mkdirSync(`${ROOT}bench/results`, { recursive: true });
  writeFileSync(
    `${ROOT}bench/results/${name}.json`,
    `${JSON.stringify({ machine: machine(), ...figures }, null, 2)}\n`,
  );
}

/** The texts of the bundled corpus. */
export function corpusTexts() {
  const lines = readFileSync(`${ROOT}test/corpora/debian-packages-12k.jsonl`, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line).text);
}

/** The first rows of an embeddings file, in memory and as a file of their own for the rivals. */
export async function firstRows(path, wanted) {
  const all = readNpyMatrix(path);
  const rows = Math.min(wanted, all.rows);
  const matrix = { data: all.data.subarray(0, rows * all.cols), rows, cols: all.cols };
  const file = join(temporaryFolder(), 'rows.npy');
  await writeNpy(file, matrix.data, [rows, matrix.cols]);
  return { matrix, rows, file };
}
