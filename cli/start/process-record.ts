import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from '../../runtime/process-identity.ts';

const TERM_MS = 5_000;
const KILL_MS = 5_000;

/** Records the started processes in $SLUICE_HOME/pids.json. The next start ends those that are still running. */
export function createProcessRecord(root: string) {
  const file = join(root, 'pids.json');
  const started: Record<string, ProcessIdentity> = {};
  return {
    /** Records a process right after its start. */
    add(name: string, pid: number): void {
      const identity = identify(pid);
      if (identity === undefined) return;
      started[name] = identity;
      writeFileSync(`${file}.new`, `${JSON.stringify(started, undefined, 2)}\n`);
      renameSync(`${file}.new`, file);
    },
    remove(): void {
      rmSync(file, { force: true });
    },
  };
}

/** This variable of a process names the home of its supervisor. */
export const STARTED_FOR_VARIABLE = 'SLUICE_STARTED_FOR';

/**
 * Ends the processes that an earlier supervisor left running, by pid and start time: SIGTERM, then SIGKILL after 5 s.
 * Returns their names.
 */
export async function endLeftoverProcesses(root: string): Promise<string[]> {
  const recorded = readRecord(root).filter(([, identity]) => isAlive(identity));
  const known = new Set(recorded.map(([, { pid }]) => pid));
  // A supervisor that was killed right after starting a process has not recorded it.
  const unrecorded = processesStartedFor(root).filter(({ pid }) => !known.has(pid));
  const leftovers = [
    ...recorded,
    ...unrecorded.map((identity): RecordedProcess => [`process ${identity.pid}`, identity]),
  ];
  for (const [, identity] of leftovers) sendSignal(identity, 'SIGTERM');
  if (!(await waitUntilEnded(leftovers, TERM_MS))) {
    for (const [, identity] of leftovers) sendSignal(identity, 'SIGKILL');
    await waitUntilEnded(leftovers, KILL_MS);
  }
  rmSync(join(root, 'pids.json'), { force: true });
  return leftovers.map(([name]) => name);
}

type RecordedProcess = readonly [name: string, identity: ProcessIdentity];

/** The processes whose STARTED_FOR_VARIABLE is `root`. None if the system has no /proc with environments (proc(5)). */
function processesStartedFor(root: string): ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.flatMap((pid) =>
    environmentOf(pid).includes(`${STARTED_FOR_VARIABLE}=${root}`) ? (identify(Number(pid)) ?? []) : [],
  );
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function readRecord(root: string): RecordedProcess[] {
  try {
    const record: unknown = JSON.parse(readFileSync(join(root, 'pids.json'), 'utf8'));
    return Object.entries(record ?? {}).flatMap(([name, value]): RecordedProcess[] => {
      const identity = readIdentity(value);
      return identity === undefined ? [] : [[name, identity]];
    });
  } catch {
    return [];
  }
}

function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    if (isAlive(identity)) process.kill(identity.pid, signal);
  } catch {
    // The process has ended in the meantime.
  }
}

async function waitUntilEnded(processes: readonly RecordedProcess[], withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (processes.some(([, identity]) => isAlive(identity))) {
    if (Date.now() > until) return false;
    await delay(50);
  }
  return true;
}

/** Reads a process identity; undefined for anything else. A truncated file must not look like a process. */
function readIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value))
    return undefined;
  const { pid, startedAt } = value;
  return typeof pid === 'number' && pid > 0 && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
}
