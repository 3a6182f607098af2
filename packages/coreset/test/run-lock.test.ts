import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { readNpy } from '@coreset/core';
import { afterEach, describe, expect, type TestContext, test } from 'vitest';
import { coreset, corpusRows, ROOT, temporaryFolder } from '../../../test/support.ts';
import { openLocked } from '../dist/run/file-lock.js';
import { RunDirectory } from '../dist/run/run-directory.js';
import { lockRun } from '../dist/run/run-lock.js';
import { ShardFile } from '../dist/stages/shard-file.js';

const COMMAND = join(ROOT, 'packages/coreset/bin/coreset.js');
const LOCK_MODULE = pathToFileURL(join(ROOT, 'packages/coreset/dist/run/run-lock.js')).href;
/** Takes the lock that it is told, says what came of it, and keeps it until it is killed. */
const TAKE = `
  import { lockRun } from ${JSON.stringify(LOCK_MODULE)};
  try {
    lockRun(process.argv[1]);
    console.log('held');
    setInterval(() => {}, 1000);
  } catch (error) {
    console.log(error.message);
  }`;
const TAKE_ARGS = ['--input-type=module', '--eval', TAKE];

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Taker {
  child: ChildProcess;
  /** `held`, or why not. */
  answer: string;
}

/** A process of its own that tries to take a lock. @param wrapper a command that starts it */
async function take(lock: string, wrapper: string[] = []): Promise<Taker> {
  const [command, ...args] = [...wrapper, process.execPath, ...TAKE_ARGS, lock];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [answer] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  return { child, answer };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** The command that starts another one as the first process of a container, as far as locks are concerned. */
function container(context: TestContext, host: string): string[] {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const command = ['unshare', ...asRoot, '--uts', '--pid', '--fork', '--kill-child'];
  const { status } = spawnSync(command[0], [...command.slice(1), 'hostname', host]);
  if (status !== 0) context.skip('unshare may not make namespaces here: nothing is known about two containers');
  return [...command, 'sh', '-c', `hostname ${host}; exec "$@"`, 'sh'];
}

function freshLock(): string {
  return join(temporaryFolder(), 'lock');
}

const ONE_LINE_OF = (host: string): RegExp =>
  new RegExp(
    `^[^\\n]*lock: another run \\(process \\d+\\) is at work in this run directory, on host ${host} since 20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC; wait for it or use another --run-dir\\n?$`,
  );

describe('two containers on one volume', () => {
  test('the second run is refused while the first is at work, and told where that is', async (context) => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'rows.jsonl'),
      corpusRows(20)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
    expect((await take(join(folder, 'r/lock'), container(context, 'first-host'))).answer).toBe('held');
    expect((await take(join(folder, 'r/lock'), container(context, 'second-host'))).answer).toMatch(
      ONE_LINE_OF('first-host'),
    );
    const [command, ...args] = [
      ...container(context, 'second-host'),
      process.execPath,
      COMMAND,
      ...['prune', 'rows.jsonl', '--keep', '5', '--run-dir', 'r'],
    ];
    const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
    expect(stderr).toMatch(ONE_LINE_OF('first-host'));
    expect(status).toBe(2);
    expect(readdirSync(join(folder, 'r'))).toEqual(['lock']);
  });

  test('a killed run does not lock out the next container, whose process has its number', async (context) => {
    const lock = freshLock();
    for (const host of ['first-host', 'second-host', 'first-host']) {
      const { child, answer } = await take(lock, container(context, host));
      expect(answer).toBe('held');
      expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ process: 1, host });
      await kill(child);
      while (isLocked(lock)) await sleep(5); // what unshare started ends a moment later
    }
  });
});

/** Whether a process has the lock, asked without a trace. */
function isLocked(path: string): boolean {
  const file = openLocked(path);
  if (file) closeSync(file.descriptor);
  return file === undefined;
}

