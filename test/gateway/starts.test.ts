import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { putObjectEvent } from '../support/events.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';
import { assertAccepted, assertRejected, send } from './http.ts';
import { startGateway } from './running-gateway.ts';
import { hashOf, runOf } from './runs-of.ts';

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address);
});
after(async () => {
  await gateway?.stop();
  await temporal?.stop();
});

const post = (event: unknown) =>
  send(gateway.port, {
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(event),
  });

/** Delivers as a broker does: it retries after 503, which can happen with a hundred concurrent starts of one id. */
async function deliver(event: unknown) {
  const deadline = Date.now() + 15_000;
  let answer = await post(event);
  while (answer.status === 503 && Date.now() < deadline) answer = await post(event);
  return answer;
}

const anyEvent = (id: string, attributes: object = {}) => ({
  ...{ specversion: '1.0', id, source: '/s', type: 'any.event' },
  ...attributes,
});
const idOf = (id: string): string => `any:${id}:${hashOf('whole', '/s', id)}`;

test('100 concurrent copies of an event, and one more after its run has closed, start one run', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => deliver(anyEvent('hundred'))));
  for (const answer of answers) assertAccepted(answer, '/events/%2Fs/hundred');
  const first = await runOf(gateway.client, idOf('hundred'));
  assert.ok(first);
  const results = gateway.received.filter(({ event }) => event?.id === 'hundred');
  assert.ok(results.filter(({ outcome }) => outcome === 'started').length <= 1);
  const query = `WorkflowId = '${idOf('hundred')}'`;
  const count = async () => (await gateway.client.workflow.count(query)).count;
  await until('the run is listed', async () => (await count()) > 0);
  assert.equal(await count(), 1);

  await gateway.client.workflow.getHandle(idOf('hundred')).terminate();
  assertAccepted(await post(anyEvent('hundred')), '/events/%2Fs/hundred');
  assert.equal((await runOf(gateway.client, idOf('hundred')))?.runId, first.runId);
});

test('the same event in another mode starts no second run, but an event of another source with the same id does', async () => {
  await post(anyEvent('modes'));
  const before = await runOf(gateway.client, idOf('modes'));
  const headers = { 'ce-specversion': '1.0', 'ce-id': 'modes', 'ce-source': '/s', 'ce-type': 'any.event' };
  assertAccepted(await send(gateway.port, { headers }), '/events/%2Fs/modes');
  assert.equal((await runOf(gateway.client, idOf('modes')))?.runId, before?.runId);

  await post(anyEvent('modes', { source: '/other' }));
  assert.ok(await runOf(gateway.client, `any:modes:${hashOf('whole', '/other', 'modes')}`));
});

test('a run has route, source and event id as search attributes, and the event in its memo', async () => {
  const event = anyEvent('found', { subject: 'chapter 1', time: '2026-11-22T12:00:00+08:00' });
  await post(event);
  const run = await runOf(gateway.client, idOf('found'));
  assert.equal(run?.type, 'takeEvent');
  assert.equal(run?.taskQueue, 'nobody');
  assert.deepEqual(run?.attributes, { Route: 'whole', EventSource: '/s', EventId: ['found'] });
  assert.deepEqual(run?.memo?.event, {
    ...{ id: 'found', source: '/s', type: 'any.event' },
    ...{ subject: 'chapter 1', time: '2026-11-22T12:00:00+08:00' },
  });
});

test('a source and an id over 255 characters are hashed in search attributes, but complete in the memo', async () => {
  const source = `/${'s'.repeat(299)}`;
  const id = `i${'d'.repeat(299)}`;
  const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  assertAccepted(await post(anyEvent(id, { source })), `/events/${encodeURIComponent(source)}/${id}`);
  const uncut = `any:${id}:${hashOf('whole', source, id)}`;
  const cut = `${uncut.slice(0, 238)}~${createHash('sha256').update(uncut).digest('hex').slice(0, 16)}`;
  const run = await runOf(gateway.client, cut);
  assert.equal(run?.attributes.EventSource, sha256(source));
  assert.deepEqual(run?.attributes.EventId, [sha256(id)]);
  assert.deepEqual(run?.memo?.event, { id, source, type: 'any.event', subject: null, time: null });
});

