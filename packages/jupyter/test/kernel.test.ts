import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { installInto } from '../../../test/install-packed.ts';
import { python } from '../../../test/python.ts';
import { corpusRows, ROOT, temporaryFolder } from '../../../test/support.ts';
import { jupyterEnvironment, printedBy, type Result, runSessions, type Session } from './notebook-client.ts';

// A project outside the clone with packed packages, and a notebook's folder that is not inside it.
const project = temporaryFolder();
const notebooks = temporaryFolder();
const data = temporaryFolder();
const pids = join(notebooks, 'pids.txt');

function writePackage(folder: string, name: string, manifest: object, files: Record<string, string>): void {
  const target = join(folder, 'node_modules', name);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module', ...manifest }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(target, file), text);
}

const HOST = `const host = (globalThis as any)[Symbol.for('coreset.notebook')];`;
const PRUNE = `await prune('rows.jsonl', {
  keep: '10%', threads: 1, onNotice: console.log,
  onProgress: ({ stage, done }) => { if (stage === 'embed') console.log('embedded ' + done); },
});`;
const PRUNED = `const { order } = ${PRUNE}\norder.length`;
const GREETING = `import { answer } from 'only-here'; process.cwd() + ' ' + answer`;

const CELLS: Session['steps'] = {
  number: { execute: 'const one = 1; one + 1' },
  await: { execute: 'console.log(await Promise.resolve("waited")); for await (const n of [1]) console.log(n);' },
  shorthand: { execute: 'const two = { one }; let three = 3; ({ two, three, ...(() => ({ one }))() })' },
  typeError: { execute: 'const text: string = 1' },
  nullError: { execute: '[1].find((n) => n > 1).toFixed()' },
  notDeclared: { execute: 'text' },
  display: {
    execute: `({ [Symbol.for('Jupyter.display')]: async () => ({ 'text/html': '<b>x</b>', 'text/plain': 'x', 'image/png': Uint8Array.of(1) }) })`,
  },
  badDisplay: { execute: `({ [Symbol.for('Jupyter.display')]: () => 'x' })` },
  update: {
    execute: `${HOST} const shown = host.display({ 'text/plain': 'half' }); shown.update({ 'text/plain': 'whole' });`,
  },
  tslab: { execute: `import { display } from 'tslab'; display.html('<i>x</i>')` },
  coreset: {
    execute: `import { prune, pruneRows } from 'coreset';
const { kept } = await pruneRows(['cats purr', 'cats purr', 'dogs bark'], { keep: 2 });
kept`,
  },
  ownPackage: { execute: `import { answer } from 'only-here'; import untyped from 'untyped'; answer + untyped.more` },
  ownFile: { execute: `import { twice } from './twice'; twice(21)` },
  wrongImport: { execute: `import { prunes } from 'coreset'` },
  anew: { execute: `const answer = 'mine'; answer` },
  loop: { execute: `let sum = 0; for (let i = 0; i < 1e6; i++) sum += i; sum` },
  thrown: { execute: `function fail() { throw new RangeError('too far'); }\nfail()` },
  refused: { execute: `await pruneRows(['a'], { keep: 2, sede: 1 } as any)` },
  lost: { execute: `void Promise.reject(new Error('nobody waits')); 'done'` },
  lostLater: {
    execute: `setTimeout(() => { throw new Error('too late') }, 10); await new Promise((done) => setTimeout(done, 300));`,
  },
  together: { together: [`throw new Error('first')`, `'second'`] },
  afterTogether: { execute: `'third'` },
  interrupted: { execute: PRUNED, interrupt: ['embedded 1[1-9]', 'message'] },
  resumed: { execute: PRUNED },
  signalled: {
    execute: `console.log('begun'); await new Promise((_, reject) => host.signal.addEventListener('abort', () => reject(host.signal.reason)));`,
    interrupt: ['begun', 'SIGINT'],
  },
  freshSignal: { execute: 'host.signal.aborted' },
  blocked: { execute: `console.log('begun'); while (true) {}`, interrupt: ['begun', 'message'] },
  blockedLater: { execute: `console.log('begun'); await 0; while (true) {}`, interrupt: ['begun', 'message'] },
  child: {
    execute: `import { execSync } from 'node:child_process'; console.log('begun'); await 0; execSync('sleep 60');`,
    interrupt: ['begun', 'message'],
  },
  deaf: { execute: `console.log('begun'); await new Promise(() => {});`, interrupt: ['begun', 'message'] },
  alive: { execute: `one + ' is still known'` },
  complete: { complete: `import { pruneRows } from 'coreset'; const ü = '😀'; pruneR` },
  completeOption: { complete: `import { pruneRows } from 'coreset'; pruneRows([], { max` },
  inspect: { inspect: `'😀'; import { pruneRows } from 'coreset'; pruneRows`, cursor_pos: 47 },
  inspectCall: { inspect: `import { pruneRows } from 'coreset'; pruneRows((1 + 2), ` },
  inspectNothing: { inspect: `1 + 1` },
  isComplete: { is_complete: 'if (true) {' },
  processes: {
    execute: `import { spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { writeFileSync } from 'node:fs';
new Worker('setInterval(() => {}, 1000)', { eval: true });
const children = [spawn('sleep', ['1000']), spawn('sh', ['-c', 'trap "" TERM; while true; do sleep 1; done'])];
writeFileSync('pids.txt', children.map(({ pid }) => pid).join('\\n'));`,
  },
  restart: { restart: pids },
  restarted: { execute: `typeof (globalThis as any).one` },
};

