import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { assertRefused, assertTaken, type Sent, send } from './http.ts';
import { BODY_LIMIT, startGateway } from './running-gateway.ts';
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

const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
const JSON_TYPE = { 'content-type': 'application/json' };

const any = (id: string, more: object = {}) => ({
  ...{ specversion: '1.0', id, source: '/s', type: 'any.event' },
  ...more,
});
const order = (id: string, data: unknown) => ({
  ...{ specversion: '1.0', id, source: '/shop', type: 'order.placed', data },
});
const json = (value: unknown): string => JSON.stringify(value);

interface Taken extends Sent {
  readonly name: string;
  /** Ids of `any.event` from /s that have to be started. */
  readonly starts: readonly string[];
  readonly location?: string;
}

const binary = (id: string) => ({
  ...{ 'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '/s', 'ce-type': 'any.event' },
});

const taken: readonly Taken[] = [
  ...['/', '/events', '/unzip'].map((path, at) => ({
    ...{ name: `an event on ${path}`, path, headers: STRUCTURED, body: json(any(`path${at}`)) },
    ...{ starts: [`path${at}`], location: `/events/%2Fs/path${at}` },
  })),
  {
    ...{ name: 'binary mode', headers: { ...binary('bin'), ...JSON_TYPE }, body: '{"a":1}' },
    ...{ starts: ['bin'], location: '/events/%2Fs/bin' },
  },
  {
    ...{ name: 'binary mode without a body', headers: binary('bare-bin') },
    ...{ starts: ['bare-bin'], location: '/events/%2Fs/bare-bin' },
  },
  {
    name: 'a media type in other letters and with parameters',
    headers: { 'content-type': 'Application/CloudEvents+JSON ; Charset=UTF-8' },
    ...{ body: json(any('case')), starts: ['case'], location: '/events/%2Fs/case' },
  },
  {
    name: 'bare structured JSON, as EventBridge pushes it',
    headers: { 'content-type': 'application/json;charset=utf-8' },
    ...{ body: json(any('bare')), starts: ['bare'], location: '/events/%2Fs/bare' },
  },
  {
    name: 'the form content type of curl -d',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    ...{ body: json(any('form')), starts: ['form'], location: '/events/%2Fs/form' },
  },
  {
    name: 'a body in gzip',
    headers: { ...STRUCTURED, 'content-encoding': 'gzip' },
    ...{ body: gzipSync(json(any('zipped'))), starts: ['zipped'], location: '/events/%2Fs/zipped' },
  },
  {
    name: 'an id that has to be encoded in a location',
    headers: STRUCTURED,
    body: json(any('a/b c?#%é', { source: '/s' })),
    starts: ['a/b c?#%é'],
    location: '/events/%2Fs/a%2Fb%20c%3F%23%25%C3%A9',
  },
  {
    ...{ name: 'a batch', headers: BATCH, body: json([any('b0'), any('b1')]), starts: ['b0', 'b1'] },
  },
  {
    name: 'an array of events under application/json',
    headers: JSON_TYPE,
    body: json([any('j')]),
    starts: ['j'],
  },
  { name: 'an empty batch', headers: BATCH, body: '[]', starts: [] },
  {
    name: 'an event that no route matches',
    headers: STRUCTURED,
    body: json(any('n', { type: 'no' })),
    starts: [],
  },
  {
    name: 'a batch that matches in parts',
    headers: BATCH,
    body: json([any('p', { type: 'no' }), any('q')]),
    starts: ['q'],
  },
  {
    name: 'a body of 64 KiB',
    ...{ headers: STRUCTURED, body: json(any('full')).padEnd(BODY_LIMIT), starts: ['full'] },
    location: '/events/%2Fs/full',
  },
];

for (const { name, starts, location, ...request } of taken) {
  test(`202 with an empty body: ${name}`, async () => {
    assertTaken(await send(gateway.port, request), location);
    for (const id of starts) {
      const workflowId = `any:${id.replace('é', '%C3%A9')}:${hashOf('whole', '/s', id)}`;
      assert.ok(await runOf(gateway.client, workflowId), `${workflowId} is not there`);
    }
  });
}

interface Refused extends Sent {
  readonly name: string;
  readonly status: number;
  readonly says: RegExp;
  readonly allow?: string;
}

const without = (name: string) =>
  Object.fromEntries(Object.entries(any('x')).filter(([key]) => key !== name));

const refused: readonly Refused[] = [
  ...['specversion', 'id', 'source', 'type'].map((name) => ({
    ...{ name: `no ${name}`, headers: STRUCTURED, body: json(without(name)) },
    ...{ status: 400, says: new RegExp(`\\b${name}\\b`) },
  })),
  ...['specversion', 'id', 'source', 'type'].map((name) => ({
    name: `no ce-${name}`,
    headers: Object.fromEntries(Object.entries(binary('x')).filter(([key]) => key !== `ce-${name}`)),
    ...{ status: 400, says: new RegExp(`\\b${name}\\b`) },
  })),
  {
    name: 'an unknown specversion',
    headers: STRUCTURED,
    body: json(any('x', { specversion: '19.0' })),
    status: 400,
    says: /specversion.*19\.0/,
  },
  {
    name: 'a malformed time',
    headers: STRUCTURED,
    body: json(any('x', { time: 'today' })),
    status: 400,
    says: /time.*today/,
  },
  { name: 'a body that is no JSON', headers: STRUCTURED, body: '{"specversion":', status: 400, says: /JSON/ },
  { name: 'no body', headers: STRUCTURED, status: 400, says: /empty/ },
  {
    name: 'neither headers nor an event',
    headers: { 'content-type': 'text/plain' },
    body: 'hello',
    status: 400,
    says: /hello/,
  },
  {
    name: 'a JSON object that is no event',
    headers: JSON_TYPE,
    body: '{}',
    status: 400,
    says: /specversion/,
  },
  { name: 'a batch that is no array', headers: BATCH, body: json(any('x')), status: 400, says: /array/ },
  {
    name: 'the second of a batch',
    headers: BATCH,
    body: json([any('ok0'), without('id'), any('ok2')]),
    status: 400,
    says: /\b1\b.*\bid\b/,
  },
  {
    name: 'another element of a batch',
    headers: BATCH,
    body: json([any('ok3'), any('ok4'), 5]),
    status: 400,
    says: /\b2\b/,
  },
  {
    name: 'a value of a megabyte’s worth',
    headers: STRUCTURED,
    body: json(any('x', { time: '😀'.repeat(9_000) })),
    status: 400,
    says: /time/,
  },
  {
    name: 'a name of many bytes',
    headers: STRUCTURED,
    body: json(any('x', { ['É'.repeat(9_000)]: 1 })),
    status: 400,
    says: /É/,
  },
  ...['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].map((method) => ({
    ...{ name: `${method}`, method, path: '/unzip', headers: STRUCTURED, body: json(any('x')) },
    ...{ status: 405, says: /POST/, allow: 'POST' },
  })),
  {
    name: 'a body over the limit',
    headers: STRUCTURED,
    body: json(any('x')).padEnd(BODY_LIMIT + 1),
    status: 413,
    says: /65536/,
  },
  {
    name: 'a body over the limit once unzipped',
    headers: { ...STRUCTURED, 'content-encoding': 'gzip' },
    body: gzipSync(Buffer.alloc(10_000_000)),
    status: 413,
    says: /65536/,
  },
  {
    name: 'a format other than JSON',
    headers: { 'content-type': 'application/cloudevents+avro' },
    body: 'x',
    status: 415,
    says: /avro/,
  },
  {
    name: 'a batch format other than JSON',
    headers: { 'content-type': 'application/cloudevents-batch+protobuf' },
    body: 'x',
    status: 415,
    says: /protobuf/,
  },
  {
    name: 'an unknown content encoding',
    headers: { ...STRUCTURED, 'content-encoding': 'zstd9' },
    body: json(any('x')),
    status: 415,
    says: /zstd9/,
  },
  {
    name: 'a body that is not what its encoding says',
    headers: { ...STRUCTURED, 'content-encoding': 'gzip' },
    body: json(any('x')),
    status: 400,
    says: /./,
  },
  {
    name: 'an id that cannot be built',
    headers: STRUCTURED,
    body: json(order('x', {})),
    status: 422,
    says: /orders.*data\.order\.id/,
  },
  {
    name: 'an argument that cannot be built',
    headers: STRUCTURED,
    body: json({ ...order('x', null), data: null }),
    status: 422,
    says: /orders/,
  },
  {
    name: 'one of a batch that cannot be built',
    headers: BATCH,
    body: json([any('ok5'), order('x', {})]),
    status: 422,
    says: /orders/,
  },
];

