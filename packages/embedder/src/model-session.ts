import { join } from 'node:path';
import { CoresetError, messageOf, toFloat32 } from '@coreset/core';
import { createSession, type InferenceSession, type Tensor } from '@coreset/kernels';
import { OutOfMemory } from './fitting-batches.js';
import { weightsFile } from './model-source.js';
import type { WorkerSettings } from './options.js';

/** What a model gives, as float32 whatever its own type is. */
export interface Output {
  data: Float32Array;
  dims: readonly number[];
}

/** Where in the source of onnxruntime something went wrong, and in which function. */
const ORIGIN = /\S*onnxruntime_src\S* [^()]*\([^()]*\)( const)? /g;

/** A message of a library in one line. */
export function lineOf(error: unknown): string {
  return messageOf(error).replace(/\s+/g, ' ').replace(ORIGIN, ' ').trim();
}

const BFLOAT16 = '16';

/** Why a model cannot be loaded, and what to do. */
function loadFailure(line: string): string {
  const [, type] = /^Unsupported data type: (\d+)$/.exec(line) ?? [];
  if (type !== undefined) {
    const name = type === BFLOAT16 ? 'bfloat16' : `the ONNX type ${type}`;
    return `it takes or gives ${name}, which cannot be read here; export it with inputs of int64 and outputs of float32 or float16`;
  }
  const hint = HINTS.find(([pattern]) => pattern.test(line))?.[1];
  return hint === undefined ? line : `${line}; ${hint}`;
}

/** What to do, by words of onnxruntime. */
const HINTS: [RegExp, string][] = [
  [/opset|IR version/i, 'it was exported for a later onnxruntime: export it with opset 17, or update this package'],
  [/External initializer.*out of bounds/, 'a file of its weights is cut short: download or copy it again'],
  [/escapes model directory/, 'a file of its weights is a link out of its folder: put the file itself there'],
];

/** A model that is loaded. */
export class ModelSession {
  private constructor(
    private readonly session: InferenceSession,
    private readonly folder: string,
  ) {}

  /** @throws CoresetError naming the model */
  static async open({ source, dtype, device, modality }: WorkerSettings): Promise<ModelSession> {
    const { folder } = source;
    try {
      const session = await createSession(join(folder, weightsFile(folder, dtype, modality)), {
        executionProviders: [device],
        // One single-threaded session per worker: twice the speed of one session with all threads, and a
        // fixed number of threads keeps the rounding the same on every machine.
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        logSeverityLevel: 4, // what goes wrong is thrown
      });
      return new ModelSession(session, folder);
    } catch (error) {
      if (CoresetError.isInstance(error)) throw error;
      const reason = loadFailure(lineOf(error));
      throw new CoresetError(`cannot load the model from ${folder} (dtype ${dtype}, device ${device}): ${reason}`);
    }
  }

  /** Names, types and shapes of what the model asks for. */
  get inputs(): readonly InferenceSession.TensorValueMetadata[] {
    return this.session.inputMetadata.filter((input) => input.isTensor);
  }

  /**
   * @param outputs names of outputs, best first
   * @param explain what is known of an error of onnxruntime, if anything
   * @throws CoresetError when the model cannot take the inputs, or gives none of the outputs that are looked for
   */
  async run(
    inputs: Record<string, Tensor>,
    outputs: string[],
    explain: (line: string) => string = (line) => line,
  ): Promise<Output> {
    const found = outputs.find((name) => this.session.outputNames.includes(name));
    if (found === undefined) {
      throw new CoresetError(
        `the model gives ${this.session.outputNames.join(', ')}, not ${outputs.join(' or ')}; use a feature-extraction model`,
      );
    }
    let output: Tensor;
    try {
      output = (await this.session.run(inputs, [found]))[found];
    } catch (error) {
      const line = lineOf(error);
      const problem = `the model in ${this.folder} fails: ${explain(line)}`;
      throw OutOfMemory.saysSo(line) ? new OutOfMemory(problem) : new CoresetError(problem);
    }
    const result = { data: float32Of(output, found), dims: output.dims };
    output.dispose();
    return result;
  }
}

function float32Of({ type, data }: Tensor, name: string): Float32Array {
  if (type === 'float32') return data as Float32Array;
  if (type === 'float64') return Float32Array.from(data as Float64Array);
  if (type === 'float16') {
    // Later versions of Node have an array of halves, this one has their bits.
    if (!(data instanceof Uint16Array)) return Float32Array.from(data as Iterable<number>);
    const values = new Float32Array(data.length);
    toFloat32({ type: 'float16' })?.(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), values);
    return values;
  }
  throw new CoresetError(
    `the model's ${name} is of the type ${type}, which are no vectors; use a feature-extraction model`,
  );
}