describe('on one machine', () => {
  test('a killed run gives its lock up at once', async () => {
    const lock = freshLock();
    for (let run = 0; run < 3; run++) {
      const { child, answer } = await take(lock);
      expect(answer).toBe('held');
      await kill(child);
    }
  });

  test('a stopped run keeps its lock', async (context) => {
    const lock = freshLock();
    const { child } = await take(lock);
    child.kill('SIGSTOP');
    const { host } = JSON.parse(readFileSync(lock, 'utf8'));
    expect((await take(lock)).answer).toMatch(ONE_LINE_OF(host));
    expect((await take(lock, container(context, 'elsewhere'))).answer).toMatch(ONE_LINE_OF(host));
    child.kill('SIGCONT');
    expect((await take(lock)).answer).toMatch(ONE_LINE_OF(host));
  });

  test('a lock that is given back is gone, and can be taken again', () => {
    const lock = freshLock();
    for (let run = 0; run < 2; run++) {
      const taken = lockRun(lock);
      expect(() => lockRun(lock)).toThrow(/another run/);
      taken.release();
      expect(existsSync(lock)).toBe(false);
    }
  });
});

describe('many at once', () => {
  const RACE = `
    import { closeSync, openSync, rmSync } from 'node:fs';
    import { lockRun } from ${JSON.stringify(LOCK_MODULE)};
    function attempt(lock) {
      try {
        return lockRun(lock);
      } catch (error) {
        return error.message;
      }
    }
    process.on('message', ({ lock, at, times }) => {
      while (Date.now() < at);
      let taken = attempt(lock);
      for (let i = 1; i < times; i++) {
        if (typeof taken !== 'string') {
          closeSync(openSync(lock + '.inside', 'wx')); // throws where two are inside
          rmSync(lock + '.inside');
          taken.release();
        }
        taken = attempt(lock);
      }
      if (times > 1 && typeof taken !== 'string') taken.release();
      process.send(typeof taken === 'string' ? taken : 'held');
    });
    process.send('ready');`;

  async function startRacers(count: number): Promise<ChildProcess[]> {
    const racers = Array.from({ length: count }, () =>
      spawn(process.execPath, ['--input-type=module', '--eval', RACE], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      }),
    );
    children.push(...racers);
    await Promise.all(racers.map((racer) => once(racer, 'message')));
    return racers;
  }

  /** @returns what each says at last, or `broken` */
  function race(racers: ChildProcess[], lock: string, times: number): Promise<string[]> {
    const at = Date.now() + 100;
    return Promise.all(
      racers.map((racer) => {
        racer.send({ lock, at, times });
        return new Promise<string>((resolve) => {
          racer.once('message', (answer) => resolve(String(answer)));
          racer.once('exit', () => resolve('broken'));
        });
      }),
    );
  }

  test('that find the lock of a dead run: one takes it', async () => {
    const racers = await startRacers(25);
    const lock = freshLock();
    await kill((await take(lock)).child);
    for (let round = 0; round < 3; round++) {
      const answers = await race(racers, lock, 1);
      const winner = answers.indexOf('held');
      for (const [i, answer] of answers.entries())
        if (i !== winner) expect(answer).toMatch(/another run.* is at work in this run directory/);
      await kill(racers[winner]);
      racers.splice(winner, 1);
    }
  });

  test('that take and give back the same lock are never two inside', async () => {
    const lock = freshLock();
    expect(await race(await startRacers(3), lock, 1500)).not.toContain('broken');
    expect(existsSync(lock)).toBe(false);
  });
});