/** Kernels that are started in another folder than the notebook's. */
const ELSEWHERE: Session[] = [
  {
    cwd: data,
    env: { JPY_SESSION_NAME: join(notebooks, 'untitled.ipynb') },
    steps: { greeting: { execute: GREETING } },
  },
  {
    cwd: data,
    steps: {
      greeting: {
        execute: GREETING,
        metadata: {
          cellId: pathToFileURL(join(notebooks, 'it.ipynb')).href.replace('file://', 'vscode-notebook-cell:') + '#W0sZ',
        },
      },
    },
  },
];

let cells: Record<string, Result>;
let elsewhere: Record<string, Result>[];

beforeAll(() => {
  installInto(project, join(ROOT, 'models'));
  for (const name of readdirSync(join(ROOT, 'packages'))) installInto(project, join(ROOT, 'packages', name));
  writePackage(
    notebooks,
    'only-here',
    { exports: { '.': { import: './index.js', types: './index.d.ts' } } },
    { 'index.js': 'export const answer = 42;', 'index.d.ts': 'export declare const answer: number;' },
  );
  writePackage(notebooks, 'untyped', { main: 'index.js' }, { 'index.js': 'export default { more: 1 };' });
  writeFileSync(join(notebooks, 'twice.ts'), 'export const twice = (n: number): number => 2 * n;');
  writeFileSync(
    join(notebooks, 'rows.jsonl'),
    corpusRows(1600)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  );
  const command = join(project, 'node_modules/coreset/bin/coreset.js');
  const env = { ...process.env, ...jupyterEnvironment(data) };
  execFileSync(process.execPath, [command, 'jupyter', 'install'], { cwd: project, env });
  [cells, ...elsewhere] = runSessions(data, [{ cwd: notebooks, steps: CELLS }, ...ELSEWHERE]);
}, 300_000);

