import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** ONNX element types used by the kernels (onnx.proto, TensorProto.DataType). */
export const ElementType = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
export type ElementTypeCode = (typeof ElementType)[keyof typeof ElementType];

/** A tensor's name, element type and dimensions; a string names a dimension left free until the run. */
export interface TensorSpec {
  name: string;
  type: ElementTypeCode;
  shape: (number | string)[];
}

/** An attribute is an integer, a list of integers, or `{ float }`: a bare number is always an integer. */
export type Attribute = number | number[] | { float: number };

/** One operator of the graph. */
export interface NodeSpec {
  op: string;
  inputs: string[];
  outputs: string[];
  attributes?: Record<string, Attribute>;
}

export interface ModelSpec {
  name: string;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  nodes: NodeSpec[];
}

const IR_VERSION = 8;
const OPSET_VERSION = 17;

enum AttributeKind {
  float = 1,
  int = 2,
  ints = 7,
}

function encodeTensorSpec(writer: BinaryWriter, spec: TensorSpec): void {
  writer.uint32((1 << 3) | 2).string(spec.name);
  writer.uint32((2 << 3) | 2).fork(); // type
  writer.uint32((1 << 3) | 2).fork(); // tensor_type
  writer.uint32((1 << 3) | 0).int32(spec.type);
  writer.uint32((2 << 3) | 2).fork(); // shape
  for (const dimension of spec.shape) {
    writer.uint32((1 << 3) | 2).fork();
    if (typeof dimension === 'number') writer.uint32((1 << 3) | 0).int64(dimension);
    else writer.uint32((2 << 3) | 2).string(dimension);
    writer.join();
  }
  writer.join().join().join();
}

function encodeAttribute(writer: BinaryWriter, name: string, value: Attribute): void {
  writer.uint32((1 << 3) | 2).string(name);
  if (typeof value === 'number') {
    writer.uint32((3 << 3) | 0).int64(value);
    writer.uint32((20 << 3) | 0).int32(AttributeKind.int);
  } else if (Array.isArray(value)) {
    for (const item of value) writer.uint32((8 << 3) | 0).int64(item);
    writer.uint32((20 << 3) | 0).int32(AttributeKind.ints);
  } else {
    writer.uint32((2 << 3) | 5).float(value.float);
    writer.uint32((20 << 3) | 0).int32(AttributeKind.float);
  }
}

/**
 * Serialise a graph as an ONNX model (opset 17), ready for `InferenceSession.create`.
 *
 * The field numbers are those of onnx.proto; only what the kernels need is covered.
 */
export function encodeOnnxModel(graph: ModelSpec): Uint8Array {
  const writer = new BinaryWriter();
  writer.uint32((1 << 3) | 0).int64(IR_VERSION);
  writer.uint32((8 << 3) | 2).fork(); // opset_import
  writer.uint32((2 << 3) | 0).int64(OPSET_VERSION);
  writer.join();
  writer.uint32((7 << 3) | 2).fork(); // graph
  for (const node of graph.nodes) {
    writer.uint32((1 << 3) | 2).fork();
    for (const input of node.inputs) writer.uint32((1 << 3) | 2).string(input);
    for (const output of node.outputs) writer.uint32((2 << 3) | 2).string(output);
    writer.uint32((4 << 3) | 2).string(node.op);
    for (const [name, value] of Object.entries(node.attributes ?? {})) {
      writer.uint32((5 << 3) | 2).fork();
      encodeAttribute(writer, name, value);
      writer.join();
    }
    writer.join();
  }
  writer.uint32((2 << 3) | 2).string(graph.name);
  for (const input of graph.inputs) {
    writer.uint32((11 << 3) | 2).fork();
    encodeTensorSpec(writer, input);
    writer.join();
  }
  for (const output of graph.outputs) {
    writer.uint32((12 << 3) | 2).fork();
    encodeTensorSpec(writer, output);
    writer.join();
  }
  writer.join();
  return writer.finish();
}
