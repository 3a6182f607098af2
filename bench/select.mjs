// Forward pass and selection of 30 % of 1,000,000 nodes; seconds and memory of d2 and auto, and what steering adds. The way the
// published code selects looks over all rows at each pick: paper.mjs has it at a size that it can do.
import { seededRandom } from '@coreset/core';
import { select } from '@coreset/selector';
import { randomGraph } from './random-graph.mjs';
import { machine, median, ownProcess, record, time } from './support.mjs';

const ROWS = 1_000_000;
const { graph, scores } = randomGraph(ROWS, 10);
console.log(machine());
const figures = [];

const tell = (name, seconds, megabytes) => {
  console.log(
    `${name}: ${seconds.toFixed(2)} s${megabytes === undefined ? '' : `, ${megabytes.toFixed(0)} MB more at most`}`,
  );
  figures.push({ name, seconds, megabytes });
};
const secondsOf = async (method, more = {}, options = {}) =>
  median(await time(() => select(method, { rows: ROWS, budget: 0.3 * ROWS, graph, scores, ...more }, options)));

for (const edges of ['directed', 'symmetric'])
  tell(
    `d2, ${edges} edges`,
    await secondsOf('d2', {}, { edges }),
    ownProcess('select-memory.mjs', [ROWS, 10, 'd2', edges]).megabytes,
  );
tell('auto', await secondsOf('auto'), ownProcess('select-memory.mjs', [ROWS, 10, 'auto']).megabytes);
const wide = ownProcess('select-memory.mjs', [ROWS, 32, 'auto']);
tell('auto, k = 32', wide.seconds, wide.megabytes);

const random = seededRandom(2);
const costs = Float64Array.from({ length: ROWS }, () => 1 + random.below(100));
const total = costs.reduce((sum, cost) => sum + cost, 0);
const STEERED = {
  'include 1 %': [{ include: Int32Array.from({ length: ROWS / 100 }, (_, i) => 100 * i) }, {}],
  'balance of 50 groups': [
    { groups: Int32Array.from({ length: ROWS }, () => random.below(50) ** 2) },
    { balance: 'equal' },
  ],
  cost: [{ costs, budget: 0.3 * total }, {}],
  'greatest similarity': [{}, { maxSimilarity: 0.87 }],
};
for (const [name, [more, options]] of Object.entries(STEERED))
  tell(`auto, ${name}`, await secondsOf('auto', more, options));
record('select', { rows: ROWS, figures });
