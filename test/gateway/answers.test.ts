import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { acceptedRequests } from './accepted-requests.ts';
import { assertAccepted, assertRejected, send } from './http.ts';
import { rejectedRequests } from './rejected-requests.ts';
import { anyEvent, json, STRUCTURED } from './request-parts.ts';
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

for (const { name, starts, location, ...request } of acceptedRequests) {
  test(`answers 202 with an empty body: ${name}`, async () => {
    assertAccepted(await send(gateway.port, request), location);
    for (const id of starts) {
      const workflowId = `any:${id.replace('%', '%25').replace('é', '%C3%A9')}:${hashOf('whole', '/s', id)}`;
      assert.ok(await runOf(gateway.client, workflowId), `run ${workflowId} does not exist`);
    }
  });
}

for (const { name, status, error, allow, ...request } of rejectedRequests) {
  test(`answers ${status} with one JSON object: ${name}`, async () => {
    const answer = await send(gateway.port, request);
    assert.match(assertRejected(answer, status), error);
    assert.equal(answer.headers.allow, allow);
  });
}

test('starts no run for any event of a rejected batch', async () => {
  for (const id of ['ok0', 'ok2', 'ok3', 'ok4', 'ok5']) {
    assert.equal(await runOf(gateway.client, `any:${id}:${hashOf('whole', '/s', id)}`), undefined, id);
  }
});

test('answers 405 without a body to HEAD', async () => {
  const answer = await send(gateway.port, { method: 'HEAD' });
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.allow, 'POST');
  assert.equal(answer.body, '');
});

test('answers 503 with Retry-After if Temporal denies access: an unknown namespace', async () => {
  const lost = await startGateway(temporal.address, { namespace: 'not-there' });
  try {
    const began = performance.now();
    const answer = await send(lost.port, { headers: STRUCTURED, body: json(anyEvent('x')) });
    assertRejected(answer, 503);
    assert.match(String(answer.headers['retry-after']), /^[1-9]\d*$/);
    assert.ok(performance.now() - began < 3_500);
  } finally {
    await lost.stop();
  }
});

test('answers livez, readyz and metrics', async () => {
  assert.equal((await send(gateway.port, { method: 'GET', path: '/livez' })).status, 200);
  assert.equal((await send(gateway.port, { method: 'GET', path: '/readyz' })).status, 200);
  const { status, body } = await send(gateway.port, { method: 'GET', path: '/metrics' });
  assert.equal(status, 200);
  assert.match(body, /^sluice_events_total\{route="whole",outcome="started"\} \d+$/m);
  assert.match(body, /^sluice_events_total\{route="",outcome="rejected"\} \d+$/m);
});
