// What bench/select.mjs runs in a fresh process, where no earlier call has left memory to use again: EDGES.
import { d2Select } from '@coreset/selector';
import { randomGraph } from './random-graph.mjs';
import { peakMegabytes, resetPeak } from './support.mjs';

const ROWS = 1_000_000;
const { graph, scores } = randomGraph(ROWS, 10);
const before = resetPeak();
d2Select(graph, scores, { budget: 0.3 * ROWS, edges: process.argv[2] });
console.log(JSON.stringify({ megabytes: peakMegabytes() - before }));
