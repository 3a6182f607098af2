import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMatrix, type Diagnostics, readNpyVector, rowOf, writeNpy } from '@coreset/core';
import { kmeans } from '@coreset/difficulty';
import { modelFiles } from '@coreset/embedder';
import { buildGraph, type GraphOptions, readGraph } from '@coreset/graph';
import { exactQmax } from '@coreset/kernels';
import { type PruneOptions, prune, VERSION } from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusteredMatrix, ROOT, temporaryFolder } from '../../../test/support.ts';
import { WORDS, writeTinyTextModel } from '../../../test/tiny-text-model.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const model = at('model');

/** Ten texts are there twice, some hold the word that the model knows no vector of, and one has more words than count. */
const texts = Array.from({ length: 60 }, (_, row) => {
  const i = row % 50;
  return [WORDS[i % 9], WORDS[Math.floor(i / 9)], ...(i % 10 === 7 ? ['two'] : [])].join(' ');
});
texts[5] = WORDS.slice(0, 8).join(' ');
const rows = texts.map((text, i) => ({ id: `r${i}`, title: text, body: '', score: (i * 7) % 60 }));
const withBad = [...rows, { id: 'bad', title: null, body: null, score: 1 }];

const vectors = clusteredMatrix(200, 8);
/** Rows 150 to 199 are the first again. */
for (let row = 150; row < 200; row++) rowOf(vectors, row).set(rowOf(vectors, row - 150));

beforeAll(async () => {
  writeTinyTextModel(model, { two: 'zeros', config: { model_type: 'bert', max_position_embeddings: 40 } });
  writeFileSync(at('rows.jsonl'), withBad.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await writeNpy(at('vectors.npy'), vectors.data, [200, 8]);
  const few = createMatrix(9, 8);
  for (let row = 0; row < 9; row++) rowOf(few, row).set(rowOf(vectors, row % 6));
  await writeNpy(at('few.npy'), few.data, [9, 8]);
  await writeNpy(at('many.npy'), clusteredMatrix(3000, 12).data, [3000, 12]);
});

interface Manifest {
  environment: Diagnostics;
  stages: Record<string, { key?: string; seconds: number; files: object; diagnostics?: Diagnostics }>;
}

const manifestIn = (runDir: string): Manifest => JSON.parse(readFileSync(join(runDir, 'manifest.json'), 'utf8'));

/** What the manifest says of each stage. */
function diagnosticsIn(runDir: string): Record<string, Diagnostics> {
  const stages = Object.entries(manifestIn(runDir).stages);
  return Object.fromEntries(stages.flatMap(([name, { diagnostics }]) => (diagnostics ? [[name, diagnostics]] : [])));
}

interface Run {
  diagnostics: Record<string, Diagnostics>;
  runDir: string;
  reused: string[];
  order: Int32Array;
}

async function run(input: string, options: Partial<PruneOptions>): Promise<Run> {
  const runDir = options.runDir ?? join(mkdtempSync(at('run-')), 'run');
  const { reused, order } = await prune(at(input), { keep: 12, threads: 2, ...options, runDir });
  return { diagnostics: diagnosticsIn(runDir), runDir, reused, order };
}

const TEXTS: Partial<PruneOptions> = { text: ['title', 'body'], onBadRow: 'skip', model, maxTokens: 7, k: 4 };
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

async function graphFacts(of: Parameters<typeof buildGraph>[0], options: GraphOptions): Promise<Diagnostics> {
  let told: Diagnostics = {};
  await buildGraph(of, {
    ...options,
    onDiagnostics: (_, facts) => {
      told = { ...told, ...facts };
    },
  });
  return told;
}

describe('the manifest of a run of texts', () => {
  test('says what was read and which model with which files made vectors of it', async () => {
    const { diagnostics } = await run('rows.jsonl', TEXTS);
    const hasTwo = texts.filter((text) => text.includes('two')).length;
    expect(hasTwo).toBeGreaterThan(0);
    const files = modelFiles(model, 'q8', 'text').map((name) => [name, sha256(join(model, name))]);
    expect(files.length).toBeGreaterThan(2);
    expect(diagnostics.embed).toMatchObject({
      modality: 'text',
      field: 'title + body',
      columns: ['title', 'body'],
      onBadRow: 'skip',
      badRows: 1,
      model,
      commit: null,
      dtype: 'q8',
      device: 'cpu',
      pooling: 'mean',
      normalise: true,
      prompt: null,
      batchSize: 1,
      maxTokens: 7,
      long: 'head',
      modelFiles: Object.fromEntries(files),
      rows: 60,
      distinct: new Set(texts).size,
      emptyRows: hasTwo,
    });
    // Two tokens of each text are those that the tokenizer adds.
    expect(diagnostics.embed.cutRows).toBe(texts.filter((text) => text.split(' ').length > 5).length);
    expect(diagnostics.select).toMatchObject({ method: 'auto', budget: 12, picks: 12, seed: 0, difficultyWeight: 0 });
  });

  test('names a template and turns as they were given', async () => {
    const template = '{title} and {body}';
    const { diagnostics } = await run('rows.jsonl', { ...TEXTS, text: undefined, template });
    expect(diagnostics.embed).toMatchObject({ field: 'template of title, body', template });
  });

  test('says where it ran', async () => {
    const { runDir } = await run('rows.jsonl', { ...TEXTS, threads: 1 });
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'packages/kernels/package.json'), 'utf8'));
    expect(manifestIn(runDir).environment).toEqual({
      coreset: VERSION,
      node: process.versions.node,
      onnxruntime: dependencies['onnxruntime-node'],
      platform: process.platform,
      arch: process.arch,
      threads: 1,
      qmax: await exactQmax(),
    });
  });
});