describe('what lies where the lock comes', () => {
  test.each([
    ['that is empty', ''],
    ['of an earlier version, with the number of a process that lives', String(process.pid)],
    ['that is cut short', '{"coreset":"run","proc'],
  ])('a lock %s is taken over', (_, content) => {
    const lock = freshLock();
    writeFileSync(lock, content);
    const taken = lockRun(lock);
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ coreset: 'run', process: process.pid });
    taken.release();
    expect(existsSync(lock)).toBe(false);
  });

  test('a file that is not ours is locked, and stays as it is', () => {
    const lock = freshLock();
    writeFileSync(lock, '\0\0\0 a file of somebody else');
    const taken = lockRun(lock);
    expect(() => lockRun(lock)).toThrow(/lock: another run is at work in this run directory; wait/);
    taken.release();
    expect(readFileSync(lock, 'utf8')).toBe('\0\0\0 a file of somebody else');
  });

  test('a folder and a link are told in one line', () => {
    const lock = freshLock();
    mkdirSync(lock);
    expect(() => lockRun(lock)).toThrow(/^cannot write .*lock: it is a folder, a file is needed$/);
    rmSync(lock, { recursive: true });
    symlinkSync('elsewhere', lock);
    expect(() => lockRun(lock)).toThrow(/^cannot write .*lock: it is no regular file$/);
    expect(existsSync(join(lock, '../elsewhere'))).toBe(false);
  });

  test('what the user may not write is told in one line', async (context) => {
    const capabilities = '-dac_override,-dac_read_search';
    const isRoot = process.getuid?.() === 0; // who may write everywhere, but for that
    const user = isRoot ? ['setpriv', `--bounding-set=${capabilities}`, `--inh-caps=${capabilities}`] : [];
    if (process.platform === 'win32' || (isRoot && spawnSync(user[0], [...user.slice(1), 'true']).status !== 0))
      context.skip('no user here whom the file system refuses anything');
    const folder = temporaryFolder();
    const lock = join(folder, 'lock');
    expect((await take(lock, user)).answer).toBe('held');
    for (const child of children.splice(0)) await kill(child);
    chmodSync(lock, 0);
    expect((await take(lock, user)).answer).toMatch(/^cannot write .*lock: permission denied$/);
    rmSync(lock);
    chmodSync(folder, 0o555);
    expect((await take(lock, user)).answer).toMatch(/^cannot write .*lock: permission denied$/);
    chmodSync(folder, 0o755);
    expect((await take(lock, user)).answer).toBe('held');
  });

  test('where the file system keeps no locks, a lock that is there is believed, and the file to delete is named', () => {
    const run = (lock: string): string => {
      const code = `
        import locks from 'fs-native-extensions';
        locks.tryLock = () => { throw Object.assign(new Error('no locks available'), { code: 'ENOLCK' }); };
        ${TAKE.replace('setInterval(() => {}, 1000);', '')}`;
      return spawnSync(process.execPath, ['--input-type=module', '--eval', code, lock], {
        cwd: join(ROOT, 'packages/coreset'),
        encoding: 'utf8',
      }).stdout.trimEnd();
    };
    const lock = freshLock();
    expect(run(lock)).toBe('held'); // and its process ends without giving it back
    expect(run(lock)).toMatch(
      /lock: another run \(process \d+\) took this run directory, on host [\w.-]+ since .* UTC, and the file system keeps no locks .* delete \S.*lock, else wait/,
    );
    rmSync(lock);
    expect(run(lock)).toBe('held');
  });
});

describe('a lock that is lost', () => {
  test('is noticed when it was removed, and the next run is left alone', () => {
    const lock = freshLock();
    const first = lockRun(lock);
    first.requireHeld();
    rmSync(lock);
    expect(() => first.requireHeld()).toThrow(
      /lock: the lock of this run was removed, .*; run the same command again$/,
    );
    const second = lockRun(lock);
    expect(first.isHeld()).toBe(false);
    first.release();
    expect(existsSync(lock)).toBe(true);
    second.requireHeld();
    second.release();
  });

  test.skipIf(process.platform !== 'linux')('is noticed when a file server gave it to another', async () => {
    const lock = freshLock();
    const first = lockRun(lock);
    const descriptor = readdirSync('/proc/self/fd').find((fd) => isLinkTo(`/proc/self/fd/${fd}`, lock));
    createRequire(join(ROOT, 'packages/coreset/package.json'))('fs-native-extensions').unlock(Number(descriptor));
    const { child, answer } = await take(lock);
    expect(answer).toBe('held');
    expect(() => first.requireHeld()).toThrow(/the lock of this run was removed/);
    first.release();
    expect(existsSync(lock)).toBe(true);
    await kill(child);
  });

  test('ends the run before it writes more, and no other run writes beside it', async () => {
    const folder = temporaryFolder();
    const rows = corpusRows(400).map((row) => `${JSON.stringify(row)}\n`);
    writeFileSync(join(folder, 'rows.jsonl'), rows.join(''));
    const args = ['prune', 'rows.jsonl', '--keep', '100', '--run-dir', 'r', '--quiet'];
    const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    children.push(child);
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    const exited = once(child, 'exit');
    const journal = join(folder, 'r/embeddings.npy.journal');
    while (!existsSync(journal)) await sleep(10);
    child.kill('SIGSTOP');
    rmSync(join(folder, 'r/lock'));
    const second = coreset(args, { cwd: folder });
    child.kill('SIGCONT');
    expect(second.stderr).toMatch(/^coreset: r.embeddings.npy.part: another run is writing this file; .*\n$/);
    expect(second.status).toBe(2);
    expect((await exited)[0]).toBe(2);
    expect(stderr).toMatch(/^coreset: r.lock: the lock of this run was removed, .*\n$/);
    expect(readdirSync(join(folder, 'r')).filter((name) => /neighbours|readings|selection|lock/.test(name))).toEqual(
      [],
    );
  });
});

