import { CoresetError } from '@coreset/core';
import { hasFile, modelJson } from '../model-json.js';
import { activationOf } from './activations.js';

/** A module of sentence-transformers, as modules.json names it. */
export interface Module {
  /** The last part of the class's name. */
  kind: string;
  /** The folder of its files inside the model folder; empty for the model folder itself. */
  path: string;
}

/** What a vector goes through behind the pooling. Paths are inside the model folder. */
export type Layer =
  | { kind: 'Normalize' }
  | { kind: 'LayerNorm'; weights: string; cols: number }
  | {
      kind: 'Dense';
      weights: string;
      inputs: number;
      outputs: number;
      hasBias: boolean;
      /** As the file names it. */
      activation: string;
      /** What goes in is added to what comes out. */
      isResidual: boolean;
    };

/** Layers that change nothing in use. */
const IDLE = ['Dropout'];
const TRANSFORMER = 'Transformer';
export const POOLING = 'Pooling';
const VECTOR = 'sentence_embedding';
const DEFAULT_ACTIVATION = 'torch.nn.modules.activation.Tanh';
const WEIGHTS = 'model.safetensors';

const inFolder = ({ path }: Module, file: string): string => (path === '' ? file : `${path}/${file}`);

/** The configuration of a module, inside the model folder. */
export const configFile = (module: Module): string => inFolder(module, 'config.json');

/** Files of a module that vectors depend on; the transformer has those of the model. */
export function moduleFiles(module: Module): string[] {
  if (module.kind === TRANSFORMER) return [];
  const hasWeights = module.kind === 'Dense' || module.kind === 'LayerNorm';
  return [configFile(module), ...(hasWeights ? [inFolder(module, WEIGHTS)] : [])];
}

/** Modules but for those that change nothing in use. */
function atWork(modules: Module[]): Module[] {
  return modules.filter(({ kind }) => !IDLE.includes(kind));
}

/** Whether modules end with scaling to length 1. */
export function endsNormalised(modules: Module[]): boolean {
  return atWork(modules).at(-1)?.kind === 'Normalize';
}

/**
 * The layers behind the pooling, without a last scaling to length 1, which is an option.
 * @throws CoresetError naming a module that is not known, or a file that does not say what it should
 */
export function readLayers(folder: string, modules: Module[]): Layer[] {
  const [first, ...rest] = atWork(modules);
  const behind = first === undefined || first.kind === TRANSFORMER ? rest : [first, ...rest];
  const further = behind[0]?.kind === POOLING ? behind.slice(1) : behind;
  const misplaced = further.map(({ kind }) => kind).filter((kind) => !Object.hasOwn(READERS, kind));
  const strange = misplaced.filter((kind) => kind !== POOLING);
  const unknown = strange.length > 0 ? strange : misplaced;
  if (unknown.length > 0)
    throw new CoresetError(
      `the model in ${folder} has ${unknown.join(', ')} (modules.json), which ${unknown.length === 1 ? 'is' : 'are'} not followed; use an ONNX file of it that gives ${VECTOR}`,
    );
  const layers = further.map((module) => READERS[module.kind](folder, module));
  while (layers.at(-1)?.kind === 'Normalize') layers.pop();
  return layers;
}

type Config = Record<string, unknown>;

/** What the configuration of a layer says, which is of whole vectors. */
function configOf(folder: string, module: Module): Config {
  const file = configFile(module);
  const config = modelJson(folder, file) ?? {};
  const { module_input_name: input = VECTOR, module_output_name: output } = config;
  if (input === VECTOR && (output ?? VECTOR) === VECTOR) return config;
  throw new CoresetError(
    `the model in ${folder}: ${module.kind} turns ${input} into ${output ?? input} (${file}), which is not followed; use an ONNX file of it that gives ${VECTOR}`,
  );
}

function sizeOf(folder: string, module: Module, config: Config, name: string): number {
  const size = config[name];
  if (typeof size === 'number' && Number.isInteger(size) && size > 0) return size;
  throw new CoresetError(
    `cannot read ${folder}/${configFile(module)}: ${name} is ${JSON.stringify(size)}, not a number of columns`,
  );
}

function weightsOf(folder: string, module: Module): string {
  const file = inFolder(module, WEIGHTS);
  if (hasFile(folder, file)) return file;
  throw new CoresetError(
    `model folder ${folder} lacks ${file}, the weights of ${module.kind}, which its modules.json names; where there is a pytorch_model.bin instead, which is not read, SentenceTransformer(folder).save(other) writes the model again with ${WEIGHTS}`,
  );
}

function readDense(folder: string, module: Module): Layer {
  const config = configOf(folder, module);
  const { activation_function: named = DEFAULT_ACTIVATION, bias = true, use_residual: isResidual = false } = config;
  activationOf(named, `${folder}/${configFile(module)}`);
  return {
    kind: 'Dense',
    weights: weightsOf(folder, module),
    inputs: sizeOf(folder, module, config, 'in_features'),
    outputs: sizeOf(folder, module, config, 'out_features'),
    hasBias: bias === true,
    activation: String(named),
    isResidual: isResidual === true,
  };
}

function readLayerNorm(folder: string, module: Module): Layer {
  const cols = sizeOf(folder, module, configOf(folder, module), 'dimension');
  return { kind: 'LayerNorm', weights: weightsOf(folder, module), cols };
}

const READERS: Record<string, (folder: string, module: Module) => Layer> = {
  Dense: readDense,
  LayerNorm: readLayerNorm,
  Normalize: (folder, module) => {
    configOf(folder, module);
    return { kind: 'Normalize' };
  },
};
