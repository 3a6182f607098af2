import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { diagnosticsLine, writeNpy } from '@coreset/core';
import { beforeAll, expect, test } from 'vitest';
import { clusteredMatrix, coreset, temporaryFolder } from '../../../test/support.ts';
import { WORDS, writeTinyTextModel } from '../../../test/tiny-text-model.ts';
import { program } from '../dist/cli/program.js';
import { progressDisplay } from '../dist/cli/progress-display.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const ROWS = 40;

beforeAll(async () => {
  writeTinyTextModel(at('model'));
  const texts = Array.from({ length: ROWS }, (_, i) => `${WORDS[i % 9]} ${WORDS[Math.floor(i / 9)]}`);
  writeFileSync(at('rows.jsonl'), texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
  await writeNpy(at('vectors.npy'), clusteredMatrix(ROWS, 5).data, [ROWS, 5]);
  await stderrOf(['graph', at('vectors.npy'), '--k', '4', '--out', at('graph')]);
});

const TEXTS = [at('rows.jsonl'), '--model', at('model')];

/** What a command writes on standard error, run in this process in a folder of its own. */
async function stderrOf(args: string[], cwd = mkdtempSync(at('run-'))): Promise<string> {
  const here = process.cwd();
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  let written = '';
  process.chdir(cwd);
  for (const stream of streams)
    stream.write = (text: string | Uint8Array) => {
      if (stream === process.stderr) written += text;
      return true;
    };
  try {
    await program().parseAsync(['node', 'coreset', ...args]);
    return written;
  } finally {
    for (const [i, stream] of streams.entries()) stream.write = writes[i];
    process.chdir(here);
  }
}

/** Lines of facts. */
const factLines = (stderr: string): string[] => stderr.split('\n').filter((line) => /^\w+: \w+=/.test(line));

/** Facts by `stage: name`. */
const facts = (stderr: string): Set<string> =>
  new Set(
    factLines(stderr).flatMap((line) =>
      [...line.matchAll(/ (\w+)=/g)].map(([, name]) => `${line.split(':')[0]}: ${name}`),
    ),
  );

test('prune --verbose prints each fact that the manifest keeps, and of a stage that is used again what it kept', async () => {
  const cwd = mkdtempSync(at('run-'));
  const args = ['prune', ...TEXTS, '--keep', '10', '--verbose'];
  const stderr = await stderrOf(args, cwd);
  const manifest = JSON.parse(readFileSync(join(cwd, 'rows.coreset/manifest.json'), 'utf8'));
  const kept = Object.entries<{ diagnostics: object }>(manifest.stages).flatMap(([stage, { diagnostics }]) =>
    Object.keys(diagnostics).map((name) => `${stage}: ${name}`),
  );
  expect(kept.length).toBeGreaterThan(60);
  const environment = Object.keys(manifest.environment).map((name) => `run: ${name}`);
  expect([...facts(stderr)].sort()).toEqual([...environment, ...kept].sort());
  expect(stderr).toMatch(/^graph: backend=exact$/m);
  expect(stderr).toMatch(/^graph: qmax=(79|127) candidates=\d+ pairs=true$/m);
  expect(factLines(stderr).filter((line) => line.includes(' dtype='))).toHaveLength(1);
  const again = await stderrOf(args, cwd);
  expect(again).toContain(`\n${diagnosticsLine('graph', { reused: true, ...manifest.stages.graph.diagnostics })}\n`);
  expect(factLines(await stderrOf(args.slice(0, -1)))).toEqual([]);
  const other = factLines(
    await stderrOf(
      args.map((arg) => (arg === '10' ? '20' : arg)),
      cwd,
    ),
  );
  expect(other.length).toBeGreaterThan(5);
  expect(new Set(other).size, other.join('\n')).toBe(other.length);
});

test.each<[string, string[], RegExp[]]>([
  [
    'embed',
    [...TEXTS, '--out', 'e.npy'],
    [
      /^run: coreset=/m,
      /^embed: .*field=text/m,
      /^embed: .*maxTokens=/m,
      /^embed: .*modelFiles=\{"config/m,
      /^embed: rows=40 distinct=40 /m,
    ],
  ],
  [
    'score',
    [at('vectors.npy'), '--out', 's.npy', '--prototypes', '3'],
    [/^run: /m, /^difficulty: .*prototypes=3 .*iterations=\d/m],
  ],
  [
    'graph',
    [at('vectors.npy'), '--out', 'g', '--k', '3'],
    [/^run: /m, /^graph: .*kAsked=3 k=3/m, /^graph: verifiedFirst=1 /m],
  ],
  [
    'select',
    ['--graph', at('graph'), '--method', 'semdedup', '--keep', '5', '--out', 's.json'],
    [/^run: /m, /^select: method=semdedup budget=5 /m, /^select: rows=40 picks=5 /m],
  ],
  [
    'compare',
    [...TEXTS, '--methods', 'random,d2', '--keep', '5', '--seeds', '1'],
    [
      /^run: /m,
      /^embed: rows=40 /m,
      /^difficulty: /m,
      /^graph: .*kAsked=10/m,
      /^select: method=random /m,
      /^select: method=d2 .*gammaForward=1 /m,
    ],
  ],
  ['plan', [...TEXTS, '--keep', '5'], [/^run: /m, /^embed: modality=text field=text /m]],
])('%s --verbose prints facts, a line each time, and prints none without', async (name, args, lines) => {
  const stderr = await stderrOf([name, ...args, '--verbose']);
  for (const line of lines) expect(stderr).toMatch(line);
  expect(factLines(await stderrOf([name, ...args]))).toEqual([]);
});

test('--verbose and --quiet contradict each other', () => {
  const { status, stderr, stdout } = coreset(['graph', at('vectors.npy'), '--out', at('none'), '--quiet', '--verbose']);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toBe("coreset: option '--verbose' cannot be used with option '--quiet'\n");
});

test('NODE_DEBUG=coreset prints the same', () => {
  const cwd = mkdtempSync(at('run-'));
  const run = (more: string[], debug: string): string[] => {
    const args = [
      'prune',
      ...TEXTS,
      '--keep',
      '10',
      '--threads',
      '1',
      '--run-dir',
      mkdtempSync(join(cwd, 'x-')),
      ...more,
    ];
    const { status, stderr } = coreset(args, { cwd, env: { ...process.env, NODE_DEBUG: debug } });
    expect(status).toBe(0);
    expect(stderr).not.toContain('CORESET');
    return factLines(stderr);
  };
  const printed = run([], 'coreset');
  expect(printed.length).toBeGreaterThan(10);
  expect(printed).toEqual(run(['--verbose'], ''));
  expect(printed.filter((line) => line.startsWith('select: method='))).toHaveLength(1);
});

test('NODE_DEBUG=coreset prints what the library does', () => {
  const options = JSON.stringify({ keep: 5, runDir: join(mkdtempSync(at('run-')), 'run') });
  const code = `import { prune } from ${JSON.stringify(import.meta.resolve('coreset'))};
    await prune(${JSON.stringify(at('vectors.npy'))}, ${options});`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { ...process.env, NODE_DEBUG: 'coreset' },
  });
  expect(status).toBe(0);
  const lines = stderr.trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/^CORESET \d+: (run|difficulty|graph|select|map|write|report): \w+=/);
  expect(lines.filter((line) => line.includes('select: method=auto budget=5 '))).toHaveLength(1);
  expect(lines.filter((line) => line.endsWith('graph: backend=exact'))).toHaveLength(1);
});

test('a line of facts takes the place of the progress bar, which goes on below', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 }) as unknown as NodeJS.WriteStream;
  const display = progressDisplay(stream);
  display.onProgress({ stage: 'graph', done: 0, total: 10 });
  const before = String((stream as unknown as PassThrough).read());
  expect(before).toContain('graph');
  expect(before.endsWith('\n')).toBe(false);
  display.onDiagnostics('graph', { backend: 'exact' });
  expect(String((stream as unknown as PassThrough).read())).toBe('\u001b[1G\u001b[2Kgraph: backend=exact\n');
  display.stop();
});
