export { type Adjacency, adjacencyOf, adjacencySteps, EdgeReader, type GraphEdges, isOneSided } from './adjacency.js';
export {
  buildGraph,
  GRAPH_BACKENDS,
  GRAPH_OPTIONS,
  type GraphBackend,
  type GraphOptions,
  resolveBackend,
} from './build-graph.js';
export { duplicateGroups } from './duplicates.js';
export { exactCandidates } from './exact.js';
export {
  type Aggregate,
  FORWARD_OPTIONS,
  type ForwardOptions,
  forwardScores,
  forwardSteps,
  SYMMETRIC_SCORE_FLOOR,
} from './forward.js';
export type { HnswOptions } from './hnsw.js';
export { defaultLists, defaultProbes, type IvfOptions } from './ivf.js';
export { followedCandidates } from './ivf-layout.js';
export { type MessageKernel, MessageWeight } from './message-weight.js';
export {
  GRAPH_FILES,
  type NeighbourGraph,
  noDuplicates,
  readGraph,
  readNeighbourFiles,
  requireGraph,
  writeGraph,
} from './neighbour-graph.js';
export { pairListBytes } from './pair-search.js';
export { estimateRecall, RECALL_OPTIONS, type RecallOptions } from './recall.js';