const whole: readonly (readonly [name: string, event: Record<string, unknown>])[] = [
  ['unknown extensions', { number: 5, flag: false, text: 'Euro € 😀', subject: 's', data: { a: 1 } }],
  ['falsy data', { data: 0 }],
  ['null data', { data: null }],
  ['no data', {}],
  ['bytes', { datacontenttype: 'application/octet-stream', data_base64: 'AP8=' }],
];

for (const [name, more] of whole) {
  test(`without an input template the argument is the event: ${name}`, async () => {
    const event = anyEvent(`whole-${name}`, more);
    assertAccepted(await post(event), `/events/%2Fs/${encodeURIComponent(event.id)}`);
    const run = await runOf(gateway.client, idOf(event.id));
    assert.deepEqual(run?.args, [event]);
  });
}

test('JSON data reaches the workflow as its original text in every mode, with all digits', async () => {
  const data = '{ "id": 12345678901234567890, "price": 1.0, "text": "\\u00e9\\/" }';
  const context = (id: string) => ({ specversion: '1.0', id, source: '/s', type: 'any.event' });
  const structured = (id: string) => `{"data":1,"data":${data},${JSON.stringify(context(id)).slice(1)}`;
  const headers = Object.entries(context('binary')).map(([name, value]) => [`ce-${name}`, value]);
  const json = { 'content-type': 'application/json' };
  await send(gateway.port, { headers: { ...Object.fromEntries(headers), ...json }, body: data });
  await send(gateway.port, { headers: json, body: structured('structured') });
  await send(gateway.port, { headers: json, body: `[${structured('batched')}]` });
  for (const id of ['binary', 'structured', 'batched']) {
    const { events } = await gateway.client.workflow.getHandle(idOf(id)).fetchHistory();
    const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    assert.ok(
      Buffer.from(payload?.data ?? [])
        .toString()
        .endsWith(`,"data":${data}}`),
      id,
    );
    assert.equal(Buffer.from(payload?.metadata?.encoding ?? []).toString(), 'json/plain');
  }
});

test('with an input template, the argument is the filled template, without the fields that the event lacks', async () => {
  const data = { order: { id: 7, items: ['a', 'b'] } };
  await post({ specversion: '1.0', id: 'o', source: '/shop', type: 'order.placed', data });
  const run = await runOf(gateway.client, `order:7:${hashOf('orders', '/shop', 'o')}`);
  assert.deepEqual(run?.args, [{ order: { id: 7, items: ['a', 'b'] } }]);
});

test('an event that matches several routes starts one run per route, also if a route has `exact: true`', async () => {
  await post(anyEvent('both', { type: 'two.routes' }));
  assert.ok(await runOf(gateway.client, `again:both:${hashOf('again', '/s', 'both')}`));
  assert.ok(await runOf(gateway.client, 'exactly:both'));
  await post(anyEvent('both', { type: 'two.routes', source: '/elsewhere' }));
  assert.ok(await runOf(gateway.client, `again:both:${hashOf('again', '/elsewhere', 'both')}`));
});

test('rejects an event as a whole if one of its runs cannot be started', async () => {
  const bad = {
    specversion: '1.0',
    id: 'p',
    source: '/shop',
    type: 'order.placed',
    data: { order: { id: {} } },
  };
  assert.match(assertRejected(await post(bad), 422), /data\.order\.id/);
});

test('a PutObject event in EventBridge’s form starts unzipObject with the documented id', async () => {
  const event = putObjectEvent('zip/报告 1.zip', { id: 'REQ1', eTag: 'ABC' });
  assertAccepted(await post(event), '/events/acs.oss/REQ1');
  const id = `unzip:eb-ask/zip/%E6%8A%A5%E5%91%8A 1.zip:${hashOf('unzip', 'acs.oss', 'REQ1')}`;
  const run = await runOf(gateway.client, id);
  assert.equal(run?.type, 'unzipObject');
  assert.equal(run?.taskQueue, 'unzip');
  assert.deepEqual(run?.args, [{ bucket: 'eb-ask', key: 'zip/报告 1.zip', etag: 'ABC' }]);
});