describe('a cell', () => {
  test('shows the value of its last expression', () => {
    expect(printedBy(cells.number)).toBe('2\n');
    expect(cells.number).toMatchObject({ status: 'ok', execution_count: 1 });
  });

  test('may await anywhere', () => {
    expect(printedBy(cells.await)).toBe('waited\n1\n');
  });

  test('names a variable of an earlier cell in a shorthand property', () => {
    expect(printedBy(cells.shorthand)).toBe('{ two: { one: 1 }, three: 3, one: 1 }\n');
  });

  test('is checked before it runs, with strict types', () => {
    expect(cells.typeError).toMatchObject({ status: 'error', ename: 'TypeScript' });
    expect(cells.typeError.evalue).toBe("1:7 - Type 'number' is not assignable to type 'string'.");
    expect(cells.nullError.evalue).toMatch(/possibly 'undefined'/);
    expect(cells.notDeclared.evalue).toMatch(/Cannot find name 'text'/);
    expect(cells.typeError.outputs.map(({ type }) => type)).toEqual(['error']);
  });

  test('shows a value by its own method', () => {
    expect(cells.display.outputs).toEqual([
      {
        type: 'execute_result',
        data: { 'text/html': '<b>x</b>', 'text/plain': 'x', 'image/png': 'AQ==' },
        metadata: {},
        execution_count: expect.any(Number),
      },
    ]);
    expect(cells.badDisplay.evalue).toMatch(/gives an object by MIME type, got string/);
  });

  test('shows what changes in place', () => {
    const [first, second] = cells.update.outputs;
    expect(first).toMatchObject({ type: 'display_data', data: { 'text/plain': 'half' } });
    expect(second).toMatchObject({ type: 'update_display_data', data: { 'text/plain': 'whole' } });
    expect(second.transient).toEqual(first.transient);
    expect(cells.update.outputs).toHaveLength(2);
    expect(cells.tslab.outputs).toMatchObject([{ type: 'display_data', data: { 'text/html': '<i>x</i>' } }]);
  });

  test('imports coreset, which is not in the folder of the notebook, with its types', () => {
    expect(printedBy(cells.coreset)).toBe("[ 'cats purr', 'dogs bark' ]\n");
    expect(cells.wrongImport.evalue).toMatch(/has no exported member named 'prunes'/);
  });

  test('imports packages and files of the folder, and may declare their names anew', () => {
    expect(printedBy(cells.ownPackage)).toBe('43\n');
    expect(printedBy(cells.ownFile)).toBe('42\n');
    expect(printedBy(cells.anew)).toBe('mine\n');
  });

  test('loops at its top level', () => {
    expect(printedBy(cells.loop)).toBe('499999500000\n');
  });

  test('that throws shows where, without the frames of the kernel', () => {
    const traceback = cells.thrown.outputs[0].traceback as string[];
    const [, cell] = /cell (\d+)/.exec(traceback[1]) ?? [];
    expect(traceback).toEqual(['RangeError: too far', `    at fail (cell ${cell})`, `    at cell ${cell}`]);
  });

  test('that is refused shows one line', () => {
    const [{ traceback }] = cells.refused.outputs;
    expect(traceback).toEqual([expect.stringMatching(/^CoresetError: pruneRows has no option 'sede'.*'seed'\?$/)]);
  });

  test('fails where an error is lost', () => {
    expect(cells.lost).toMatchObject({ status: 'error', evalue: 'nobody waits' });
    expect(cells.lost.outputs.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(cells.lostLater).toMatchObject({ status: 'error', evalue: 'too late' });
  });

  test('drops those that were sent with it when it fails', () => {
    const sent = cells.together as unknown as Result[];
    expect(sent.map(({ status }) => status)).toEqual(['error', 'aborted']);
    expect(printedBy(cells.afterTogether)).toBe('third\n');
  });
});

describe('an interrupt', () => {
  test('stops a run, which goes on when the cell runs again', () => {
    expect(cells.interrupted).toMatchObject({ status: 'error', ename: 'Interrupted' });
    expect(cells.interrupted.evalue).toBe('the cell was interrupted');
    expect(cells.interrupted.outputs.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(printedBy(cells.resumed)).toMatch(/resuming behind row 1024 of 1600/);
    expect(printedBy(cells.resumed)).toMatch(/^160$/m);
  });

  test('may be a signal, and is over with the cell', () => {
    expect(cells.signalled).toMatchObject({ status: 'error', evalue: 'the cell was interrupted' });
    expect(printedBy(cells.freshSignal)).toBe('false\n');
  });

  test('ends what does not hear it, and the kernel lives', () => {
    expect(cells.blocked.evalue).toMatch(/by force/);
    expect(cells.blockedLater.evalue).toMatch(/by force/);
    expect(cells.child.evalue).toMatch(/Command failed: sleep 60/);
    expect(cells.deaf.evalue).toMatch(/may go on until the kernel is restarted/);
    expect(printedBy(cells.alive)).toBe('1 is still known\n');
  });
});

test('completion knows names and options, and counts characters', () => {
  expect(cells.complete).toMatchObject({ matches: ['pruneRows'], cursor_start: 52, cursor_end: 58 });
  expect(cells.completeOption.matches).toContain('maxSimilarity');
});

test('help shows the docs, also inside a call', () => {
  const expected = {
    'text/plain': expect.stringMatching(
      /pruneRows.*Promise.*\n(?:.|\n)*Prune rows in memory(?:.|\n)*@returns the kept rows/,
    ),
    'text/markdown': expect.stringMatching(/^```typescript\n.*pruneRows(?:.|\n)*Prune rows in memory/),
  };
  expect(cells.inspect).toMatchObject({ found: true, data: expected });
  expect(cells.inspectCall).toMatchObject({ found: true, data: expected });
  expect(cells.inspectNothing).toMatchObject({ status: 'ok', found: false });
  expect(cells.isComplete).toMatchObject({ status: 'incomplete', indent: '  ' });
});

test('a restart leaves no process behind', () => {
  expect(cells.processes.status).toBe('ok');
  expect(cells.restart.alive).toEqual([]);
  expect(printedBy(cells.restarted)).toBe('undefined\n');
});

test('the folder of the notebook counts where the kernel is started elsewhere', () => {
  expect(elsewhere.map(({ greeting }) => printedBy(greeting))).toEqual([`${notebooks} 42\n`, `${notebooks} 42\n`]);
});

test('a kernel whose Jupyter was killed ends', async () => {
  const pid = Number(
    python(
      `import json, os, sys
os.environ.update(json.loads(sys.argv[1]))
from jupyter_client.manager import KernelManager
manager = KernelManager(kernel_name='coreset')
manager.start_kernel(stdout=open(os.devnull, 'w'), stderr=open(os.devnull, 'w'))
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)
print(manager.provisioner.process.pid, flush=True)
os._exit(0)`,
      [JSON.stringify(jupyterEnvironment(data))],
    ),
  );
  const isThere = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  await expect.poll(isThere, { timeout: 20_000 }).toBe(false);
});

test('papermill sets parameters', () => {
  const cell = (source: string, tags: string[] = []): object => ({
    cell_type: 'code',
    metadata: { tags },
    source,
    outputs: [],
    execution_count: null,
  });
  const notebook = {
    cells: [
      cell('const share: number = 0.1; // of the rows\nconst name = "none";', ['parameters']),
      cell('console.log(JSON.stringify([share / 2, name, list]));'),
    ],
    metadata: { kernelspec: { name: 'coreset', display_name: 'TypeScript (coreset)', language: 'typescript' } },
    nbformat: 4,
    nbformat_minor: 4,
  };
  const at = join(notebooks, 'parameters.ipynb');
  writeFileSync(at, JSON.stringify(notebook));
  const registration = join(data, 'registration');
  const shown = python(
    `import json, os, subprocess, sys
env, source, target, notebook = json.loads(sys.argv[1]), *sys.argv[2:]
pip = [sys.executable, '-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--no-deps', '--no-index']
subprocess.run([*pip, '--target', target, source], check=True)
sys.path.insert(0, target)
os.environ.update(env)
import papermill
given = {'share': 0.5, 'name': 'it\\'s "ü"', 'list': [1, None, True, {'a': [2.5]}]}
done = papermill.execute_notebook(notebook, None, parameters=given, progress_bar=False, cwd=os.path.dirname(notebook))
print(done.cells[-1].outputs[0].text)
print(papermill.inspect_notebook(notebook)['share'])`,
    [
      JSON.stringify(jupyterEnvironment(data)),
      join(project, 'node_modules/@coreset/jupyter/papermill'),
      registration,
      at,
    ],
  );
  const [output, inferred] = shown.trim().split(/\n+/);
  expect(JSON.parse(output)).toEqual([0.25, `it's "ü"`, [1, null, true, { a: [2.5] }]]);
  expect(inferred).toBe("{'name': 'share', 'inferred_type_name': 'number', 'default': '0.1', 'help': 'of the rows'}");
});
