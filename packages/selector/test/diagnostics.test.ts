import type { Diagnostics } from '@coreset/core';
import { inTurns, pickOptions } from '@coreset/core';
import { buildGraph } from '@coreset/graph';
import {
  METHODS,
  type MethodName,
  SELECT_OPTIONS,
  type SelectOptions,
  type SelectorInput,
  select,
} from '@coreset/selector';
import { expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';

const ROWS = 120;
const vectors = clusteredMatrix(ROWS, 6);

async function input(): Promise<SelectorInput> {
  return {
    rows: ROWS,
    budget: 30,
    vectors,
    graph: await buildGraph(vectors, { k: 6 }),
    scores: Float64Array.from({ length: ROWS }, (_, row) => ((row * 37) % ROWS) / ROWS),
    labels: Int32Array.from({ length: ROWS }, (_, row) => row % 3),
    target: clusteredMatrix(3, 6, 2),
    seed: 5,
  };
}

async function factsOf(name: MethodName, given: SelectorInput, options: SelectOptions = {}): Promise<Diagnostics> {
  let told: Diagnostics = {};
  const onDiagnostics = (stage: string, facts: Diagnostics): void => {
    expect(stage).toBe('select');
    told = { ...told, ...facts };
  };
  const selection = await select(name, { ...given, onDiagnostics }, options);
  expect(selection).toEqual(await select(name, given, options));
  expect(told.picks).toBe(selection.order.length);
  return told;
}

test.each(Object.keys(METHODS) as MethodName[])(
  'each option of %s is told with the value that it works with',
  async (name) => {
    const given = await input();
    const { method, budget, seed, dropDuplicates, rows, picks, mixedIn, ...others } = await factsOf(name, given);
    const options = pickOptions(others, SELECT_OPTIONS as Record<string, true>);
    expect({ method, budget, seed, dropDuplicates, rows, picks, mixedIn }).toEqual({
      method: name,
      budget: 30,
      seed: 5,
      dropDuplicates: true,
      rows: ROWS,
      picks: 30,
      mixedIn: 0,
    });
    expect(Object.keys(options).sort()).toEqual(METHODS[name].options.toSorted());
    // The method without any option selects the same as with those told.
    const start = METHODS[name].start(given, {});
    const picker = start instanceof Promise ? await start : await inTurns(start);
    const { order } = await select(name, given, options as SelectOptions);
    for (const row of order) {
      expect(await picker.best()).toBe(row);
      await picker.take(row);
    }
  },
);

test('options that were given are told as they were given', async () => {
  const given = await input();
  const options: SelectOptions = { gammaForward: 3, kernel: 'gaussian', belowZero: 'silent', dropDuplicates: false };
  expect(await factsOf('d2', given, options)).toMatchObject({
    ...options,
    gammaReverse: 1,
    aggregate: 'sum',
    edges: 'symmetric',
    reverse: 'weighted',
  });
  expect(await factsOf('d2-cutoff', given)).toMatchObject({ cutoff: 0.1 });
  expect(await factsOf('ccs', given, { strata: 7 })).toMatchObject({ strata: 7, cutoff: 0 });
});

test('rows that repeat no other take part, and those that cannot be told apart are mixed in', async () => {
  const same = clusteredMatrix(ROWS, 6);
  for (let row = 60; row < 90; row++) same.data.copyWithin(row * 6, 0, 6);
  const graph = await buildGraph(same, { k: 6 });
  const plain = { rows: ROWS, budget: 30, graph };
  expect(await factsOf('auto', plain)).toMatchObject({ rows: 90, picks: 30, mixedIn: 0 });
  // Of 120 contents 30 have the vector of an earlier one: a quarter of the picks.
  const contentRepresentative = Int32Array.from({ length: ROWS }, (_, row) => row);
  expect(await factsOf('auto', { ...plain, contentRepresentative })).toMatchObject({ rows: 90, picks: 30, mixedIn: 7 });
  expect(await factsOf('auto', { ...plain, budget: 110 })).toMatchObject({ budget: 110, rows: 90, picks: 90 });
});
