// What bench/select.mjs runs in a fresh process, where no earlier call has left memory to use again: ROWS EDGES.
import { d2Select } from '@coreset/selector';
import { randomGraph } from './random-graph.mjs';
import { peakMegabytes, resetPeak } from './support.mjs';

const [rows, edges] = [Number(process.argv[2]), process.argv[3]];
const { graph, scores } = randomGraph(rows, 10);
const before = resetPeak();
d2Select(graph, scores, { budget: 0.3 * rows, edges });
console.log(JSON.stringify({ megabytes: peakMegabytes() - before }));
