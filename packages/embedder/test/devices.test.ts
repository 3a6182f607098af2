import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embedTexts, modelSettings } from '@coreset/embedder';
import { ElementType, encodeOnnxModel } from '@coreset/kernels';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { tinyVector, writeTinyTextModel } from '../../../test/tiny-text-model.ts';
import { Chunk } from '../dist/chunk.js';
import { FittingBatches, OutOfMemory } from '../dist/fitting-batches.js';
import type { WorkerSettings } from '../dist/options.js';

const folder = temporaryFolder();

/** A device that has memory for so many items. */
function device(memory: number): { ran: number[][]; run: (batch: number[]) => Promise<void> } {
  const ran: number[][] = [];
  return {
    ran,
    run: async (batch) => {
      if (batch.length > memory) throw new OutOfMemory('the model fails: out of memory');
      ran.push(batch);
    },
  };
}

describe('batches', () => {
  const items = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

  test('become smaller until the device has memory for them, and stay so', async () => {
    const batches = new FittingBatches(64);
    const { ran, run } = device(20);
    await batches.run(items(70), run);
    expect(ran.map(({ length }) => length)).toEqual([16, 16, 16, 16, 6]);
    expect(ran.flat()).toEqual(items(70));
    ran.length = 0;
    await batches.run(items(30), run);
    expect(ran.map(({ length }) => length)).toEqual([16, 14]);
  });

  test('of one item that is too large are an error, as any other error is at once', async () => {
    await expect(new FittingBatches(8).run(items(3), device(0).run)).rejects.toThrow('out of memory');
    const other = { count: 0 };
    const fail = async (): Promise<void> => {
      other.count++;
      throw new Error('broken');
    };
    await expect(new FittingBatches(8).run(items(8), fail)).rejects.toThrow('broken');
    expect(other.count).toBe(1);
  });

  test.each([
    'CUDA failure 2: out of memory ; GPU=0 ; hostname=a',
    'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED',
    'Available memory of 1024 is smaller than requested bytes of 4096',
    'Failed to allocate memory for requested buffer of size 4398046511104',
    'std::bad_alloc',
    'Exception(1) 8007000E Not enough memory resources are available to complete this operation.',
  ])('are too large where onnxruntime says: %s', (line) => {
    expect(OutOfMemory.saysSo(line)).toBe(true);
  });

  test('are not where it says something else', () => {
    expect(OutOfMemory.saysSo('indices element out of data bounds, idx=7')).toBe(false);
  });
});

/** A model that gives what the tiny one gives, and asks for 2⁴⁶ numbers where more than four texts run at once. */
function hungry(): string {
  const where = join(folder, 'hungry');
  writeTinyTextModel(where);
  const onnx = encodeOnnxModel({
    name: 'hungry',
    inputs: [
      { name: 'input_ids', type: ElementType.int64, shape: ['b', 's'] },
      { name: 'attention_mask', type: ElementType.int64, shape: ['b', 's'] },
    ],
    outputs: [{ name: 'last_hidden_state', type: ElementType.float32, shape: ['b', 's', 3] }],
    nodes: [
      { op: 'Shape', inputs: ['input_ids'], outputs: ['shape'] },
      { op: 'Constant', inputs: [], outputs: ['0'], attributes: { value_int: 0 } },
      { op: 'Constant', inputs: [], outputs: ['4'], attributes: { value_int: 4 } },
      { op: 'Constant', inputs: [], outputs: ['few'], attributes: { value_ints: [1] } },
      { op: 'Constant', inputs: [], outputs: ['many'], attributes: { value_ints: [2 ** 23, 2 ** 23] } },
      { op: 'ReduceProd', inputs: ['many'], outputs: ['all'], attributes: { keepdims: 1 } },
      { op: 'Gather', inputs: ['shape', '0'], outputs: ['texts'] },
      { op: 'Greater', inputs: ['texts', '4'], outputs: ['is large'] },
      { op: 'Where', inputs: ['is large', 'all', 'few'], outputs: ['size'] },
      { op: 'ConstantOfShape', inputs: ['size'], outputs: ['zeros'] },
      { op: 'ReduceMax', inputs: ['zeros'], outputs: ['zero'], attributes: { keepdims: 0 } },
      { op: 'Constant', inputs: [], outputs: ['axis'], attributes: { value_ints: [2] } },
      { op: 'Cast', inputs: ['input_ids'], outputs: ['ids'], attributes: { to: ElementType.float32 } },
      { op: 'Unsqueeze', inputs: ['ids', 'axis'], outputs: ['column'] },
      { op: 'Sin', inputs: ['column'], outputs: ['sine'] },
      { op: 'Cos', inputs: ['column'], outputs: ['cosine'] },
      { op: 'Concat', inputs: ['column', 'sine', 'cosine'], outputs: ['tokens'], attributes: { axis: 2 } },
      { op: 'Add', inputs: ['tokens', 'zero'], outputs: ['last_hidden_state'] },
    ],
  });
  writeFileSync(join(where, 'onnx/model_quantized.onnx'), onnx);
  return where;
}

