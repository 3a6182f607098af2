import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inOneGo, type KnownOptions, matrixFrom, pickOptions, RUN_OPTIONS } from '@coreset/core';
import {
  DIFFICULTY_OPTIONS,
  difficultyScores,
  KMEANS_OPTIONS,
  kmeans,
  PROTOTYPE_DISTANCE_OPTIONS,
  prototypeDistance,
} from '@coreset/difficulty';
import {
  EMBED_OPTIONS,
  embedImages,
  embedStream,
  embedTexts,
  inCache,
  localSettings,
  modelSettings,
  modelSize,
} from '@coreset/embedder';
import {
  adjacencyOf,
  buildGraph,
  estimateRecall,
  FORWARD_OPTIONS,
  forwardScores,
  forwardSteps,
  GRAPH_OPTIONS,
  type NeighbourGraph,
  nearestAmong,
  RECALL_OPTIONS,
} from '@coreset/graph';
import { COVERAGE_CURVES_OPTIONS, coverage, coverageCurves, LINEAR_PROBE_OPTIONS, linearProbe } from '@coreset/metrics';
import { layOut, MAP_OPTIONS } from '@coreset/report';
import {
  OPEN_OPTIONS,
  openRows,
  openRowsInTurns,
  openVectorsFile,
  type RowFile,
  TEXT_OPTIONS,
  textOfRows,
  tryWriting,
  VECTORS_OPTIONS,
  WRITE_OPTIONS,
  writeKeptAs,
  writeKeptFiles,
  writeKeptRows,
  writeKeptTo,
} from '@coreset/rows';
import {
  D2_OPTIONS,
  d2Select,
  explain,
  REASON_OPTIONS,
  reversePassing,
  SELECT_OPTIONS,
  select,
} from '@coreset/selector';
import {
  COMPARE_OPTIONS,
  chooseMethod,
  compareMethods,
  DROPPED_VIEW_OPTIONS,
  droppedView,
  explainRows,
  exportRun,
  MAP_VIEW_OPTIONS,
  METHOD_CHOICE,
  mapView,
  PRUNE_OPTIONS,
  PRUNE_ROWS_OPTIONS,
  plan,
  prune,
  pruneRows,
  type Results,
} from 'coreset';
import { describe, expect, test } from 'vitest';
import { ROOT, temporaryFolder } from '../../../test/support.ts';
import { type PruneFlags, pruneOptions } from '../dist/cli/commands/prune.js';
import { program } from '../dist/cli/program.js';
import { CORPUS_OPTIONS } from '../dist/input/corpus-options.js';
import { LOCAL_OPTIONS } from '../dist/input/local-inputs.js';
import { STEERING_OPTIONS } from '../dist/input/steering.js';
import { EMBED_SETTINGS } from '../dist/stages/embed-corpus.js';

const vectors = matrixFrom([
  [0, 1],
  [1, 1],
  [3, 0],
]);
const graph: NeighbourGraph = {
  rows: 3,
  k: 1,
  neighbours: Int32Array.of(1, 0, 1),
  distances: Float32Array.of(1, 1, 2),
  representative: Int32Array.of(0, 1, 2),
};
const adjacency = adjacencyOf(graph, 'directed');
const scores = Float64Array.of(0.1, 0.2, 0.3);
const file = {} as RowFile;
const sink = { write: () => {} };
const keep = () => true;
const { modality: _, ...OF_ONE_MODALITY } = EMBED_OPTIONS;