function isLinkTo(link: string, path: string): boolean {
  try {
    return readlinkSync(link) === path;
  } catch {
    return false;
  }
}

describe('a run directory', () => {
  test('without work is removed, but not under another run', () => {
    const path = join(temporaryFolder(), 'r');
    const first = new RunDirectory(path, ['rows.jsonl']);
    rmSync(join(path, 'lock'));
    const second = new RunDirectory(path, ['rows.jsonl']);
    first.close();
    expect(readdirSync(path)).toEqual(['lock']);
    expect(second.file('x.npy')).toBe(join(path, 'x.npy'));
    second.close();
    const third = new RunDirectory(`${path}/deeper`, ['rows.jsonl']);
    third.close();
    expect(existsSync(`${path}/deeper`)).toBe(false);
  });
});

describe('vectors that are being written', () => {
  const cols = 4;
  const vector = (row: number): Float32Array => Float32Array.from({ length: cols }, (_, c) => row + c / 8);

  test('embed --out twice at once: the second is refused and harms nothing', () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'rows.jsonl'),
      corpusRows(8)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
    const file = new ShardFile(join(folder, 'x.npy'), 2048, 'of another input');
    for (let row = 0; row < 1024; row++) file.append(vector(row), [1, 0, 0]);
    const bytes = readFileSync(file.partPath);
    const embed = ['embed', 'rows.jsonl', '--out', 'x.npy', '--quiet'];
    const { status, stderr } = coreset(embed, { cwd: folder });
    expect(stderr).toMatch(/^coreset: .*x.npy.part: another run is writing this file; .*\n$/);
    expect(status).toBe(2);
    for (let row = 1024; row < 2048; row++) file.append(vector(row), [1, 0, 0]);
    expect(readFileSync(file.partPath).subarray(0, bytes.length)).toEqual(bytes);
    file.complete();
    file.publish();
    file.close();
    expect(Array.from(readNpy(join(folder, 'x.npy')).data as Float32Array)).toEqual(
      Array.from({ length: 2048 }, (_, row) => [...vector(row)]).flat(),
    );
    expect(coreset(embed, { cwd: folder }).status).toBe(0);
    expect(readNpy(join(folder, 'x.npy')).shape).toEqual([8, 384]);
    expect(readdirSync(folder).sort()).toEqual(['rows.jsonl', 'x.npy']);
  });

  test('a folder that is missing is made', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'rows.jsonl'), `${JSON.stringify(corpusRows(1)[0])}\n`);
    const { status, stderr } = coreset(['embed', 'rows.jsonl', '--out', 'new/er/x.npy', '--quiet'], { cwd: folder });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(readNpy(join(folder, 'new/er/x.npy')).shape).toEqual([1, 384]);
  });

  test('a part whose header is damaged or gone is written anew', () => {
    for (const damage of [
      (part: string) => truncateSync(part, 0),
      (part: string) => writeFileSync(part, readFileSync(part).fill(0, 0, 80)),
    ]) {
      const path = join(temporaryFolder(), 'x.npy');
      const killed = new ShardFile(path, 1500, 'key');
      for (let row = 0; row < 1024; row++) killed.append(vector(row), [1, 0, 0]);
      killed.close();
      expect(statSync(killed.partPath).size).toBeGreaterThan(1024 * cols * 4);
      damage(killed.partPath);
      const next = new ShardFile(path, 1500, 'key');
      for (let row = next.resumedRows; row < 1500; row++) next.append(vector(row), [1, 0, 0]);
      next.complete();
      next.publish();
      next.close();
      const { data, shape } = readNpy(path);
      expect(shape).toEqual([1500, cols]);
      expect([...data.slice(1024 * cols, 1025 * cols)]).toEqual([...vector(1024)]);
    }
  });
});