test('answers 503 while Temporal is down, and a redelivery afterwards starts the run', async () => {
  await temporal.kill();
  assertRejected(await post(anyEvent('outage')), 503);
  await temporal.restart();
  assertAccepted(await deliver(anyEvent('outage')), '/events/%2Fs/outage');
  assert.ok(await runOf(gateway.client, idOf('outage')));
});

test('different content with the same identity is a conflict: counted, acknowledged, and not started', async () => {
  const outcomes = async (port: number, received: readonly { outcome: string }[], data: object) => {
    const before = received.length;
    const headers = { 'content-type': 'application/json' };
    assertAccepted(
      await send(port, { headers, body: JSON.stringify(anyEvent('twice', data)) }),
      '/events/%2Fs/twice',
    );
    return received.slice(before).map(({ outcome }) => outcome);
  };
  // Another gateway does not remember the first start, so it reads the memo of the run.
  const other = await startGateway(temporal.address);
  try {
    const { port, received } = gateway;
    assert.deepEqual(await outcomes(port, received, { data: { a: 1, b: 2 } }), ['started']);
    assert.deepEqual(await outcomes(port, received, { data: { b: 2, a: 1 }, knativearrivaltime: 'x' }), [
      'duplicate',
    ]);
    assert.deepEqual(await outcomes(port, received, { data: { a: 9 } }), ['conflict']);
    assert.deepEqual(await outcomes(other.port, other.received, { data: { a: 1, b: 2 } }), ['duplicate']);
    assert.deepEqual(await outcomes(other.port, other.received, { data: { a: 9 } }), ['conflict']);
  } finally {
    await other.stop();
  }
  const { body } = await send(gateway.port, { method: 'GET', path: '/metrics' });
  assert.match(body, /^sluice_events_total\{route="whole",outcome="conflict"\} 1$/m);
});

test('on a route with `exact: true`, a second event with the same workflow id is a duplicate, whatever its content is, also in a gateway that must read the memo', async () => {
  const other = await startGateway(temporal.address);
  const outcomes = async ({ port, received }: typeof gateway, source: string) => {
    const before = received.length;
    const body = JSON.stringify(anyEvent('met', { type: 'two.routes', source, data: source }));
    await send(port, { headers: { 'content-type': 'application/json' }, body });
    const exactly = received.slice(before).filter(({ route }) => route === 'exactly');
    return exactly.map(({ outcome }) => outcome);
  };
  try {
    assert.deepEqual(await outcomes(gateway, '/first'), ['started']);
    assert.deepEqual(await outcomes(gateway, '/second'), ['duplicate']);
    assert.deepEqual(await outcomes(other, '/second'), ['duplicate']);
  } finally {
    await other.stop();
  }
});

test('an event is the same in structured and in binary mode, with and without a charset', async () => {
  const { port, received } = gateway;
  const before = received.length;
  await post(anyEvent('charsets', { data: { a: 1 } }));
  for (const type of ['application/json', 'application/json; charset=utf-8']) {
    const { 'content-type': contentType, ...context } = { 'content-type': type, ...anyEvent('charsets') };
    const headers = Object.entries(context).map(([name, value]) => [`ce-${name}`, value]);
    await send(port, {
      headers: { ...Object.fromEntries(headers), 'content-type': contentType },
      body: '{"a":1}',
    });
  }
  const outcomes = received.slice(before).map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, ['started', 'duplicate', 'duplicate']);
});

test('the memo has the number of hops and the expiry of the event', async () => {
  await post(anyEvent('led', { sluicehops: 3, expirytime: '2099-01-01T00:00:00Z' }));
  const { delivery } = ((await runOf(gateway.client, idOf('led')))?.memo ?? {}) as { delivery: object };
  assert.deepEqual(
    { ...delivery, content: '' },
    { content: '', sluicehops: 3, expirytime: '2099-01-01T00:00:00Z' },
  );
});
