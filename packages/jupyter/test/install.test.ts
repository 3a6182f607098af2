import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { installInto } from '../../../test/install-packed.ts';
import { coreset, ROOT, temporaryFolder } from '../../../test/support.ts';
import { jupyterEnvironment, printedBy, runSessions } from './notebook-client.ts';

const data = temporaryFolder();
const kernel = join(data, 'kernels', 'coreset');
const env: NodeJS.ProcessEnv = { ...process.env, ...jupyterEnvironment(data) };
const withoutJupyter: NodeJS.ProcessEnv = { ...env, PATH: temporaryFolder() };

function jupyter(args: string[], environment: NodeJS.ProcessEnv = env): ReturnType<typeof coreset> {
  return coreset(['jupyter', ...args], { env: environment });
}

test('install puts the kernel where Jupyter finds it, doctor finds all, uninstall removes it', () => {
  const missing = jupyter(['doctor']);
  expect(missing.status).toBe(2);
  expect(missing.stdout).toMatch(
    /^missing {2}kernel: no kernel 'coreset' where Jupyter looks; coreset jupyter install$/m,
  );
  expect(missing.stderr).toBe('coreset: the kernel is not ready: kernel\n');

  expect(jupyter(['install'])).toEqual({ status: 0, stdout: `TypeScript (coreset): ${kernel}\n`, stderr: '' });
  const spec = JSON.parse(readFileSync(join(kernel, 'kernel.json'), 'utf8'));
  expect(spec).toMatchObject({
    display_name: 'TypeScript (coreset)',
    language: 'typescript',
    interrupt_mode: 'message',
  });
  expect(spec.argv.at(-1)).toBe('{connection_file}');
  expect(readdirSync(kernel).sort()).toEqual(['kernel.json', 'logo-svg.svg']);

  const whole = jupyter(['doctor']);
  expect(whole.stdout.match(/(?<=^ok {7})\w+/gm)).toEqual([
    'node',
    'tslab',
    'zeromq',
    'jupyter',
    'kernel',
    'coreset',
    'papermill',
  ]);
  expect(whole.stdout).toMatch(/^ok {7}papermill: to set parameters .*: pip install .*papermill$/m);
  expect(whole).toMatchObject({ status: 0, stderr: '' });

  writeFileSync(
    join(kernel, 'kernel.json'),
    JSON.stringify({ ...spec, argv: [spec.argv[0], '/gone/main.js', ...spec.argv.slice(2)] }),
  );
  expect(jupyter(['doctor']).stdout).toContain(`${kernel} names /gone/main.js, which is gone; coreset jupyter install`);

  expect(jupyter(['uninstall'])).toEqual({ status: 0, stdout: `removed ${kernel}\n`, stderr: '' });
  expect(existsSync(kernel)).toBe(false);
  expect(jupyter(['uninstall'])).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^coreset: no kernel 'coreset' in .*\n$/),
  });
});

test('a place and a name may be chosen', () => {
  const prefix = temporaryFolder();
  const at = join(prefix, 'share/jupyter/kernels/mine');
  const { stdout, stderr } = jupyter(['install', '--prefix', prefix, '--name', 'mine']);
  expect(stdout).toBe(`TypeScript (mine): ${at}\n`);
  const hint = `Jupyter does not look in ${join(prefix, 'share/jupyter/kernels')}; set JUPYTER_PATH=${join(prefix, 'share/jupyter')}`;
  expect(stderr).toBe(`coreset: note: ${hint}\n`);
  const place = ['doctor', '--prefix', prefix, '--name'];
  expect(jupyter([...place, 'mine'])).toMatchObject({
    status: 2,
    stdout: expect.stringContaining(`missing  kernel: ${at}: ${hint}\n`),
  });
  const searched = jupyter([...place, 'mine'], { ...env, JUPYTER_PATH: join(prefix, 'share/jupyter') });
  expect(searched).toMatchObject({ status: 0, stdout: expect.stringContaining(`ok       kernel: ${at}\n`) });
  expect(jupyter([...place, 'other']).stdout).toContain(
    `no kernel 'other' in ${join(prefix, 'share/jupyter/kernels')}; coreset jupyter install --prefix ${prefix} --name other\n`,
  );
  expect(jupyter(['uninstall', '--prefix', prefix, '--name', 'mine']).stdout).toBe(`removed ${at}\n`);
});

test('the active environment is asked for its prefix', () => {
  const prefix = temporaryFolder();
  const bin = join(prefix, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'python'), `#!/bin/sh\necho '${prefix}'\n`, { mode: 0o755 });
  const { stdout } = jupyter(['install', '--sys-prefix'], { ...env, VIRTUAL_ENV: prefix });
  expect(stdout).toBe(`TypeScript (coreset): ${join(prefix, 'share/jupyter/kernels/coreset')}\n`);
});

