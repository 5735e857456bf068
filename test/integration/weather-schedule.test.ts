import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ScheduleDescription, type ScheduleHandle, ScheduleOverlapPolicy } from '@temporalio/client';
import { prepareSluice, type Sluice } from '../cli/sluice.ts';
import { shippedRoutes } from '../gateway/running-gateway.ts';
import { freePort } from '../support/free-port.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';
import { until } from '../support/until.ts';
import { startWeatherSystem, type WeatherSystem } from '../support/weather-system.ts';

const SECOND = 1_000;
let system: WeatherSystem;
let worker: SluiceProcess;
let schedule: ScheduleHandle;
let sluice: Sluice;
let begun = 0;
before(async () => {
  begun = Date.now();
  // Few places per run, because these tests check only when and how often runs start.
  system = await startWeatherSystem({
    ...{ WEATHER_CALLS_PER_MINUTE: '30000', WEATHER_CALLS_PER_DAY: '80' },
    // With a key for channels, the worker runs the alerts and has their Schedule, too.
    SLUICE_CHANNEL_KEYS: Buffer.alloc(32, 1).toString('base64'),
  });
  worker = system.worker('worker');
  schedule = system.client.schedule.getHandle('weather-refresh');
  sluice = prepareSluice(() => ({ SLUICE_TEMPORAL_ADDRESS: system.temporal.address }));
  await worker.start();
});
after(async () => {
  sluice?.remove();
  await system?.stop();
});

/** Returns the workflow id of the Schedule's run for a nominal time. */
const runOf = (at: number): string => `weather-refresh-${new Date(at).toISOString().slice(0, 19)}Z`;

/** Replaces the Schedule's times. Everything else stays as the worker created it. */
const setIntervalSeconds = (seconds: number): Promise<void> =>
  schedule.update(({ action, policies, state }) => ({
    ...{ spec: { intervals: [{ every: `${seconds}s` }] }, action, policies, state },
  }));

/** Returns the next multiple of `seconds`, in epoch ms. */
const nextSlot = (seconds: number): number =>
  (Math.floor(Date.now() / (seconds * SECOND)) + 1) * seconds * SECOND;

const untilPast = (at: number): Promise<boolean> =>
  until(`${new Date(at).toISOString()} is past`, () => Date.now() > at);

/** Returns the Schedule's counters and recent runs. */
const scheduleInfo = async (): Promise<ScheduleDescription['info']> => (await schedule.describe()).info;

/** Deletes the Schedule and lets a worker create it again, so that no earlier test has an effect on its state. */
async function recreateSchedule(): Promise<void> {
  await schedule.delete();
  await worker.stop();
  await worker.start();
  await until('the first run of the new Schedule has ended', async () => {
    const { numActionsTaken, runningActions } = await scheduleInfo();
    return numActionsTaken > 0 && runningActions.length === 0;
  });
}

async function untilCompleted(workflowId: string): Promise<void> {
  await until(`${workflowId} exists`, async () => (await system.runs(workflowId)).length > 0);
  await system.result(workflowId);
}

test('a starting worker creates the Schedule, whose first run starts at once', async () => {
  const { spec, policies, action, state, info } = await schedule.describe();
  assert.equal(spec.timezone, 'Asia/Shanghai');
  assert.deepEqual(
    spec.calendars?.map(({ hour, minute, second, comment }) => ({ hour, minute, second, comment })),
    [
      {
        hour: [{ start: 0, end: 21, step: 3 }],
        ...{ minute: [{ start: 0, end: 0, step: 1 }], second: [{ start: 0, end: 0, step: 1 }] },
        comment: 'forecasts of all places, every 3 hours, Beijing time',
      },
    ],
  );
  assert.deepEqual(
    [policies.overlap, policies.catchupWindow, state.paused],
    [ScheduleOverlapPolicy.BUFFER_ONE, 120 * 60 * SECOND, false],
  );
  assert.ok(action.type === 'startWorkflow');
  assert.deepEqual(
    [action.workflowType, action.taskQueue, action.workflowId],
    ['refreshWeather', 'weather', 'weather-refresh'],
  );
  for (const next of info.nextActionTimes)
    assert.match(next.toISOString(), /T(?:01|04|07|10|13|16|19|22):00:00\.000Z$/);
  const run = await until('the first run has started', async () => (await scheduleInfo()).recentActions[0]);
  assert.ok(run.action.type === 'startWorkflow');
  const result = await system.result(run.action.workflow.workflowId);
  assert.equal(run.action.workflow.workflowId, `weather-refresh-${result.slot}`);
  assert.ok(Date.parse(result.slot) > begun - SECOND && Date.parse(result.slot) < Date.now(), result.slot);
  assert.ok(result.fresh >= 10 && result.fresh === result.places && result.calls === result.fresh);
  assert.equal((await system.freshness()).size, result.fresh);
});

