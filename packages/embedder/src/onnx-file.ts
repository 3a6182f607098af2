import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { CoresetError, fileError } from '@coreset/core';

/** What an ONNX file says of itself, beside its operators and weights. */
export interface OnnxOutline {
  /** Inputs by name; of each dimension its size, undefined where it is free. */
  inputs: Map<string, Shape>;
  /** Outputs by name; without dimensions where the file does not tell. */
  outputs: Map<string, Shape>;
  /** Weights by name with the size of each dimension. */
  weights: Map<string, number[]>;
  /** Files beside it that hold weights, as paths from its folder. */
  external: string[];
}

export type Shape = (number | undefined)[];

/** A part of the file, end excluded. */
type Span = readonly [start: number, end: number];

interface Field {
  number: number;
  /** The value of a number, the bytes of anything else. */
  value: number;
  span: Span;
}

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7, opset: 8 };
const GRAPH = { node: 1, weight: 5, input: 11, output: 12, sparseWeight: 15 };
const NODE = { attribute: 5 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11 };
const SPARSE = { values: 1, indices: 2 };
const TENSOR = { dims: 1, name: 8, externalData: 13 };
const VALUE = { name: 1, type: 2 };
const KEY_VALUE = { key: 1, value: 2 };

const WINDOW = 1 << 14;

class Damaged extends Error {}

/** Reads fields of protocol buffers out of a file, without the bytes that nobody asks for. */
class FieldReader {
  private readonly window = Buffer.alloc(WINDOW);
  private from = 0;
  private to = 0;

  constructor(
    private readonly descriptor: number,
    readonly size: number,
  ) {}

  private byte(at: number): number {
    if (at < this.from || at >= this.to) {
      this.from = at;
      this.to = at + readSync(this.descriptor, this.window, 0, WINDOW, at);
      if (this.to === at) throw new Damaged('it ends in the middle');
    }
    return this.window[at - this.from];
  }

  private number(at: number): [value: number, end: number] {
    let value = 0;
    for (let i = 0, factor = 1; i < 10; i++, factor *= 128) {
      const byte = this.byte(at + i);
      value += (byte & 127) * factor;
      if (byte < 128) return [value, at + i + 1];
    }
    throw new Damaged('it holds no ONNX model');
  }

  *fields([start, end]: Span): Generator<Field> {
    for (let at = start; at < end; ) {
      const [tag, behindTag] = this.number(at);
      const kind = tag % 8;
      const number = Math.floor(tag / 8);
      const [value, behind] = kind === 0 || kind === 2 ? this.number(behindTag) : [0, behindTag];
      const size = kind === 2 ? value : { 0: 0, 1: 8, 5: 4 }[kind];
      if (number === 0 || size === undefined) throw new Damaged('it holds no ONNX model');
      at = behind + size;
      if (at > end) throw new Damaged(`${at - end} bytes are missing`);
      yield { number, value, span: [behind, at] };
    }
  }

  /** The spans of all fields of a number. */
  spans(span: Span, number: number): Span[] {
    return [...this.fields(span)].filter((field) => field.number === number).map((field) => field.span);
  }

  text([start, end]: Span): string {
    const bytes = Buffer.alloc(end - start);
    readSync(this.descriptor, bytes, 0, bytes.length, start);
    return bytes.toString('utf8');
  }

  /** Numbers one after the other. */
  *numbers([start, end]: Span): Generator<number> {
    for (let at = start; at < end; ) {
      const [value, behind] = this.number(at);
      yield value;
      at = behind;
    }
  }

  /** The text of a field. */
  textAt(span: Span, number: number): string {
    const [found] = this.spans(span, number);
    return found ? this.text(found) : '';
  }
}

function shapeOf(reader: FieldReader, value: Span): Shape {
  let spans = [value];
  // type, tensor_type, shape, dim
  for (const number of [VALUE.type, 1, 2, 1]) spans = spans.flatMap((span) => reader.spans(span, number));
  // A size of 0 means none.
  return spans.map((dim) => [...reader.fields(dim)].find(({ number }) => number === 1)?.value || undefined);
}

