import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import type { OtherRun, RunControl, RunOutcome } from '../../../ports/run-control.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';

/** Returns the activities, with a RunControl that reports this state. `calls` has the RunControl's calls in order. */
function activities(state: { found?: OtherRun; outcome?: RunOutcome } = {}) {
  const calls: string[] = [];
  const runs: RunControl = {
    async find(workflowId) {
      calls.push(`find ${workflowId}`);
      return state.found;
    },
    async outcome(workflowId, runId) {
      calls.push(`outcome ${workflowId} ${runId}`);
      return state.outcome;
    },
    async cancel(workflowId, runId) {
      calls.push(`cancel ${workflowId} ${runId}`);
    },
  };
  return { calls, ...unzipActivities(new MemoryObjectStore(), tmpdir(), { runs }) };
}

const open: OtherRun = { runId: 'r1', open: true, key: 'zip/a.zip', etag: 'E1' };
const searched = { workflowId: 'w', key: 'zip/a.zip', etag: 'E1' };

const foundRuns: readonly (readonly [about: string, run: OtherRun | undefined, expected: unknown])[] = [
  ['no run', undefined, null],
  ['a closed run', { ...open, open: false }, null],
  [
    'an open run of the same version',
    open,
    { runId: 'r1', sameKey: true, sameVersion: true, key: 'zip/a.zip' },
  ],
  [
    'an open run of another version',
    { ...open, etag: 'E2' },
    { runId: 'r1', sameKey: true, sameVersion: false, key: 'zip/a.zip' },
  ],
  [
    'an open run of another archive with the same bytes',
    { ...open, key: 'zip/a.ZIP' },
    { runId: 'r1', sameKey: false, sameVersion: false, key: 'zip/a.ZIP' },
  ],
  [
    'an open run that does not name its archive',
    { ...open, key: undefined, etag: undefined },
    { runId: 'r1', sameKey: false, sameVersion: false },
  ],
];
for (const [about, found, expected] of foundRuns) {
  test(`findOther describes ${about}`, async () => {
    const { run, shared, calls } = activities(found === undefined ? {} : { found });
    assert.deepEqual(await run(shared.findOther, searched), expected);
    assert.deepEqual(calls, ['find w']);
  });
}

const other = { workflowId: 'w', runId: 'r1' };
const failed: RunOutcome = { status: 'failed', type: 'UnsafeName', message: 'a bad name' };

interface Failure {
  readonly type?: string;
  readonly nonRetryable?: boolean;
  readonly nextRetryDelay?: unknown;
}
const isStillRunning = ({ type, nonRetryable, nextRetryDelay }: Failure): boolean => {
  assert.deepEqual(
    { type, nonRetryable, nextRetryDelay },
    {
      ...{ type: 'StillRunning', nonRetryable: false, nextRetryDelay: 2_000 },
    },
  );
  return true;
};

test('awaitOther returns how the run ended', async () => {
  const { run, shared, calls } = activities({ outcome: failed });
  assert.deepEqual(await run(shared.awaitOther, other), failed);
  assert.deepEqual(calls, ['outcome w r1']);
});

test('awaitOther is retried after two seconds while the run is open', async () => {
  const { run, shared } = activities();
  await assert.rejects(run(shared.awaitOther, other), isStillRunning);
});

const stopped: readonly (readonly [about: string, outcome: RunOutcome, lastWriteMs: number])[] = [
  ['completed', { status: 'completed', result: {} }, 0],
  ['was cancelled and waited for its writes', { status: 'cancelled', quiet: true }, 0],
  ['was cancelled while a write may be in flight', { status: 'cancelled', quiet: false }, 45_000],
  ['failed', failed, 45_000],
];
for (const [about, outcome, lastWriteMs] of stopped) {
  test(`after stopOther, the caller waits ${lastWriteMs} ms for the last write of a run that ${about}`, async () => {
    const { run, shared, calls } = activities({ outcome });
    assert.equal(await run(shared.stopOther, other), lastWriteMs);
    assert.deepEqual(calls, ['cancel w r1', 'outcome w r1']);
  });
}

test('stopOther is retried after two seconds while the run is still stopping', async () => {
  const { run, shared, calls } = activities();
  await assert.rejects(run(shared.stopOther, other), isStillRunning);
  assert.deepEqual(calls, ['cancel w r1', 'outcome w r1']);
});