/** Every public function with options: its name, every option that it has, and a call with others. */
const FUNCTIONS: [string, KnownOptions, (options: never) => unknown][] = [
  ['modelSettings', EMBED_OPTIONS, modelSettings],
  ['modelSize', EMBED_OPTIONS, modelSize],
  ['localSettings', EMBED_OPTIONS, localSettings],
  ['inCache', EMBED_OPTIONS, (options) => inCache(['a'], options)],
  ['embedStream', EMBED_OPTIONS, (options) => embedStream(['a'], options).next()],
  ['embedTexts', OF_ONE_MODALITY, (options) => embedTexts(['a'], options)],
  ['embedImages', OF_ONE_MODALITY, (options) => embedImages(['a.png'], options)],
  ['kmeans', KMEANS_OPTIONS, (options) => kmeans(vectors, options)],
  ['difficultyScores', DIFFICULTY_OPTIONS, (options) => difficultyScores(vectors, options)],
  ['prototypeDistance', PROTOTYPE_DISTANCE_OPTIONS, (options) => prototypeDistance(vectors, vectors, options)],
  ['buildGraph', GRAPH_OPTIONS, (options) => buildGraph(vectors, options)],
  ['nearestAmong', RUN_OPTIONS, (options) => nearestAmong(vectors, vectors, options)],
  ['estimateRecall', RECALL_OPTIONS, (options) => estimateRecall(vectors, graph, 1, options)],
  ['forwardScores', FORWARD_OPTIONS, (options) => forwardScores(adjacency, scores, options)],
  ['forwardSteps', FORWARD_OPTIONS, (options) => inOneGo(forwardSteps(adjacency, scores, options))],
  ['select', SELECT_OPTIONS, (options) => select('random', { rows: 3, budget: 1 }, options)],
  ['explain', REASON_OPTIONS, (options) => explain([0], { vectors, graph }, options)],
  ['d2Select', D2_OPTIONS, (options) => d2Select(graph, scores, options)],
  ['reversePassing', D2_OPTIONS, (options) => reversePassing(adjacency, scores, options)],
  ['coverage', RUN_OPTIONS, (options) => coverage(vectors, [0], options)],
  ['coverageCurves', COVERAGE_CURVES_OPTIONS, (options) => coverageCurves(vectors, [Int32Array.of(1)], options)],
  ['linearProbe', LINEAR_PROBE_OPTIONS, (options) => linearProbe(vectors, [0, 1, 1], vectors, [0, 1, 1], options)],
  ['openRows', OPEN_OPTIONS, (options) => openRows('nowhere.jsonl', options)],
  ['openRowsInTurns', OPEN_OPTIONS, (options) => openRowsInTurns(['nowhere.jsonl'], options)],
  ['openVectorsFile', VECTORS_OPTIONS, (options) => openVectorsFile('nowhere.npy', options)],
  ['textOfRows', TEXT_OPTIONS, (options) => textOfRows(options, ['text'], [{ text: 'a' }])],
  ['tryWriting', WRITE_OPTIONS, (options) => tryWriting(file, 'nowhere/kept.jsonl', options)],
  ['writeKeptFiles', WRITE_OPTIONS, (options) => writeKeptFiles(file, keep, join(temporaryFolder(), 'kept'), options)],
  ['writeKeptAs', WRITE_OPTIONS, (options) => writeKeptAs('jsonl', file, keep, sink, options)],
  ['writeKeptRows', WRITE_OPTIONS, (options) => writeKeptRows(file, keep, 'nowhere/kept.jsonl', options)],
  ['writeKeptTo', WRITE_OPTIONS, (options) => writeKeptTo(file, keep, sink, options)],
  ['chooseMethod', METHOD_CHOICE, chooseMethod],
  ['compareMethods', COMPARE_OPTIONS, (options) => compareMethods(vectors, options)],
  ['plan', PRUNE_OPTIONS, (options) => plan('nowhere.jsonl', options)],
  ['prune', PRUNE_OPTIONS, (options) => prune('nowhere.jsonl', options)],
  ['pruneRows', PRUNE_ROWS_OPTIONS, (options) => pruneRows(['a'], options)],
  ['explainRows', RUN_OPTIONS, (options) => explainRows({} as Results, [], options)],
  ['exportRun', RUN_OPTIONS, (options) => exportRun({} as Results, 'csv', 'nowhere.csv', options)],
  ['layOut', MAP_OPTIONS, (options) => layOut(vectors, graph, options)],
  ['mapView', MAP_VIEW_OPTIONS, (options) => mapView('nowhere', options)],
  ['droppedView', DROPPED_VIEW_OPTIONS, (options) => droppedView('nowhere', options)],
];

