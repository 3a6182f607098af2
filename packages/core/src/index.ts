export { type AtomicSink, type Sink, writeAtomic, writeFileAtomic } from './atomic-write.js';
export { candidateLists, NO_SCORE, strideOf } from './candidate-lists.js';
export { codeGraph } from './code-graph.js';
export { type CodeKernel, type CodeQueries, createCodeKernel, QUERY_ROWS } from './code-kernel.js';
export { createCodeProducts } from './code-products.js';
export { CodeScores } from './code-scores.js';
export { arrangeCodes, arrangeSteps, type CodeTable, createCodeTable } from './code-table.js';
export { CoresetError, messageOf, requireInteger, requireNumber } from './error.js';
export { largestExactCode } from './exact-codes.js';
export { fallingOrder } from './falling-order.js';
export { fileError, isSystemError } from './file-error.js';
export { FirstRows, type Repeats } from './first-rows.js';
export { requireFloat32Holds } from './float64-vectors.js';
export { createKernel, createSession, floatTensor, type InferenceSession, int64Scalar, Tensor } from './kernel.js';
export { type KnownOptions, pickOptions, requireKnownOptions } from './known-options.js';
export { greatestMagnitude, scaledBy, scaleFor } from './magnitude.js';
export {
  createMatrix,
  type Matrix,
  matrixFrom,
  matrixOf,
  meanRow,
  normaliseRows,
  rowMask,
  rowOf,
  squaredDistance,
  subtractRow,
  takeRows,
} from './matrix.js';
export { memoryError } from './memory-error.js';
export { nearestGraph, negativeSquaredNorms } from './nearest-graph.js';
export { nearestName, nearestOf } from './nearest-name.js';
export {
  type NpyArray,
  openNpyVectors,
  readNpy,
  readNpyHeader,
  readNpyMatrix,
  readNpyVector,
  requireNpyLength,
  requireTwoDimensions,
  vectorFileOf,
  writeNpy,
} from './npy.js';
export {
  NPY_PREAMBLE_BYTES,
  type NpyHeader,
  npyDataOffset,
  npyHeader,
  npyHeaderWithRows,
  parseNpyHeader,
} from './npy-header.js';
export {
  NUMBER_BYTES,
  type NumberFormat,
  type NumberType,
  requireVectorFormat,
  type ToFloat32,
  toFloat32,
  type VectorFormat,
  type VectorType,
} from './number-type.js';
export { ElementType, encodeOnnxModel, type GraphSpec, type NodeSpec, type TensorSpec } from './onnx-graph.js';
export { descriptorOf } from './open-descriptor.js';
export {
  openPool,
  type Pool,
  type PoolOptions,
  requireThreads,
  runBlocks,
  startThreads,
  type Tasks,
  threadsOf,
  type WorkerModule,
} from './pool.js';
export { productGraph } from './product-graph.js';
export { type OnProgress, type Progress, RUN_OPTIONS, type RunOptions } from './progress.js';
export { putInPlace } from './put-in-place.js';
export { fitQuantiser, leastDistance, leastScore, type Quantiser, quantiserSteps, ZERO_POINT } from './quantise.js';
export { range, ranges } from './range.js';
export {
  type Random,
  randomOrder,
  randomOrderSteps,
  requireSeed,
  sampleRows,
  seededRandom,
  seedOf32Bits,
} from './rng.js';
export { RowEncoder } from './row-encoder.js';
export { RowStore } from './row-store.js';
export { requireFiniteScores, requireLabels, requireListed, requireScores } from './row-values.js';
export type { ScannedLists } from './score-scan.js';
export { type SharedMemory, sharedInts } from './shared-memory.js';
export { inOneGo, inParts, inTurns, STEP_ITEMS, type Steps } from './steps.js';
export {
  blockSteps,
  finiteSteps,
  forEachBlock,
  gatherRows,
  gatherSteps,
  loadSteps,
  loadVectors,
  memoryOfVectors,
  openVectors,
  readColumnMajor,
  readFully,
  requireFinite,
  requireVectors,
  rowBuffer,
  shareSteps,
  shareVectors,
  subsetOf,
  subsetSteps,
  type VectorFile,
  type VectorReader,
  type Vectors,
} from './vectors.js';
export { writeFully } from './write-fully.js';
export { requireRegular, requireWritable, targetOf } from './write-target.js';
