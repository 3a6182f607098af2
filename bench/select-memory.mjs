// What bench/select.mjs runs in a fresh process, where no earlier call has left memory to use again: ROWS K METHOD [EDGES].
import { select } from '@coreset/selector';
import { randomGraph } from './random-graph.mjs';
import { peakMegabytes, resetPeak } from './support.mjs';

const [rows, k, method, edges] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4], process.argv[5]];
const { graph, scores } = randomGraph(rows, k);
const before = resetPeak();
const start = performance.now();
await select(method, { rows, budget: 0.3 * rows, graph, scores }, { edges });
console.log(JSON.stringify({ megabytes: peakMegabytes() - before, seconds: (performance.now() - start) / 1000 }));