describe('the manifest of a run of vectors', () => {
  test('says of k-means and an exact graph what the library says', async () => {
    const { diagnostics, runDir } = await run('vectors.npy', { prototypes: 5, seed: 3 });
    const { iterations, inertia } = await kmeans(vectors, { prototypes: 5, seed: 3 });
    expect(diagnostics.difficulty).toMatchObject({
      source: 'prototype distance',
      prototypes: 5,
      metric: 'euclidean',
      seed: 3,
      iterations,
      inertia,
      trainingRows: 200,
      trainedBy: 'floats',
    });
    const { k, representative } = readGraph(runDir);
    expect(diagnostics.graph).toEqual(await graphFacts(vectors, { k: 32, seed: 3, threads: 2 }));
    expect(diagnostics.graph).toMatchObject({
      kAsked: 32,
      k,
      backendAsked: 'auto',
      backend: 'exact',
      duplicateGroups: 50,
    });
    expect(diagnostics.graph.distinct).toBe(representative.filter((first, row) => first === row).length);
    expect(diagnostics.select).toMatchObject({ rows: 150, picks: 12 });
    expect(Object.keys(diagnostics)).toEqual(['difficulty', 'graph', 'select', 'write', 'report']);
  });

  test('says that k shrank', async () => {
    const { diagnostics } = await run('few.npy', { keep: 3 });
    expect(diagnostics.graph).toMatchObject({ kAsked: 32, k: 5, rows: 9, distinct: 6, duplicateGroups: 3 });
  });

  test('says of an inverted file what the library says', async () => {
    const { diagnostics, runDir } = await run('many.npy', { backend: 'ivf', k: 6, seed: 2 });
    const matrix = clusteredMatrix(3000, 12);
    expect(diagnostics.graph).toEqual(await graphFacts(matrix, { k: 6, backend: 'ivf', seed: 2 }));
    expect(diagnostics.graph).toMatchObject({ backendAsked: 'ivf', backend: 'ivf', seed: 2, k: readGraph(runDir).k });
    expect(diagnostics.graph.descentRounds).toBeLessThanOrEqual(4);
  });
});

test('D2 with options, scores that were brought: the value of each option', async () => {
  const options = { method: 'd2', scores: 'score', gammaForward: 2, kernel: 'gaussian', belowZero: 'silent' } as const;
  const { diagnostics } = await run('rows.jsonl', { ...TEXTS, ...options, seed: 9 });
  const embedded = texts.filter((text) => !text.includes('two')).length;
  expect(diagnostics.difficulty).toEqual({ source: 'scores', scores: 'score', rows: embedded });
  expect(diagnostics.select).toMatchObject({
    method: 'd2',
    budget: 12,
    seed: 9,
    dropDuplicates: true,
    gammaForward: 2,
    gammaReverse: 1,
    kernel: 'gaussian',
    aggregate: 'sum',
    edges: 'symmetric',
    reverse: 'weighted',
    belowZero: 'silent',
  });
  const auto = await run('rows.jsonl', { ...TEXTS, scores: 'score' });
  expect(auto.diagnostics.select.difficultyWeight).toBe(0.5);
});

