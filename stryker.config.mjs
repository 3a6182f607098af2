import { mutationOf } from './scripts/mutation/packages.mjs';

const name = process.env.MUTATION_PACKAGE;

export default {
  mutate: mutationOf(name, process.env.MUTATION_MODULE).modules,
  // The tests import what is compiled.
  buildCommand: 'node scripts/mutation/build-copy.mjs',
  symlinkNodeModules: false,
  ignorePatterns: ['/bench', '/notebooks', '.venv', '/packed', '/docs', '/.stryker', '/test/parity'],
  tsconfigFile: 'none', // Stryker rewrites it with an interface that TypeScript 7 does not have; nothing to rewrite
  plugins: ['@stryker-mutator/vitest-runner', './scripts/mutation/ignore.mjs'],
  ignorers: ['tables-of-names'],
  testRunner: 'vitest',
  vitest: { configFile: 'scripts/mutation/vitest.config.mjs', related: false },
  coverageAnalysis: 'perTest',
  // Most strings are messages, and what a test asks of a message is a part of it. A loop that counts backwards hardly
  // ever ends: nothing is learnt from it but how long a timeout is.
  mutator: { excludedMutations: ['StringLiteral', 'UpdateOperator'] },
  concurrency: 2,
  // Roomy: on a machine with other work, slow is not endless.
  timeoutMS: 20_000,
  timeoutFactor: 3,
  incremental: true,
  incrementalFile: `.stryker/${name}.json`,
  tempDirName: '.stryker/copies',
  reporters: ['clear-text', 'html'],
  clearTextReporter: { logTests: false, reportTests: false, reportMutants: false, allowColor: false },
  htmlReporter: { fileName: `.stryker/${name}.html` },
  thresholds: { high: 90, low: 80, break: 80 },
};
