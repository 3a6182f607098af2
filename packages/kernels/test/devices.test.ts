import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { requireDevice } from '@coreset/kernels';
import { expect, test } from 'vitest';
import { ROOT } from '../../../test/support.ts';
import { notLoaded } from '../dist/onnx/devices.js';

/** As onnxruntime writes it where a library of CUDA is not there. */
const LOG = `\x1b[1;31m2026-11-28 10:11:01.709 [E:onnxruntime:onnxruntime-node, provider_bridge_ort.cc:2146 Create] \
/onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:1988 onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() \
[ONNXRuntimeError] : 1 : FAIL : Failed to load library /a b/libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: \
cannot open shared object file: No such file or directory
\x1b[m`;

test('the library that cannot be loaded is found in the log', () => {
  expect(notLoaded(LOG)).toBe('libcublasLt.so.12: cannot open shared object file: No such file or directory');
  expect(notLoaded('with error: /a/b/libcudnn.so.9: cannot open shared object file')).toMatch(/^libcudnn\.so\.9: /);
  expect(notLoaded('Warning: something else')).toBeUndefined();
});

test('the processor is everywhere, and what nobody knows is refused each time', async () => {
  await requireDevice('cpu');
  for (let time = 0; time < 2; time++)
    await expect(requireDevice('toString')).rejects.toThrow(/^device 'toString' is not known; .*: cpu/);
});

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'a session that cannot be made throws, and writes nothing to the error output',
  () => {
    const model = join(ROOT, 'models/tiny/mean/onnx/model.onnx');
    const script = `import { createSession } from '@coreset/kernels';
      await createSession(${JSON.stringify(model)}, { executionProviders: ['tensorrt'] }).catch(() => console.log('thrown'));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(ROOT, 'packages/coreset'),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toBe('thrown\n');
  },
);
