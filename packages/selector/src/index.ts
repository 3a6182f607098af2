export { type Keep, parseKeep } from './budget.js';
export { type D2Options, d2Select, reversePassing } from './d2.js';
export { MaxHeap } from './max-heap.js';
export { keptRows, requireBudget, type Selection } from './selection.js';