/** The message of what is thrown at once or later; empty where nothing is. */
async function refusal(call: (options: never) => unknown, options: unknown): Promise<string> {
  try {
    await call(options as never);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('an option that a function does not have is refused', () => {
  test.each(FUNCTIONS)('by %s', async (name, known, call) => {
    for (const option of Object.keys(known))
      expect(await refusal(call, { [`${option}x`]: 1 })).toBe(
        `${name} has no option '${option}x'; did you mean '${option}'?`,
      );
    expect(await refusal(call, { ['?'.repeat(9)]: 1 })).toBe(
      `${name} has no option '?????????'; the options are ${Object.keys(known).join(', ')}`,
    );
    expect(await refusal(call, { '?': undefined })).not.toMatch(/option '\?'/);
    for (const [options, got] of [
      [null, 'null'],
      ['options', 'string'],
      [[], 'array'],
    ])
      expect(await refusal(call, options)).toBe(`${name} takes its options as an object, got ${got}`);
  });

  test.each(['embedder', 'difficulty', 'graph', 'selector', 'metrics', 'rows', 'report', 'coreset'])(
    'by each function with options of %s',
    async (folder) => {
      const dist = join(ROOT, 'packages', folder, 'dist');
      const declarations = readdirSync(dist, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.d.ts'))
        .map((path) => readFileSync(join(dist, path), 'utf8'))
        .join('\n');
      const exported: Record<string, unknown> = await import(join(dist, 'index.js'));
      const withOptions = Object.keys(exported).filter((name) => {
        if (typeof exported[name] !== 'function') return false;
        const declared = [...declarations.matchAll(new RegExp(`function ${name}(?:<\\w+>)?\\(([^;]*)\\): `, 'g'))];
        return declared.some(([, parameters]) => /\w+Options\b|MethodChoice/.test(parameters));
      });
      expect(withOptions.length).toBeGreaterThan(0);
      expect(FUNCTIONS.map(([name]) => name)).toEqual(expect.arrayContaining(withOptions));
    },
  );
});

test('of the options given those are handed on that a function has', () => {
  expect(pickOptions({ seed: 1, k: undefined, text: 'a' }, { seed: true, k: true })).toEqual({ seed: 1 });
});

/** What all commands take, and handle themselves. */
const COMMON = ['threads', 'json', 'quiet', 'verbose', 'helpAll'];

/** Per command the options of what it calls, and the flags that it handles itself. */
const COMMANDS: Record<string, [known: KnownOptions, handled: string[]]> = {
  prune: [PRUNE_OPTIONS, ['graphEdges', 'duplicates']],
  plan: [PRUNE_OPTIONS, ['graphEdges', 'duplicates']],
  embed: [{ ...CORPUS_OPTIONS, ...LOCAL_OPTIONS, ...EMBED_SETTINGS }, ['out', 'cache', 'cacheSize']],
  score: [DIFFICULTY_OPTIONS, ['member', 'out']],
  graph: [GRAPH_OPTIONS, ['member', 'out']],
  select: [
    METHOD_CHOICE,
    [
      ...['graph', 'neighbours', 'distances', 'k', 'scores', 'embeddings', 'labels'],
      ...['keep', 'out', 'seed', 'graphEdges', 'duplicates'],
      ...Object.keys(STEERING_OPTIONS),
    ],
  ],
  completion: [{}, []],
  compare: [
    { ...COMPARE_OPTIONS, ...CORPUS_OPTIONS, ...LOCAL_OPTIONS, ...EMBED_SETTINGS },
    ['runDir', 'cache', 'cacheSize'],
  ],
  jupyter: [{}, []],
  explain: [{}, ['row', 'id']],
  show: [{}, ['print']],
  export: [{}, ['format', 'out']],
};

describe('the command line', () => {
  const commands = new Map(
    program().commands.map((command) => [command.name(), command.options.map((option) => option.attributeName())]),
  );

  test('each flag is an option of what its command calls, or handled by the command', () => {
    expect([...commands.keys()].sort()).toEqual(Object.keys(COMMANDS).sort());
    for (const [name, [known, handled]] of Object.entries(COMMANDS)) {
      const flags = commands.get(name) ?? [];
      const others = flags.filter((flag) => !Object.hasOwn(known, flag) && !COMMON.includes(flag));
      expect(others.sort(), name).toEqual(handled.toSorted());
    }
  });

  test('prune gets options that it has, whatever flags are given', () => {
    const given = (commands.get('prune') ?? []).filter((flag) => flag !== 'helpAll'); // ends before
    const flags = Object.fromEntries(given.map((flag) => [flag, 1]));
    const options = pruneOptions(flags as unknown as PruneFlags);
    expect(Object.keys(options).filter((option) => !Object.hasOwn(PRUNE_OPTIONS, option))).toEqual([]);
  });
});
