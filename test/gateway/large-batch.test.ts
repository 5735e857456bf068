import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';
import { assertAccepted, assertRejected, send } from './http.ts';
import { startGateway } from './running-gateway.ts';

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address, { env: { SLUICE_BODY_LIMIT: '1048576' } });
});
after(async () => {
  await gateway?.stop();
  await temporal?.stop();
});

const batch = (count: number) => ({
  headers: { 'content-type': 'application/cloudevents-batch+json' },
  body: JSON.stringify(
    Array.from({ length: count }, (_, n) => ({
      specversion: '1.0',
      id: `b${n}`,
      source: '/s',
      type: 'any.event',
    })),
  ),
});

test('a batch that is too large for one deadline makes progress with every retry, until it is accepted', async () => {
  let answer = await send(gateway.port, batch(1_000));
  for (let delivery = 1; answer.status !== 202 && delivery < 40; delivery++) {
    assertRejected(answer, 503);
    answer = await send(gateway.port, batch(1_000));
  }
  assertAccepted(answer);
  const count = async () => (await gateway.client.workflow.count("WorkflowType = 'takeEvent'")).count;
  await until('all runs are listed', async () => (await count()) >= 1_000);
  assert.equal(await count(), 1_000);
});

test('rejects a batch of more than 1,000 events as a whole', async () => {
  assert.match(
    assertRejected(await send(gateway.port, batch(1_001)), 413),
    /1001 events; allowed: at most 1000/,
  );
});