test('without Jupyter the rules of its folders hold, and it is said', () => {
  const { JUPYTER_DATA_DIR: _, ...others } = withoutJupyter;
  const home = temporaryFolder();
  const { stdout, stderr } = jupyter(['install'], { ...others, HOME: home, XDG_DATA_HOME: join(home, 'xdg') });
  expect(stdout).toBe(`TypeScript (coreset): ${join(home, 'xdg/jupyter/kernels/coreset')}\n`);
  expect(stderr).toMatch(/^coreset: note: no 'jupyter' on the PATH; pip install jupyterlab/);
  expect(jupyter(['doctor'], withoutJupyter).stdout).toMatch(/^missing {2}jupyter: no 'jupyter' on the PATH/m);
});

test.each([
  [['install', '--user', '--sys-prefix'], 'give one of --user, --sys-prefix and --prefix'],
  [['install', '--prefix', ''], '--prefix is empty; give a folder'],
  [['install', '--name', 'A b'], "a kernel's name has lower-case letters, digits, '.', '_' and '-', got 'A b'"],
  [['uninstal'], "unknown command 'uninstal'; did you mean uninstall?"],
])('%j is refused in one line', (args, line) => {
  expect(jupyter(args)).toEqual({ status: 2, stdout: '', stderr: `coreset: ${line}\n` });
});

test("another program's kernel of that name stays", () => {
  const other = join(data, 'kernels', 'other');
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, 'kernel.json'), '{"argv": ["other"]}');
  for (const command of ['install', 'uninstall']) {
    expect(jupyter([command, '--name', 'other']).stderr).toBe(
      `coreset: ${other} is the kernel of another program; give another --name\n`,
    );
  }
  expect(readFileSync(join(other, 'kernel.json'), 'utf8')).toBe('{"argv": ["other"]}');
});

test('coreset without the package of the kernel says what to install', () => {
  const hooks = `export async function resolve(name, context, next) {
    if (name === '@coreset/jupyter') throw Object.assign(new Error(name), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(name, context);
  }`;
  const file = join(temporaryFolder(), 'without.mjs');
  writeFileSync(
    file,
    `import { register } from 'node:module'; register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(hooks))});`,
  );
  const { status, stderr } = jupyter(['install'], { ...env, NODE_OPTIONS: `--import=${pathToFileURL(file)}` });
  expect(status).toBe(2);
  expect(stderr).toBe('coreset: the kernel is a package of its own; npm install @coreset/jupyter beside coreset\n');
});

describe('another version of tslab', () => {
  const project = temporaryFolder();
  const own = join(project, 'node_modules/@coreset/jupyter');
  const MISFIT = /^tslab 9\.9\.9 is not tslab 1\.0\.22, which this kernel mends: .*; npm install tslab@1\.0\.22 /;

  beforeAll(() => {
    for (const name of ['core', 'jupyter']) installInto(project, join(ROOT, 'packages', name));
    const tslab = join(own, 'node_modules/tslab');
    const original = realpathSync(tslab);
    const copy = join(project, 'other/node_modules/tslab');
    cpSync(original, copy, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
    for (const library of ['@tslab', 'semver', 'commander', '@rollup', 'rollup', 'zeromq'])
      symlinkSync(join(dirname(original), library), join(project, 'other/node_modules', library));
    const manifest = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8'));
    writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...manifest, version: '9.9.9' }));
    rmSync(tslab);
    symlinkSync(copy, tslab);
  });

  test('is told by doctor and by the first cell', async () => {
    const { doctor, installKernel }: typeof import('../dist/index.js') = await import(
      pathToFileURL(join(own, 'dist/index.js')).href
    );
    const checks = await doctor();
    expect(checks.find(({ name }) => name === 'tslab')).toMatchObject({
      isFine: false,
      says: expect.stringMatching(MISFIT),
    });
    await installKernel({ prefix: project, packages: project });
    const [cells] = runSessions(join(project, 'share/jupyter'), [
      { cwd: project, steps: { first: { execute: '1 + 1' }, second: { execute: '2 + 2' } } },
    ]);
    expect(printedBy(cells.first, 'stderr')).toMatch(MISFIT);
    expect(printedBy(cells.first)).toBe('2\n');
    expect(cells.second.outputs).toHaveLength(1);
  });

  test('that asks for a compiler in another way fails each cell in one line', async () => {
    const converter = join(project, 'other/node_modules/tslab/dist/converter.js');
    const source = readFileSync(converter, 'utf8');
    writeFileSync(converter, source.replace('moduleResolution: ts.ModuleResolutionKind.Node10,', ''));
    const [cells] = runSessions(join(project, 'share/jupyter'), [
      { cwd: project, steps: { first: { execute: '1 + 1' }, second: { execute: '2 + 2' } } },
    ]);
    for (const { outputs } of [cells.first, cells.second])
      expect(outputs).toEqual([
        expect.objectContaining({ type: 'error', evalue: expect.stringMatching(/^tslab .*9\.9\.9/) }),
      ]);
  });
});
