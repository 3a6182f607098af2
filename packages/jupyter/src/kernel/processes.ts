import { execFileSync } from 'node:child_process';
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

/** The other processes of our group. */
function children(): number[] {
  if (process.platform === 'win32') return [];
  let listed: string;
  try {
    listed = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,stat=,comm='], { encoding: 'utf8' });
  } catch {
    return [];
  }
  return listed.split('\n').flatMap((line) => {
    const [pid, group, state, command] = line.trim().split(/\s+/);
    const isOurs = Number(group) === process.pid && Number(pid) !== process.pid;
    return isOurs && !state.startsWith('Z') && command !== 'ps' ? [Number(pid)] : [];
  });
}
