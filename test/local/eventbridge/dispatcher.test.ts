import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openLocalDatabase } from '../../../local/database.ts';
import { Dispatcher, type DispatcherOptions } from '../../../local/eventbridge/dispatcher.ts';
import { Outbox } from '../../../local/eventbridge/outbox.ts';
import { createLog } from '../../../runtime/log.ts';
import { compilePattern } from '../../support/compile-pattern.ts';
import { type Sink, startSink, temporaryDirectory, undoAfter, until } from '../local-cloud.ts';

const rules = [{ name: 'r', pattern: compilePattern({}), target: '/unzip' }];
const shortDelays = { firstWaitMs: 20, longestWaitMs: 100, timeoutMs: 300 };

interface RunningDispatcher {
  readonly outbox: Outbox;
  readonly stop: () => Promise<void>;
}

/** Opens an outbox in `dir` and starts a dispatcher that delivers it to the sink. */
function startDispatcher(
  t: TestContext,
  dir: string,
  sink: Sink,
  changes: Partial<DispatcherOptions> = {},
): RunningDispatcher {
  const database = openLocalDatabase(join(dir, 'metadata'));
  const outbox = new Outbox(database);
  const log = createLog('local', 'silent');
  const dispatcher = new Dispatcher(outbox, { gateway: sink.url, rules, log, ...shortDelays, ...changes });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= dispatcher.stop().then(() => database.close());
    return stopped;
  };
  undoAfter(t, stop);
  dispatcher.start();
  return { outbox, stop };
}

const add = (outbox: Outbox, id: string, queuedMs = Date.now()) =>
  outbox.add({ rule: 'r', id, body: JSON.stringify({ id }), queuedMs });

const idsOf = (sink: Sink) => sink.events.map(({ body }) => String(JSON.parse(body).id));

test('posts an event once as plain JSON to the path of its rule, and removes it after a 2xx', async (t) => {
  const sink = await startSink(t);
  const { outbox } = startDispatcher(t, await temporaryDirectory(t), sink);
  add(outbox, 'a');
  await until('the outbox is empty', () => outbox.numbers().length === 0);
  assert.deepEqual(idsOf(sink), ['a']);
  const [event] = sink.events;
  assert.equal(event?.path, '/unzip');
  assert.equal(event?.headers['content-type'], 'application/json');
  assert.deepEqual(
    Object.keys(event?.headers ?? {}).filter((name) => name.startsWith('ce-')),
    [],
  );
});

test('retries after any other answer, including 4xx and redirects, with growing delays', async (t) => {
  const sink = await startSink(t);
  const { outbox } = startDispatcher(t, await temporaryDirectory(t), sink);
  const statuses = [400, 404, 422, 429, 503, 302, 202];
  const times: number[] = [];
  sink.answer = () => {
    times.push(Date.now());
    return statuses[times.length - 1];
  };
  add(outbox, 'a');
  await until('the outbox is empty', () => outbox.numbers().length === 0);
  assert.equal(times.length, statuses.length);
  const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const least = [20, 40, 80, 100, 100, 100];
  for (const [index, wait] of waits.entries())
    assert.ok(wait >= (least[index] ?? 0) - 5, `${index}: ${wait} ms`);
});

test('events that fail or get no answer do not delay other events', async (t) => {
  const sink = await startSink(t);
  const { outbox } = startDispatcher(t, await temporaryDirectory(t), sink, { concurrency: 4 });
  sink.answer = (body) => (body.includes('fails') ? 503 : body.includes('hangs') ? undefined : 202);
  for (const id of ['hangs 1', 'fails 1', 'hangs 2', 'fails 2', 'fails 3', 'fails 4']) add(outbox, id);
  for (let index = 0; index < 50; index += 1) add(outbox, `good ${index}`);
  await until(
    'all good events are delivered',
    () => new Set(idsOf(sink).filter((id) => id.startsWith('good'))).size === 50,
  );
  await until('only the others remain', () => outbox.numbers().length === 6);
  sink.answer = () => 202;
  await until('the outbox is empty', () => outbox.numbers().length === 0);
});

test('at most the allowed number of deliveries are in flight', async (t) => {
  const sink = await startSink(t);
  const { outbox, stop } = startDispatcher(t, await temporaryDirectory(t), sink, {
    concurrency: 3,
    timeoutMs: 5_000,
  });
  sink.answer = () => undefined;
  for (let index = 0; index < 10; index += 1) add(outbox, String(index));
  await until('three are in flight', () => sink.events.length === 3);
  await stop();
  assert.equal(sink.events.length, 3);
});

test('delivers an undelivered event after a restart', async (t) => {
  const dir = await temporaryDirectory(t);
  const sink = await startSink(t);
  sink.answer = () => 503;
  const first = startDispatcher(t, dir, sink);
  add(first.outbox, 'a');
  add(first.outbox, 'b');
  await until('both were attempted', () => new Set(idsOf(sink)).size === 2);
  await first.stop();
  sink.answer = () => 202;
  const second = startDispatcher(t, dir, sink);
  await until('the outbox is empty', () => second.outbox.numbers().length === 0);
  add(second.outbox, 'c');
  await until('the new event is delivered', () => idsOf(sink).at(-1) === 'c');
});

test('drops an event after the time limit, and at once if its rule no longer exists', async (t) => {
  const sink = await startSink(t);
  const { outbox } = startDispatcher(t, await temporaryDirectory(t), sink, { giveUpAfterMs: 60_000 });
  sink.answer = () => 503;
  add(outbox, 'old', Date.now() - 61_000);
  outbox.add({ rule: 'gone', id: 'orphan', body: '{}', queuedMs: Date.now() });
  await until('the outbox is empty', () => outbox.numbers().length === 0);
  assert.deepEqual(idsOf(sink), ['old']);
});