for (const { name, status, says, allow, ...request } of refused) {
  test(`${status} with one JSON object: ${name}`, async () => {
    const answer = await send(gateway.port, request);
    assert.match(assertRefused(answer, status), says);
    assert.equal(answer.headers.allow, allow);
  });
}

test('nothing of a refused batch was started', async () => {
  for (const id of ['ok0', 'ok2', 'ok3', 'ok4', 'ok5']) {
    assert.equal(await runOf(gateway.client, `any:${id}:${hashOf('whole', '/s', id)}`), undefined, id);
  }
});

test('HEAD is answered 405 without a body', async () => {
  const answer = await send(gateway.port, { method: 'HEAD' });
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.allow, 'POST');
  assert.equal(answer.body, '');
});

test('503 with Retry-After when Temporal refuses us: an unknown namespace', async () => {
  const lost = await startGateway(temporal.address, 'not-there');
  try {
    const began = performance.now();
    const answer = await send(lost.port, { headers: STRUCTURED, body: json(any('x')) });
    assertRefused(answer, 503);
    assert.match(String(answer.headers['retry-after']), /^[1-9]\d*$/);
    assert.ok(performance.now() - began < 3_500);
  } finally {
    await lost.stop();
  }
});

test('livez, readyz and metrics answer', async () => {
  assert.equal((await send(gateway.port, { method: 'GET', path: '/livez' })).status, 200);
  assert.equal((await send(gateway.port, { method: 'GET', path: '/readyz' })).status, 200);
  const { status, body } = await send(gateway.port, { method: 'GET', path: '/metrics' });
  assert.equal(status, 200);
  assert.match(body, /^sluice_events_total\{route="whole",outcome="started"\} \d+$/m);
  assert.match(body, /^sluice_events_total\{route="",outcome="rejected"\} \d+$/m);
});
