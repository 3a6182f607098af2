export { collectGarbage } from './collect-garbage.js';
export { addCosts, type Cost, costOf, THREADS_START } from './cost.js';
export { CoresetError, messageOf, requireInteger, requireNumber } from './errors/error.js';
export { type KnownOptions, pickOptions, requireKnownOptions, withDefaults } from './errors/known-options.js';
export { memoryError } from './errors/memory-error.js';
export { nearestName, nearestOf } from './errors/nearest-name.js';
export { fallingOrder } from './falling-order.js';
export { type AtomicSink, type Sink, writeAtomic, writeFileAtomic } from './files/atomic-write.js';
export { fileError, isSystemError } from './files/file-error.js';
export { hashFile } from './files/hash-file.js';
export { descriptorOf } from './files/open-descriptor.js';
export { putInPlace } from './files/put-in-place.js';
export { writeFully } from './files/write-fully.js';
export { requireRegular, requireWritable, targetOf } from './files/write-target.js';
export { escapeHtml, htmlOf, JUPYTER_DISPLAY, type MimeBundle, type ShowsItself, showAs } from './notebook/display.js';
export {
  NOTEBOOK_HOST,
  type NotebookHost,
  noProgress,
  notebookHost,
  shownInCell,
  stoppedByCell,
} from './notebook/host.js';
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
} from './npy/npy.js';
export {
  NPY_PREAMBLE_BYTES,
  type NpyHeader,
  npyDataOffset,
  npyHeader,
  npyHeaderWithRows,
  parseNpyHeader,
} from './npy/npy-header.js';
export { range, ranges } from './range.js';
export { Representatives } from './representatives.js';
export {
  type Random,
  randomOrder,
  randomOrderSteps,
  requireSeed,
  sampleRows,
  seededRandom,
  seedOf32Bits,
} from './rng.js';
export {
  type Diagnostics,
  type DiagnosticValue,
  diagnose,
  diagnosticsLine,
  isDebugged,
  type OnDiagnostics,
} from './threads/diagnostics.js';
export {
  type Block,
  openPool,
  type Pool,
  type PoolOptions,
  requireThreads,
  runBlocks,
  startThreads,
  type TasksOf,
  threadsOf,
  type WorkerModule,
} from './threads/pool.js';
export { type OnProgress, type Progress, RUN_OPTIONS, type RunOptions } from './threads/progress.js';
export { inOneGo, inParts, inTurns, STEP_ITEMS, type Steps, Turns } from './threads/steps.js';
export { formatBytes, formatCount, formatSeconds } from './units.js';
export { cosineOf } from './vectors/cosine.js';
export { requireFloat32Holds } from './vectors/float64-vectors.js';
export { greatestMagnitude, scaledBy, scaleFor } from './vectors/magnitude.js';
export {
  createMatrix,
  type Matrix,
  matrixFrom,
  matrixOf,
  meanRow,
  normaliseRows,
  rowMask,
  rowOf,
  rowPlaces,
  squaredDistance,
  subtractRow,
  sumOfSquares,
  takeRows,
} from './vectors/matrix.js';
export {
  NUMBER_BYTES,
  type NumberFormat,
  type NumberType,
  requireVectorFormat,
  type ToFloat32,
  toFloat32,
  type VectorFormat,
  type VectorType,
} from './vectors/number-type.js';
export { requireFiniteScores, requireLabels, requireListed, requireScores } from './vectors/row-values.js';
export { readSafetensorsHeader, readTensor, type SafetensorsHeader, type Tensor } from './vectors/safetensors.js';
export {
  createMemory,
  memoryOf,
  sharedBytes,
  sharedInts,
  type WasmMemory,
} from './vectors/shared-memory.js';
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
} from './vectors/vectors.js';
