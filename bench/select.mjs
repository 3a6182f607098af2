// Forward pass and selection of 30 % of 1,000,000 nodes with ten neighbours each; seconds and memory.
import { d2Select, select } from '@coreset/selector';
import { D2_EDGES, randomGraph } from './random-graph.mjs';
import { machine, median, ownProcess, record, time } from './support.mjs';

const ROWS = 1_000_000;
const { graph, scores } = randomGraph(ROWS, 10);
console.log(machine());
const figures = [];
for (const edges of D2_EDGES) {
  const select = () => d2Select(graph, scores, { budget: 0.3 * ROWS, edges });
  const seconds = median(await time(select));
  const { megabytes } = ownProcess('select-memory.mjs', [ROWS, edges]);
  console.log(`d2, ${edges} edges: ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB more at most`);
  figures.push({ name: `d2 ${edges}`, seconds, megabytes });
}
const auto = median(await time(() => select('auto', { rows: ROWS, budget: 0.3 * ROWS, graph }), 1));
console.log(`auto: ${auto.toFixed(2)} s`);
figures.push({ name: 'auto', seconds: auto });
record('select', { rows: ROWS, figures });
