import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: 'test/temporary-folder.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is read of the command is text, also where FORCE_COLOR is set.
    env: { NO_COLOR: '1', npm_command: '' },
    // Tests start worker threads and processes of their own; more than two files at once only makes them wait.
    maxWorkers: 2,
  },
});