test('a starting worker changes nothing if the Schedule is as desired', async () => {
  const shown = await sluice(['schedules']);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(
    shown.stdout,
    /^weather-refresh {2}active, next \S+Z, last \S+Z\nalerts-daily {2}active, next \S+Z, last \S+Z\n$/,
  );
  const { info, raw } = await schedule.describe();
  const second = system.worker('second');
  await second.start();
  await second.stop();
  const current = await schedule.describe();
  assert.deepEqual(current.info.lastUpdatedAt, info.lastUpdatedAt);
  assert.deepEqual(current.raw.conflictToken, raw.conflictToken);
  assert.equal(current.info.numActionsTaken, 1);
});

test('a paused Schedule starts nothing, and stays paused with its note when a starting worker corrects it', async () => {
  await schedule.pause('the operator’s reason');
  await setIntervalSeconds(1);
  const { numActionsTaken } = await scheduleInfo();
  const shown = await sluice(['schedules']);
  assert.equal(shown.code, 1);
  const [first, ...others] = shown.stdout.trimEnd().split('\n');
  const drift = others.filter((line) => line.startsWith('  '));
  assert.match(first ?? '', /^weather-refresh {2}paused \(the operator’s reason\), next /);
  assert.deepEqual(drift, [
    '  differs in times: every 1 s → hours 0-21/3 (forecasts of all places, every 3 hours, Beijing time)',
    '  differs in time zone: UTC → Asia/Shanghai',
    '  sluice schedules --apply corrects this',
  ]);
  await untilPast(nextSlot(1) + 2 * SECOND);
  assert.equal((await scheduleInfo()).numActionsTaken, numActionsTaken);

  await worker.stop();
  await worker.start();
  const { state } = await schedule.describe();
  assert.deepEqual([state.paused, state.note], [true, 'the operator’s reason']);
  const after = await sluice(['schedules']);
  assert.deepEqual([after.code, after.stdout.trimEnd().split('\n').length], [0, 2], after.stdout);
  await schedule.unpause();
});

test('sluice schedules --apply corrects the same differences as a starting worker, and prints them', async () => {
  await schedule.update(({ action, spec, policies, state }) => ({
    ...{ action, state, policies: { ...policies, catchupWindow: '1h', overlap: ScheduleOverlapPolicy.SKIP } },
    spec: { ...spec, calendars: [{ hour: { start: 0, end: 21, step: 3 }, minute: 5 }] },
  }));
  const applied = await sluice(['schedules', '--apply']);
  assert.equal(applied.code, 0, applied.stderr);
  assert.match(applied.stdout, /^weather-refresh: changed\n {2}times: .* at minute 5 → .*\n/m);
  assert.match(
    applied.stdout,
    /\n {2}overlap: skip → buffer one\n {2}catch-up: 60 min → 120 min\nalerts-daily: kept\n$/,
  );
  const again = await sluice(['schedules', '--apply']);
  assert.match(again.stdout, /^weather-refresh: kept$/m);
});

test('sluice schedules finds and corrects a Schedule that starts no more runs, or that starts runs with wrong options', async () => {
  await schedule.pause('a reason');
  await schedule.update(({ action, spec, policies, state }) => ({
    spec,
    action: {
      ...action,
      ...{ args: ['x'], memo: { of: 'x' }, workflowExecutionTimeout: '1s', workflowTaskTimeout: '2s' },
      retry: { maximumAttempts: 3 },
    },
    policies: { ...policies, pauseOnFailure: true },
    state: { ...state, remainingActions: 0 },
  }));
  const shown = await sluice(['schedules']);
  const drift = shown.stdout.split('\n').filter((line) => line.startsWith('  '));
  assert.equal(shown.code, 1);
  assert.equal(drift.pop(), '  sluice schedules --apply corrects this');
  assert.match(drift.pop() ?? '', /^ {2}differs in retries: .*"maximumAttempts":3.* → none$/);
  assert.deepEqual(drift, [
    '  differs in after a failure: pauses → goes on',
    '  differs in runs left: 0 → any number',
    '  differs in arguments: ["x"] → []',
    '  differs in memo: {"of":"x"} → {}',
    '  differs in time-outs: execution 1 s, task 2 s → none',
  ]);
  const applied = await sluice(['schedules', '--apply']);
  assert.match(applied.stdout, /^weather-refresh: changed$/m);
  const { state, policies, action } = await schedule.describe();
  assert.deepEqual(
    [state.remainingActions, state.paused, state.note, policies.pauseOnFailure],
    [undefined, true, 'a reason', false],
  );
  assert.deepEqual([action.args ?? [], action.memo, action.retry], [[], undefined, undefined]);
  assert.match((await sluice(['schedules', '--apply'])).stdout, /^weather-refresh: kept$/m);
  await schedule.unpause();
});

test('a triggered run starts at once and has the slot of that second', async () => {
  const began = Math.floor(Date.now() / SECOND) * SECOND;
  await schedule.trigger();
  const ended = Date.now() + 2 * SECOND;
  const ids = Array.from({ length: Math.ceil((ended - began) / SECOND) + 1 }, (_, second) =>
    runOf(began + second * SECOND),
  );
  const id = await until('the triggered run has started', async () => {
    for (const id of ids) if ((await system.runs(id)).length > 0) return id;
    return undefined;
  });
  assert.equal(`weather-refresh-${(await system.result(id)).slot}`, id);
});

