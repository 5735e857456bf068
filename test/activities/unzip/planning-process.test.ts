import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  planInChildIfLarge,
  SMALL_DIRECTORY_BYTES,
} from '../../../activities/unzip/plan-in-child-process.ts';
import { AdmissionQueue } from '../../../domain/admission-queue.ts';
import { defaultLimits } from '../../../domain/unzip/limits.ts';
import { unzipActivities } from '../../support/activities.ts';
import { isRunning } from '../../support/is-running.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { until } from '../../support/until.ts';
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts';
import { slowPlan } from './slow-plan.ts';

const BUCKET = 'eb-ask';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-planning-'));
});
after(() => rm(dir, { recursive: true, force: true }));

type Changes = Parameters<typeof unzipActivities>[2];

/** Archives in a store, and the activity that plans them. */
function setUp(archives: Readonly<Record<string, Buffer>>, changes: Changes = {}) {
  const store = new MemoryObjectStore();
  const activities = unzipActivities(store, dir, changes);
  const { run, shared } = activities;
  for (const [name, archive] of Object.entries(archives)) store.set(BUCKET, `zip/${name}.zip`, archive);
  const taskOf = async (name: string) => {
    const seen = await run(shared.inspect, { bucket: BUCKET, key: `zip/${name}.zip` });
    const runId = randomUUID();
    const claiming = { workflowId: 'unzip', runId, workflow: 'unzipArchive' as const };
    return { archive: seen.outcome === 'archive' ? seen.archive : assert.fail(), runId, run: claiming };
  };
  return { store, plan: async (name: string) => run(shared.plan, await taskOf(name)) };
}

/** Each byte of such a name that is not valid needs three characters. */
const invalidNames = (count: number, bytes: number): ZipEntry[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ name: Buffer.concat([Buffer.alloc(bytes, 0xff), Buffer.from(`-${at}`)]), method: 0 },
  }));

const running = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;

const isPlanning = (): boolean => process.getActiveResourcesInfo().includes('ProcessWrap');

test('an archive that needs more memory than its planning process may use fails for good, and others are planned meanwhile', async () => {
  const archives = { a: zipOf(invalidNames(60_000, 250)), b: zipOf([{ name: 'b' }]) };
  const limits = { ...defaultLimits, planningMib: 32 };
  const { plan } = setUp(archives, { limits });
  const failed = assert.rejects(plan('a'), {
    ...{ type: 'LimitExceeded', nonRetryable: true },
    message: 'archive oss://eb-ask/zip/a.zip: its central directory needs more than 32 MiB of memory',
  });
  await until('a planning process runs', isPlanning);
  assert.equal((await plan('b')).files, 1);
  await failed;
  await until('the planning process has ended', () => !isPlanning());
});

test('the same archive is planned by a process with more memory', async () => {
  const { plan } = setUp({ a: zipOf(invalidNames(60_000, 250)) });
  assert.equal((await plan('a')).files, 60_000);
});

test('a plan that is cancelled ends at once, and so does its process', async () => {
  const input = slowPlan(300);
  const cancelled = new AbortController();
  const failed = assert.rejects(planInChildIfLarge(input, cancelled.signal), /cancelled/);
  await until('a planning process runs', isPlanning);
  cancelled.abort(new Error('cancelled'));
  await failed;
  await until('the planning process has ended', () => !isPlanning());
});

test('a plan that is cancelled while it waits for a process does not start one', async () => {
  const input = slowPlan(120);
  const cancelled = new AbortController();
  const failed = Array.from({ length: 3 }, () =>
    assert.rejects(planInChildIfLarge(input, cancelled.signal), /cancelled/),
  );
  await until('two planning processes run', () => running() >= 2);
  assert.equal(running(), 2);
  cancelled.abort(new Error('cancelled'));
  await Promise.all(failed);
  await until('the planning processes have ended', () => !isPlanning());
});

test('two processes for large directories do not run at the same time', async () => {
  const cancelled = new AbortController();
  const failed = Array.from({ length: 2 }, () =>
    assert.rejects(planInChildIfLarge(slowPlan(300), cancelled.signal), /cancelled/),
  );
  await until('a planning process runs', isPlanning);
  assert.equal(running(), 1);
  cancelled.abort(new Error('cancelled'));
  await Promise.all(failed);
});

/** The planning processes whose parent is this process. */
function childrenOf(pid: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  const planning = rows.filter((row) => row.includes('planning-process.js'));
  const pairs = planning.map((row) => row.trim().split(/\s+/).map(Number));
  return pairs.filter(([, parent]) => parent === pid).map(([child]) => child ?? 0);
}

