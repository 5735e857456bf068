import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CloudEvent } from '../../../domain/cloud-event.ts';
import { InvalidInput, Unavailable } from '../../../domain/errors.ts';
import { createDeliverAll, type Delivery } from '../../../gateway/temporal/deliver-events.ts';
import type { EventResult } from '../../../gateway/temporal/event-result.ts';

const LATER = Number.MAX_SAFE_INTEGER;
const ALL_DELIVERED = { failed: [], unawaited: [] };

const delivery = (id: string, data: unknown = {}): Delivery => {
  const attributes = { specversion: '1.0', id, source: '/s', type: 't' };
  const event: CloudEvent = { ...attributes, attributes, data: { json: data } };
  return {
    event,
    runRequest: {
      route: 'r',
      workflow: 'w',
      queue: 'q',
      workflowId: `run:${id}`,
      attributes: [],
      argument: {},
    },
  } as Delivery;
};

/** Delivers with a function that fails for the ids in `failures`, and records every call and result. */
function deliverer(failures: Map<string, Error>) {
  const calls: string[] = [];
  const results: EventResult[] = [];
  const deliverAll = createDeliverAll(
    async (_runRequest, { id }) => {
      calls.push(id);
      const failure = failures.get(id);
      if (failure !== undefined) throw failure;
      return 'started';
    },
    (result) => results.push(result),
  );
  return { calls, results, deliverAll };
}
const unavailable = new Unavailable('TemporalUnavailable', 'Temporal cannot be reached');

test('a retry of a request that failed in part delivers only the rest', async () => {
  const failures = new Map<string, Error>([['b', unavailable]]);
  const { calls, results, deliverAll } = deliverer(failures);
  assert.equal((await deliverAll([delivery('a'), delivery('b')], LATER)).failed.length, 1);
  failures.clear();
  assert.deepEqual(await deliverAll([delivery('a'), delivery('b')], LATER), ALL_DELIVERED);
  assert.deepEqual(calls, ['a', 'b', 'b']);
  assert.deepEqual(
    results.map(({ event, outcome }) => `${event?.id} ${outcome}`),
    ['a started', 'b deferred', 'a duplicate', 'b started'],
  );
});

test('two routes that signal one run are two deliveries', async () => {
  const signal = (route: string): Delivery => {
    const { event, runRequest } = delivery('a');
    return { event, runRequest: { ...runRequest, route, signal: route } };
  };
  const sent: string[] = [];
  let fails = true;
  const deliverAll = createDeliverAll(
    async ({ route }) => {
      if (route === 'notify' && fails) throw unavailable;
      sent.push(route);
      return 'signalled';
    },
    () => {},
  );
  assert.equal((await deliverAll([signal('debit'), signal('notify')], LATER)).failed.length, 1);
  fails = false;
  assert.deepEqual(await deliverAll([signal('debit'), signal('notify')], LATER), ALL_DELIVERED);
  assert.deepEqual(sent, ['debit', 'notify']);
});

test('a signal without an open run is attempted again when the rest of its request is retried', async () => {
  const outcomes = new Map<string, 'started' | 'unawaited' | Error>([
    ['a', 'unawaited'],
    ['b', unavailable],
  ]);
  const deliverAll = createDeliverAll(
    async (_runRequest, { id }) => {
      const outcome = outcomes.get(id) ?? 'started';
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    () => {},
  );
  const request = [delivery('a'), delivery('b')];
  await deliverAll(request, LATER);
  outcomes.delete('b');
  assert.deepEqual(await deliverAll(request, LATER), { failed: [], unawaited: [request[0]] });
});

test('after the deadline, a retry still accepts what is already delivered', async () => {
  const failures = new Map<string, Error>([['b', unavailable]]);
  const { deliverAll } = deliverer(failures);
  await deliverAll([delivery('a'), delivery('b')], LATER);
  const { failed } = await deliverAll([delivery('a'), delivery('b')], 0);
  assert.deepEqual(
    failed.map(({ delivery: { event } }) => event.id),
    ['b'],
  );
});

test('a retry with other content is delivered, because it may be a conflict', async () => {
  const failures = new Map<string, Error>([['b', unavailable]]);
  const { calls, deliverAll } = deliverer(failures);
  await deliverAll([delivery('a'), delivery('b')], LATER);
  await deliverAll([delivery('a', { other: true }), delivery('b')], LATER);
  assert.deepEqual(calls, ['a', 'b', 'a', 'b']);
});

test('after a request is complete, it is delivered again, because its runs may have been deleted', async () => {
  const failures = new Map<string, Error>([['b', unavailable]]);
  const { calls, deliverAll } = deliverer(failures);
  await deliverAll([delivery('a'), delivery('b')], LATER);
  failures.clear();
  await deliverAll([delivery('a'), delivery('b')], LATER);
  calls.length = 0;
  await deliverAll([delivery('a'), delivery('b')], LATER);
  assert.deepEqual(calls, ['a', 'b']);
});

test('a request that is rejected for good is delivered again as a whole', async () => {
  const failures = new Map<string, Error>([['b', new InvalidInput('Unstartable', 'too long')]]);
  const { calls, deliverAll } = deliverer(failures);
  for (let n = 0; n < 2; n++) await deliverAll([delivery('a'), delivery('b')], LATER);
  assert.deepEqual(calls, ['a', 'b', 'a', 'b']);
});

test('after one delivery fails as unavailable, the others of the request are not attempted', async () => {
  const failures = new Map<string, Error>([['0', unavailable]]);
  const { calls, deliverAll } = deliverer(failures);
  const many = Array.from({ length: 40 }, (_, n) => delivery(String(n)));
  assert.ok((await deliverAll(many, LATER)).failed.length >= 24);
  assert.ok(calls.length <= 16, String(calls.length));
});

test('deliveries of at most 5,000 unfinished events are remembered, the oldest are forgotten first', async () => {
  const failures = new Map<string, Error>();
  const { calls, deliverAll } = deliverer(failures);
  const many = Array.from({ length: 5_002 }, (_, n) => delivery(String(n)));
  const last = delivery('last');
  failures.set('last', unavailable);
  await deliverAll([...many, last], LATER);
  calls.length = 0;
  failures.clear();
  await deliverAll([...many, last], LATER);
  assert.deepEqual(calls, ['0', '1', 'last']);
});
