import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Send a signal to the kernel and to all processes that its cells have started. Jupyter makes the kernel the leader of
 * a group of processes; where it is not, as on Windows, nothing is sent.
 */
export function signalGroup(signal: NodeJS.Signals): void {
  if (process.platform === 'win32') return;
  try {
    process.kill(-process.pid, signal);
  } catch {
    // no group of ours
  }
}

/** End the processes that cells have started. */
export async function endChildren(): Promise<void> {
  const asked = children();
  if (asked.length === 0) return;
  asked.forEach((pid) => {
    signal(pid, 'SIGTERM');
  });
  for (let tries = 0; tries < 10 && children().length > 0; tries++) await wait(50);
  children().forEach((pid) => {
    signal(pid, 'SIGKILL');
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // ended in the meantime
  }
}

/** The other processes of our group that have not ended. */
function children(): number[] {
  const listed = process.platform === 'linux' ? listedByKernel() : listedByPs();
  return listed.flatMap(({ pid, group, state }) =>
    group === process.pid && pid !== process.pid && !state.startsWith('Z') ? [pid] : [],
  );
}

interface Listed {
  pid: number;
  group: number;
  state: string;
}

/** The processes by /proc: small containers have no `ps`. */
function listedByKernel(): Listed[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // Behind the name of the program, which may have spaces and brackets.
      const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ pid: Number(name), group: Number(group), state }];
    } catch {
      return [];
    }
  });
}

function listedByPs(): Listed[] {
  if (process.platform === 'win32') return [];
  try {
    const listed = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,stat=,comm='], { encoding: 'utf8' });
    return listed.split('\n').flatMap((line) => {
      const [pid, group, state = '', command] = line.trim().split(/\s+/);
      return command === 'ps' ? [] : [{ pid: Number(pid), group: Number(group), state }];
    });
  } catch {
    return [];
  }
}
