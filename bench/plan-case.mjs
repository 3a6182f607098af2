// What bench/plan.mjs runs in a fresh process: INPUT OPTIONS, the latter as JSON. Planned and measured, stage by stage.
import { plan, prune } from 'coreset';
import { peakMegabytes } from './support.mjs';

const [input, given] = process.argv.slice(2);
const options = JSON.parse(given);
const start = performance.now();
const planned = await plan(input, options);
const planning = (performance.now() - start) / 1000;
const { seconds: actual, reused } = await prune(input, options);
const stages = planned.stages.map(({ stage, seconds }) => ({ stage, planned: seconds, actual: actual[stage] }));
const megabytes = { planned: planned.memory / 1e6, actual: (peakMegabytes() * 2 ** 20) / 1e6 };
console.log(JSON.stringify({ rows: planned.rows, method: planned.method, stages, reused, planning, megabytes }));
