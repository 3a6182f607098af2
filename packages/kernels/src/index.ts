export { createFloatAssigner } from './float32/assign.js';
export { StoredRows } from './float32/stored-rows.js';
export { createCodeAssigner } from './int8/assign.js';
export { type BlockSearch, createBlockSearch, QUERY_ROWS, type QueryBlock } from './int8/block-search.js';
export { candidateLists, NO_SCORE, strideOf } from './int8/candidate-lists.js';
export { codeProductModel } from './int8/code-product-model.js';
export { createCodeProducts } from './int8/code-products.js';
export { CodeScores } from './int8/code-scores.js';
export { arrangeCodes, arrangeSteps, type CodeTable, createCodeTable } from './int8/code-table.js';
export { exactQmax } from './int8/exact-qmax.js';
export {
  fitQuantiser,
  leastDistance,
  leastScore,
  type Quantiser,
  quantiserSteps,
  ZERO_POINT,
} from './int8/quantise.js';
export { RowEncoder } from './int8/row-encoder.js';
export type { ScannedLists } from './int8/score-scan.js';
export { type MachineSpeed, machineSpeed } from './machine-speed.js';
export { CPU, DEVICE_NAMES, requireDevice } from './onnx/devices.js';
export { ElementType, encodeOnnxModel, type ModelSpec, type NodeSpec, type TensorSpec } from './onnx/model.js';
export { nearestModel, negativeSquaredNorms } from './onnx/nearest.js';
export { gramModel, productModel, residualModel, symmetricProductModel } from './onnx/products.js';
export {
  compileModel,
  createSession,
  floatTensor,
  type InferenceSession,
  int64Scalar,
  type Tensor,
  tensor,
} from './onnx/session.js';
export { softmaxGradientModel } from './onnx/softmax.js';
