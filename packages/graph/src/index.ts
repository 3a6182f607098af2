export {
  buildGraph,
  GRAPH_BACKENDS,
  GRAPH_OPTIONS,
  type GraphBackend,
  type GraphOptions,
  resolveBackend,
} from './build-graph.js';
export { type GraphWorkload, graphCost, type NearestWorkload, nearestAmongCost } from './cost.js';
export { duplicateGroups } from './duplicates.js';
export type { HnswOptions } from './hnsw.js';
export type { IvfOptions } from './ivf/ivf.js';
export {
  type Adjacency,
  adjacencyOf,
  adjacencySteps,
  EdgeReader,
  type GraphEdges,
  isOneSided,
} from './messages/adjacency.js';
export {
  type Aggregate,
  FORWARD_DEFAULTS,
  FORWARD_OPTIONS,
  type ForwardOptions,
  forwardScores,
  forwardSteps,
  SYMMETRIC_SCORE_FLOOR,
} from './messages/forward.js';
export { type MessageKernel, MessageWeight } from './messages/message-weight.js';
export { type NearestAmong, nearestAmong } from './nearest-among.js';
export {
  GRAPH_FILES,
  type NeighbourGraph,
  noDuplicates,
  readGraph,
  readNeighbourFiles,
  requireGraph,
  writeGraph,
} from './neighbour-graph.js';
export { principalComponents } from './pca/principal-components.js';
export { estimateRecall, RECALL_OPTIONS, type RecallOptions } from './recall.js';
