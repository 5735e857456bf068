import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '@temporalio/client';
import { scriptedTemporal } from '../support/scripted-temporal.ts';
import { startTemporal } from '../support/temporal-server.ts';
import { assertAccepted, assertRejected, send } from './http.ts';
import { startGateway } from './running-gateway.ts';

const event = {
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ specversion: '1.0', id: 'x', source: '/s', type: 'two.routes' }),
};

test('acknowledges an event of several routes only when all runs are started; a redelivery starts the missing runs', async () => {
  const requested: string[] = [];
  let broken = true;
  const server = await scriptedTemporal((workflowId) => {
    requested.push(workflowId.split(':')[0] ?? '');
    return broken && workflowId.startsWith('again:') ? 'UNAVAILABLE' : 'OK';
  });
  const gateway = await startGateway(server.address);
  try {
    assertRejected(await send(gateway.port, event), 503);
    assert.ok(requested.includes('exactly'), 'the run of the other route must be started');
    broken = false;
    assertAccepted(await send(gateway.port, event), '/events/%2Fs/x');
    assert.equal(requested.at(-1) === 'again' || requested.at(-2) === 'again', true);
  } finally {
    await gateway.stop();
    server.stop();
  }
});

test('answers 422 if one run can never be started and all others are started, but 503 if another run may start later', async () => {
  const server = await scriptedTemporal((workflowId) =>
    workflowId.startsWith('again:') ? 'INVALID_ARGUMENT' : 'OK',
  );
  const worse = await scriptedTemporal((workflowId) =>
    workflowId.startsWith('again:') ? 'INVALID_ARGUMENT' : 'RESOURCE_EXHAUSTED',
  );
  const gateways = [await startGateway(server.address), await startGateway(worse.address)] as const;
  try {
    assertRejected(await send(gateways[0].port, event), 422);
    assertRejected(await send(gateways[1].port, event), 503);
  } finally {
    for (const gateway of gateways) await gateway.stop();
    server.stop();
    worse.stop();
  }
});

test('answers 503 if the namespace lacks the search attributes, so that no event is lost', async () => {
  const temporal = await startTemporal();
  const connection = await Connection.connect({ address: temporal.address });
  const gateway = await startGateway(temporal.address);
  try {
    await connection.operatorService.removeSearchAttributes({
      searchAttributes: ['Route'],
      namespace: 'default',
    });
    const deadline = Date.now() + 10_000;
    let answer = await send(gateway.port, event);
    // The server notices after a while that the attribute is gone.
    while (answer.status === 202 && Date.now() < deadline) {
      const body = event.body.replace('"x"', `"${Date.now()}"`);
      answer = await send(gateway.port, { ...event, body });
    }
    assert.match(assertRejected(answer, 503), /search attribute/i);
  } finally {
    await gateway.stop();
    await connection.close();
    await temporal.stop();
  }
});
