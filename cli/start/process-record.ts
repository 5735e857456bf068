import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from '../../runtime/process-identity.ts';

const TERM_MS = 5_000;
const KILL_MS = 5_000;

/** The record of what a supervisor has started, as $SLUICE_HOME/pids.json, for the next start to end. */
export function createProcessRecord(root: string) {
  const file = join(root, 'pids.json');
  const started: Record<string, ProcessIdentity> = {};
  return {
    /** Notes a process as soon as it is there. */
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

/** The variable by which a process tells which home's supervisor has started it. */
export const STARTED_FOR_VARIABLE = 'SLUICE_STARTED_FOR';

/**
 * Ends what an earlier supervisor left running, told by pid and start time: SIGTERM, SIGKILL after 5 s. Answers the
 * names of what had to be ended.
 */
export async function endLeftoverProcesses(root: string): Promise<string[]> {
  const recorded = readRecord(root).filter(([, identity]) => isAlive(identity));
  const known = new Set(recorded.map(([, { pid }]) => pid));
  // A supervisor killed just after it had started a process has not noted that one.
  const unrecorded = processesStartedFor(root).filter(({ pid }) => !known.has(pid));
  const left = [
    ...recorded,
    ...unrecorded.map((identity): RecordedProcess => [`process ${identity.pid}`, identity]),
  ];
  for (const [, identity] of left) sendSignal(identity, 'SIGTERM');
  if (!(await waitUntilEnded(left, TERM_MS))) {
    for (const [, identity] of left) sendSignal(identity, 'SIGKILL');
    await waitUntilEnded(left, KILL_MS);
  }
  rmSync(join(root, 'pids.json'), { force: true });
  return left.map(([name]) => name);
}

type RecordedProcess = readonly [name: string, identity: ProcessIdentity];

/** The processes that carry this home's tag, where /proc shows environments (proc(5)); elsewhere none. */
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
    // It ended in between.
  }
}

async function waitUntilEnded(left: readonly RecordedProcess[], withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (left.some(([, identity]) => isAlive(identity))) {
    if (Date.now() > until) return false;
    await delay(50);
  }
  return true;
}

/** The identity that a file held, or undefined for anything else: a torn file must not look like a process. */
function readIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value))
    return undefined;
  const { pid, startedAt } = value;
  return typeof pid === 'number' && pid > 0 && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
}
