import { messageOf } from '@coreset/core';
import { ElementType, encodeOnnxModel } from './model.js';
import { createSession, floatTensor, logErrors } from './session.js';

/** Compute a small product on the device that the first argument names; what is wrong is written to standard output. */
async function main(device: string): Promise<void> {
  const shape = [2, 2];
  const model = encodeOnnxModel({
    name: 'probe',
    inputs: [{ name: 'a', type: ElementType.float32, shape }],
    outputs: [{ name: 'product', type: ElementType.float32, shape }],
    nodes: [{ op: 'MatMul', inputs: ['a', 'a'], outputs: ['product'] }],
  });
  logErrors();
  const session = await createSession(model, { executionProviders: [device] });
  await session.run({ a: floatTensor(Float32Array.of(1, 2, 3, 4), shape) });
}

try {
  await main(process.argv[2]);
} catch (error) {
  process.stdout.write(errorLine(messageOf(error)));
  process.exitCode = 1;
}

/** Without where in the source of onnxruntime it is, and in one line. */
function errorLine(message: string): string {
  return message
    .replace(/\s+/g, ' ')
    .replace(/^.*\bwas false\. /, '')
    .trim();
}