test('backfilled slots run again, one after the other, at each backfill', async () => {
  // Two refresh slots of yesterday in Beijing.
  const midnight = Math.floor((Date.now() + 8 * 3_600_000) / 86_400_000 - 1) * 86_400_000 - 8 * 3_600_000;
  const slots = [midnight, midnight + 3 * 3_600_000];
  const backfill = (): Promise<void> =>
    schedule.backfill({
      ...{ start: new Date(midnight - 60_000), end: new Date(midnight + 3 * 3_600_000 + 60_000) },
      overlap: ScheduleOverlapPolicy.BUFFER_ALL,
    });
  for (const times of [1, 2]) {
    await backfill();
    const runs = await until(`both slots have run ${times} times`, async () => {
      const found = await Promise.all(slots.map((slot) => system.runs(runOf(slot))));
      return (
        found.every(
          (slotRuns) => slotRuns.length === times && slotRuns.every(({ closeTime }) => closeTime),
        ) && found
      );
    });
    const [first, second] = runs.map((slotRuns) => slotRuns.at(-1));
    assert.ok(first?.closeTime && second && second.startTime >= first.closeTime, 'one after the other');
    for (const [index, slot] of slots.entries()) {
      const { slot: actualSlot } = await system.result(runOf(slot));
      assert.equal(actualSlot, `${new Date(slots[index] ?? 0).toISOString().slice(0, 19)}Z`);
      assert.equal(runs[index]?.at(-1)?.status.name, 'COMPLETED', runOf(slot));
    }
  }
});

test('if both the Schedule and an event of a timer start a slot, the slot has only one run', async () => {
  const SECONDS = 6;
  const port = await freePort();
  const routes = join(system.dir, 'routes.yaml');
  // The shipped route, with refresh slots that are short enough for a test.
  writeFileSync(routes, (await readFile(shippedRoutes, 'utf8')).replace('slot:PT3H', `slot:PT${SECONDS}S`));
  const gateway = system.child('gateway', {
    ...{ TEMPORAL_ADDRESS: system.temporal.address, PORT: String(port), SLUICE_HOST: '127.0.0.1' },
    SLUICE_ROUTES: routes,
  });
  await gateway.start();
  const tick = async (id: string, at: number): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: {
        ...{ 'ce-specversion': '1.0', 'ce-type': 'dev.knative.sources.ping', 'ce-id': id },
        'ce-source': '/apis/v1/namespaces/default/pingsources/weather-refresh',
        'ce-time': new Date(at).toISOString(),
      },
    });
    assert.equal(answer.status, 202, await answer.text());
  };
  const assertOneRun = async (slot: number, before: number): Promise<void> => {
    await untilPast(slot);
    // The Schedule has also tried to start the refresh slot.
    await until('the next slot is announced', async () => {
      const { nextActionTimes } = await scheduleInfo();
      return (nextActionTimes[0]?.getTime() ?? 0) > slot;
    });
    await untilCompleted(runOf(slot));
    const runs = await system.runs(runOf(slot));
    assert.equal(runs.length, 1, runOf(slot));
    assert.ok((runs[0]?.startTime.getTime() ?? 0) >= before);
  };

  await recreateSchedule();
  await setIntervalSeconds(SECONDS);
  if (nextSlot(SECONDS) - Date.now() < 1_500) await untilPast(nextSlot(SECONDS));
  const byEvent = nextSlot(SECONDS);
  const sentAt = Date.now();
  await tick('1', byEvent + 1_234);
  await untilCompleted(runOf(byEvent));
  const [startedByEvent] = await system.runs(runOf(byEvent));
  const startedAt = startedByEvent?.startTime.getTime() ?? byEvent;
  assert.ok(startedAt < byEvent, 'it started before the Schedule’s time');
  await tick('2', byEvent + 2_000);
  await assertOneRun(byEvent, sentAt - SECOND);

  const bySchedule = nextSlot(SECONDS);
  await untilPast(bySchedule);
  await untilCompleted(runOf(bySchedule));
  await tick('3', bySchedule + 3_000);
  await assertOneRun(bySchedule, bySchedule);
});

test('a slot that passes while the server is down runs when the server is back', async () => {
  const SECONDS = 10;
  await recreateSchedule();
  await setIntervalSeconds(SECONDS);
  let missed = nextSlot(SECONDS);
  if (missed - Date.now() < 2_000) {
    await untilPast(missed);
    missed = nextSlot(SECONDS);
  }
  await sleep(missed - Date.now() - SECOND);
  await system.temporal.kill();
  await untilPast(missed + SECOND);
  await system.temporal.restart();
  const back = Date.now();
  assert.ok(back < missed + SECONDS * SECOND, 'only one slot was missed');
  await untilCompleted(runOf(missed));
  const [run] = await system.runs(runOf(missed));
  assert.ok((run?.startTime.getTime() ?? 0) > missed + SECOND);
  assert.equal((await scheduleInfo()).numActionsMissedCatchupWindow, 0);
});