/** Kills planning processes of this process, one after the other, as the kernel does if there is too little memory. */
async function killPlanningProcesses(times: number): Promise<void> {
  const killed = new Set<number>();
  while (killed.size < times) {
    await until('another planning process runs', () =>
      childrenOf(process.pid).some((pid) => !killed.has(pid)),
    );
    for (const pid of childrenOf(process.pid)) {
      if (killed.has(pid)) continue;
      killed.add(pid);
      process.kill(pid, 'SIGKILL');
    }
  }
}

test('a planning process that is killed once is started again, and finishes its work', async () => {
  const planned = planInChildIfLarge(slowPlan(150), new AbortController().signal);
  const finished = assert.rejects(planned, { type: 'NameTooLong' });
  await killPlanningProcesses(1);
  await finished;
});

test('if the planning process is killed although it runs alone, the archive is too large', async () => {
  const input = slowPlan(150);
  const planned = planInChildIfLarge(input, new AbortController().signal);
  const failed = assert.rejects(planned, {
    ...{ name: 'InvalidInput', type: 'LimitExceeded' },
    message: `s: its central directory of ${input.directory.length} bytes needs more memory than the worker has`,
  });
  await killPlanningProcesses(2);
  await failed;
});

test('the planning process ends when its worker is killed', async () => {
  const program = fileURLToPath(new URL('./slow-plan-program.js', import.meta.url));
  const parent = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = parent.pid ?? assert.fail();
  await once(parent.stdout, 'data');
  const [child = assert.fail()] = childrenOf(pid);
  parent.kill('SIGKILL');
  await until('the planning process has ended', () => !isRunning(child));
});

/** An archive whose central directory has this many bytes. */
function withDirectory(bytes: number, count = 999): Buffer {
  const names = Array.from({ length: count }, (_, at) => `${at}-`.padEnd(1_000, 'x'));
  const rest = bytes - count * 1_046;
  return zipOf(
    names.map((name, at) => ({ name, method: 0, ...(at === 0 ? { extra: Buffer.alloc(rest) } : {}) })),
  );
}

test('a large directory is read only when there is memory for it, and small directories do not wait', async () => {
  const largeDirectories = new AdmissionQueue({ parallel: { weight: 2 * SMALL_DIRECTORY_BYTES } });
  const archives = {
    a: withDirectory(SMALL_DIRECTORY_BYTES + 1),
    b: withDirectory(SMALL_DIRECTORY_BYTES + 1),
    c: withDirectory(SMALL_DIRECTORY_BYTES),
  };
  const { store, plan } = setUp(archives, { largeDirectories });
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const isHeld = (): boolean => store.calls.some(({ key }) => key.includes('/claims/a'));
  store.before = async ({ key }) => {
    if (key.includes('/claims/a')) await opened;
  };
  const directoryReads = (name: string): number =>
    store.calls.filter(({ method, key }) => method === 'read' && key === `zip/${name}.zip`).length;

  const first = plan('a');
  await until('the first archive is planned, and waits for its claim', isHeld);
  const second = plan('b');
  await until('the second archive waits', () => largeDirectories.pending === 2);
  assert.equal(directoryReads('b'), 1, 'only the end of the second archive is read');
  assert.equal((await plan('c')).files, 999);
  assert.equal(directoryReads('b'), 1);
  open();
  assert.deepEqual([(await first).files, (await second).files], [999, 999]);
  assert.equal(largeDirectories.pending, 0);
});

for (const [bytes, what, outcome] of [
  [SMALL_DIRECTORY_BYTES - 1, '1 MiB minus a byte', 'completed'],
  [SMALL_DIRECTORY_BYTES, '1 MiB', 'completed'],
  [SMALL_DIRECTORY_BYTES + 1, '1 MiB and a byte', 'large'],
] as const)
  test(`a small archive with a directory of ${what} is ${outcome === 'large' ? 'not ' : ''}unpacked in one step`, async () => {
    const store = new MemoryObjectStore();
    store.set(BUCKET, 'zip/a.zip', withDirectory(bytes));
    const activities = unzipActivities(store, dir);
    assert.equal((await activities.unzip(BUCKET, 'zip/a.zip')).outcome, outcome);
    assert.equal(store.keys(BUCKET).filter((key) => key.startsWith('unzip/a/')).length, 999);
  });

test('if the planning process cannot start, the failure is temporary', async () => {
  const { execPath } = process;
  const { plan } = setUp({ a: zipOf(invalidNames(5_000, 250)) });
  process.execPath = join(dir, 'missing');
  try {
    await assert.rejects(plan('a'), { type: 'NoProcess', message: /^the planning process cannot start: / });
  } finally {
    process.execPath = execPath;
  }
  await plan('a');
});
