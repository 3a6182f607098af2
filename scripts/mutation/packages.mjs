// What `npm run mutation` mutates and which tests have to notice, by package.

/** Modules of declarations and lists of exports alone: nothing in them to be wrong. */
const WITHOUT_CODE = ['index', 'version'];

/** In the order of their length. Of coreset, the modules on which results and resumed runs rest. */
const MUTATED = {
  metrics: {},
  difficulty: {},
  selector: {},
  kernels: {},
  core: {},
  graph: {},
  rows: {},
  coreset: {
    modules: ['stages/stages', 'run/run-directory', 'stages/result-files', 'stages/shard-file'],
    tests: ['stages', 'run-directory', 'result-files', 'shard-file'],
  },
};

export const PACKAGES = Object.keys(MUTATED);

/** The globs of a package's modules, or of the one asked for, and of its tests. */
export function mutationOf(name, module) {
  const { modules, tests = ['**/*'] } = MUTATED[name];
  const source = `packages/${name}/src`;
  const asked = module ? [module] : modules;
  return {
    modules: asked
      ? asked.map((module) => `${source}/${module}.ts`)
      : [`${source}/**/*.ts`, `!${source}/**/*.d.ts`, ...WITHOUT_CODE.map((module) => `!${source}/${module}.ts`)],
    tests: tests.map((test) => `packages/${name}/test/${test}.test.ts`),
  };
}