test('a model without memory for a batch gets smaller ones, and the same vectors come of it', async () => {
  const texts = [
    'cats',
    'a text about dogs',
    'two birds',
    'one',
    'cats and dogs',
    'short',
    'long text',
    'a',
    'two',
    'dogs',
  ];
  const given = { model: hungry(), normalise: false, threads: 1 };
  const vectors = await embedTexts(texts, { ...given, batchSize: 10 });
  const alone = await embedTexts(texts, { ...given, batchSize: 1 });
  vectors.data.forEach((value, i) => {
    expect(value).toBeCloseTo(alone.data[i], 5);
  });
  tinyVector([2, 7, 3]).forEach((value, c) => {
    expect(vectors.data[c]).toBeCloseTo(value, 4);
  });
});

describe('a device other than the processor', () => {
  test('runs larger batches of texts of any length', () => {
    expect(modelSettings({ device: 'webgpu' })).toMatchObject({ device: 'webgpu', batchSize: 64, sameLength: false });
    expect(modelSettings({ device: 'webgpu', batchSize: 7 })).toMatchObject({ batchSize: 7 });
    expect(modelSettings({})).toMatchObject({ device: 'cpu', batchSize: 32, sameLength: true });
    const model = join(folder, 'unmasked');
    writeTinyTextModel(model, { asks: [] });
    expect(modelSettings({ model, device: 'webgpu' })).toMatchObject({ batchSize: 64, sameLength: true });
  });

  test('gets more at once', () => {
    const itemsAtOnce = (device: string): number => {
      const chunk = new Chunk({ device, modality: 'text', long: 'head', maxTokens: 256 } as WorkerSettings);
      while (!chunk.isFull) chunk.add('a text', undefined, false);
      return chunk.items.length;
    };
    expect(itemsAtOnce('cpu')).toBe(256);
    expect(itemsAtOnce('webgpu')).toBe(4096);
  });

  test('that nobody knows is refused with those that are here', async () => {
    await expect(embedTexts(['a'], { device: 'abacus' })).rejects.toThrow(
      /^device 'abacus' is not known; onnxruntime has here \(\w+ \w+\): cpu/,
    );
  });

  test.runIf(process.platform === 'linux')('of other systems is refused with where it is', async () => {
    await expect(embedTexts(['a'], { device: 'coreml' })).rejects.toThrow(
      /^device 'coreml' is there on macOS alone; onnxruntime has here \(linux \w+\): cpu/,
    );
  });

  test.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'that lacks its libraries is refused with what to install',
    async () => {
      await expect(embedTexts(['a'], { device: 'cuda' })).rejects.toThrow(
        /^device 'cuda' cannot be used: .*libonnxruntime_providers_cuda\.so are not installed, which ONNXRUNTIME_NODE_INSTALL=cuda12 node .*install\.js downloads; it needs an NVIDIA GPU with its driver, CUDA 12 and cuDNN 9 \(docs\/gpu\.md\); or leave --device out, for the processor$/,
      );
    },
  );
});
