import { defineConfig } from 'vitest/config';
import { mutationOf } from './packages.mjs';

export default defineConfig({
  test: {
    include: mutationOf(process.env.MUTATION_PACKAGE).tests,
    globalSetup: 'test/temporary-folder.ts',
    setupFiles: 'scripts/mutation/setup.mjs',
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
