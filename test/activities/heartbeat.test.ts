import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { withHeartbeat } from '../../activities/heartbeat.ts';

/** An activity with heartbeats that ends when the test says so. Its clock moves only when the test moves it. */
function startActivity(t: TestContext, details: () => unknown = () => 'details') {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_000_000 });
  const environment = new MockActivityEnvironment(undefined, {
    logger: new DefaultLogger('ERROR', () => {}),
  });
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (sent: unknown) => heartbeats.push(sent));
  let end = (): void => {};
  let signal: AbortSignal | undefined;
  const result = environment.run(() =>
    withHeartbeat(details, (given) => {
      signal = given;
      return new Promise<void>((resolve, reject) => {
        end = resolve;
        given.addEventListener('abort', () => reject(given.reason));
      });
    }),
  );
  result.catch(() => {});
  const tick = (ms: number, step = 2_000): void => {
    for (let passed = 0; passed < ms; passed += step) t.mock.timers.tick(step);
  };
  const throwIfAborted = (): void => signal?.throwIfAborted();
  return {
    environment,
    heartbeats,
    result,
    tick,
    throwIfAborted,
    end: () => end(),
    aborted: () => signal?.aborted,
  };
}

test('work of less than five seconds sends no heartbeat', async (t) => {
  const activity = startActivity(t);
  activity.tick(4_000);
  assert.deepEqual(activity.heartbeats, []);
  activity.end();
  await activity.result;
});

test('work of exactly five seconds sends a heartbeat', async (t) => {
  const activity = startActivity(t);
  activity.tick(2_000);
  t.mock.timers.setTime(Date.now() + 1_000);
  activity.tick(2_000);
  assert.deepEqual(activity.heartbeats, ['details']);
  activity.end();
  await activity.result;
});

test('longer work sends a heartbeat with the current details every two seconds', async (t) => {
  let done = 0;
  const activity = startActivity(t, () => ++done);
  activity.tick(10_000);
  assert.deepEqual(activity.heartbeats, [1, 2, 3]);
  activity.end();
  await activity.result;
});

test('no heartbeat is sent after the work has ended', async (t) => {
  const activity = startActivity(t);
  activity.tick(6_000);
  activity.end();
  await activity.result;
  activity.tick(10_000);
  assert.equal(activity.heartbeats.length, 1);
});

test('a pause of seven seconds is accepted', async (t) => {
  const activity = startActivity(t);
  activity.tick(2_000);
  t.mock.timers.setTime(Date.now() + 5_000);
  t.mock.timers.tick(2_000);
  assert.equal(activity.aborted(), false);
  activity.end();
  await activity.result;
});

test('after a longer pause, the work is aborted with WorkerPaused, and sends no heartbeat', async (t) => {
  const activity = startActivity(t);
  activity.tick(2_000);
  t.mock.timers.setTime(Date.now() + 5_001);
  t.mock.timers.tick(2_000);
  assert.equal(activity.aborted(), true);
  assert.deepEqual(activity.heartbeats, []);
  await assert.rejects(activity.result, { type: 'WorkerPaused' });
});

test('a write that would begin after a pause is rejected, even before the timer has noticed the pause', async (t) => {
  const activity = startActivity(t);
  activity.tick(2_000);
  t.mock.timers.setTime(Date.now() + 7_000);
  activity.throwIfAborted();
  t.mock.timers.setTime(Date.now() + 1);
  assert.throws(() => activity.throwIfAborted(), { type: 'WorkerPaused' });
  await assert.rejects(activity.result, { type: 'WorkerPaused' });
});

test('a cancelled activity aborts its work', async (t) => {
  const activity = startActivity(t);
  activity.environment.cancel();
  assert.equal(activity.aborted(), true);
  await assert.rejects(activity.result);
});