function readTensor(reader: FieldReader, tensor: Span, outline: OnnxOutline): void {
  const dims: number[] = [];
  let name = '';
  for (const { number, value, span } of reader.fields(tensor)) {
    if (number === TENSOR.name) name = reader.text(span);
    // A number each, or all of them in one field.
    if (number === TENSOR.dims) dims.push(...(span[0] === span[1] ? [value] : reader.numbers(span)));
    if (number !== TENSOR.externalData || reader.textAt(span, KEY_VALUE.key) !== 'location') continue;
    const location = reader.textAt(span, KEY_VALUE.value);
    if (!outline.external.includes(location)) outline.external.push(location);
  }
  outline.weights.set(name, dims);
}

function readAttribute(reader: FieldReader, attribute: Span, outline: OnnxOutline): void {
  for (const { number, span } of reader.fields(attribute)) {
    if (number === ATTRIBUTE.tensor || number === ATTRIBUTE.tensors) readTensor(reader, span, outline);
    if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) readGraph(reader, span, outline, false);
  }
}

function readGraph(reader: FieldReader, graph: Span, outline: OnnxOutline, isMain: boolean): void {
  for (const { number, span } of reader.fields(graph)) {
    if (number === GRAPH.weight) readTensor(reader, span, outline);
    if (number === GRAPH.sparseWeight)
      for (const part of [SPARSE.values, SPARSE.indices])
        for (const tensor of reader.spans(span, part)) readTensor(reader, tensor, outline);
    if (number === GRAPH.node)
      for (const attribute of reader.spans(span, NODE.attribute)) readAttribute(reader, attribute, outline);
    if (!isMain) continue;
    if (number === GRAPH.input) outline.inputs.set(reader.textAt(span, VALUE.name), shapeOf(reader, span));
    if (number === GRAPH.output) outline.outputs.set(reader.textAt(span, VALUE.name), shapeOf(reader, span));
  }
}

/** What a file is that is named like a model and is none, as far as its beginning tells. */
function otherKind(beginning: string): string | undefined {
  if (beginning.startsWith('version https://git-lfs'))
    return 'it is a pointer of Git LFS, not the file itself; get it with git lfs pull';
  if (/^\s*<(!doctype|html|\?xml)/i.test(beginning))
    return 'it is a web page, not a model; download the file itself (of the hub: …/resolve/main/…)';
  return beginning === '' ? 'it is empty; download it again' : undefined;
}

/**
 * Read what an ONNX file says of itself; of its weights only names and sizes.
 * @throws CoresetError when it cannot be read, is no ONNX model, or is cut short
 */
export function readOnnxOutline(path: string): OnnxOutline {
  const fail = (reason: string): never => {
    throw new CoresetError(`cannot read the model ${path}: ${reason}`);
  };
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw fileError('read', path, error);
  }
  try {
    const reader = new FieldReader(descriptor, statSync(path).size);
    const file: Span = [0, reader.size];
    const other = otherKind(reader.text([0, Math.min(reader.size, 100)]));
    if (other) fail(other);
    const outline: OnnxOutline = { inputs: new Map(), outputs: new Map(), weights: new Map(), external: [] };
    const parts = [...reader.fields(file)];
    const graphs = parts.filter(({ number }) => number === MODEL.graph);
    if (graphs.length === 0 || graphs.some(({ span: [start, end] }) => start === end)) fail(NO_MODEL);
    if (!parts.some(({ number }) => number === MODEL.opset)) fail(CUT);
    for (const { span } of graphs) readGraph(reader, span, outline, true);
    return outline;
  } catch (error) {
    if (error instanceof Damaged)
      return fail(error.message.includes('no ONNX') ? NO_MODEL : `${error.message}: ${CUT}`);
    throw CoresetError.isInstance(error) ? error : fileError('read', path, error);
  } finally {
    closeSync(descriptor);
  }
}

const NO_MODEL = 'it holds no ONNX model; name a folder with one, or export it again';
const CUT = 'it is cut short; download or copy it again';