test.each<[string, Partial<PruneOptions>, Diagnostics]>([
  ['in the run directory', {}, { emit: 'rows', format: 'jsonl', path: 'kept.jsonl' }],
  ['as it was named', { out: at('kept.csv') }, { emit: 'rows', format: 'csv', path: at('kept.csv') }],
  ['ids', { emit: 'ids' }, { emit: 'ids', format: 'ids', path: 'ids.txt' }],
  ['a mask', { emit: 'mask', out: at('mask.npy') }, { emit: 'mask', format: 'mask', path: at('mask.npy') }],
])('where the result went: %s', async (_, options, written) => {
  const { diagnostics } = await run('rows.jsonl', { ...TEXTS, ...options });
  expect(diagnostics.write).toEqual(written);
  expect(diagnostics.report).toEqual({ seed: 0, points: 12 });
});

test('two runs of the same input say the same, in any run directory', async () => {
  const [one, two] = [await run('rows.jsonl', TEXTS), await run('rows.jsonl', TEXTS)];
  expect(two.diagnostics).toEqual(one.diagnostics);
  expect(Object.keys(one.diagnostics)).toEqual(['embed', 'difficulty', 'graph', 'select', 'write', 'report']);
  expect(JSON.stringify(one.diagnostics)).not.toContain(one.runDir);
});

test('a stage that is used again keeps what the run that made it said, and a manifest without any is still used', async () => {
  const first = await run('rows.jsonl', { ...TEXTS, threads: 1 });
  const path = join(first.runDir, 'manifest.json');
  const marked = manifestIn(first.runDir);
  for (const record of Object.values(marked.stages)) record.diagnostics = { ...record.diagnostics, marked: true };
  writeFileSync(path, JSON.stringify(marked));
  const second = await run('rows.jsonl', { ...TEXTS, runDir: first.runDir, keep: 11 });
  expect(second.reused).toEqual(['embed', 'difficulty', 'graph']);
  for (const stage of second.reused)
    expect(second.diagnostics[stage]).toEqual({ ...first.diagnostics[stage], marked: true });
  expect(second.diagnostics.select).toEqual({ ...first.diagnostics.select, budget: 11, picks: 11 });
  expect(manifestIn(first.runDir).environment.threads).toBe(2);

  const without = manifestIn(first.runDir);
  for (const record of Object.values(without.stages)) delete record.diagnostics;
  writeFileSync(path, JSON.stringify(without));
  const third = await run('rows.jsonl', { ...TEXTS, runDir: first.runDir, keep: 11 });
  expect(third.reused).toEqual(['embed', 'difficulty', 'graph', 'select', 'map']);
  expect(third.order).toEqual(second.order);
});

test('an embedding that went on behind what a stopped run left says the same', async () => {
  const many = Array.from({ length: 1500 }, (_, i) => [i, i / 9, i / 81, i / 729].map((n) => WORDS[Math.floor(n) % 9]));
  writeFileSync(at('many.jsonl'), many.map((words) => `${JSON.stringify({ text: words.join(' ') })}\n`).join(''));
  const whole = await run('many.jsonl', { model, k: 4 });
  const runDir = join(mkdtempSync(at('run-')), 'run');
  const onProgress = ({ stage, done }: { stage: string; done: number }): void => {
    if (stage === 'embed' && done > 1024) throw new Error('stopped');
  };
  const options = { model, k: 4, runDir };
  await expect(run('many.jsonl', { ...options, onProgress })).rejects.toThrow('stopped');
  const notices: string[] = [];
  const { diagnostics } = await run('many.jsonl', { ...options, onNotice: (line) => notices.push(line) });
  expect(notices).toContainEqual(expect.stringMatching(/^resuming behind row 1024 of 1500/));
  expect(diagnostics).toEqual(whole.diagnostics);
});

test('a listener is told all that the manifest keeps, as it happens, and the results are the same', async () => {
  const plain = await run('rows.jsonl', TEXTS);
  const told: Record<string, Diagnostics> = {};
  const stages: string[] = [];
  const listening = await run('rows.jsonl', {
    ...TEXTS,
    onDiagnostics(stage, facts) {
      stages.push(stage);
      told[stage] = { ...told[stage], ...facts };
    },
  });
  const { run: environment, ...ofStages } = told;
  expect(ofStages).toEqual(listening.diagnostics);
  expect(environment).toEqual(manifestIn(listening.runDir).environment);
  expect([...new Set(stages.slice(2))]).toEqual(['embed', 'difficulty', 'graph', 'select', 'write', 'report']);
  expect(listening.order).toEqual(plain.order);
  const keys = (runDir: string): unknown[] => Object.values(manifestIn(runDir).stages).map(({ key }) => key);
  expect(keys(listening.runDir)).toEqual(keys(plain.runDir));
  expect(readNpyVector(join(listening.runDir, 'selection.npy'))).toEqual(
    readNpyVector(join(plain.runDir, 'selection.npy')),
  );
});
