import assert from 'node:assert/strict';
import { test } from 'node:test';
import { msToTs } from '@temporalio/common/lib/time.js';
import { queueStateOf } from '../../../cli/runs/task-problem.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const pollerBefore = (ms: number) => ({ lastAccessTime: msToTs(NOW - ms) });

test('a worker whose last poll is 90 s or longer ago is no poller, but its poll still counts for lastPoll', () => {
  const pollers = [pollerBefore(90_000), pollerBefore(89_999), pollerBefore(120_000)];
  assert.deepEqual(queueStateOf({ pollers }, NOW), {
    pollers: 1,
    lastPoll: '2026-11-22T11:58:30.001Z',
    waitingTasks: 0,
    oldestTaskMs: 0,
  });
  assert.equal(queueStateOf({ pollers: pollers.slice(0, 1) }, NOW).pollers, 0);
});

test('a queue that nobody polled has no last poll', () => {
  assert.equal(queueStateOf({}, NOW).lastPoll, undefined);
});
