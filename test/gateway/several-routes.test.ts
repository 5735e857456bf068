import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '@temporalio/client';
import { scriptedTemporal } from '../support/scripted-temporal.ts';
import { startTemporal } from '../support/temporal-server.ts';
import { assertRefused, assertTaken, send } from './http.ts';
import { startGateway } from './running-gateway.ts';

const event = {
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ specversion: '1.0', id: 'x', source: '/s', type: 'two.routes' }),
};

test('an event of several routes is acknowledged only when all of its runs are started; a redelivery starts the missing ones', async () => {
  const asked: string[] = [];
  let broken = true;
  const server = await scriptedTemporal((workflowId) => {
    asked.push(workflowId.split(':')[0] ?? '');
    return broken && workflowId.startsWith('again:') ? 'UNAVAILABLE' : 'OK';
  });
  const gateway = await startGateway(server.address);
  try {
    assertRefused(await send(gateway.port, event), 503);
    assert.ok(asked.includes('exactly'), 'the other route’s run was started all the same');
    broken = false;
    assertTaken(await send(gateway.port, event), '/events/%2Fs/x');
    assert.equal(asked.at(-1) === 'again' || asked.at(-2) === 'again', true);
  } finally {
    await gateway.stop();
    server.stop();
  }
});

test('where one run can never be started the answer is 422, but 503 while another might be', async () => {
  const server = await scriptedTemporal((workflowId) =>
    workflowId.startsWith('again:') ? 'INVALID_ARGUMENT' : 'OK',
  );
  const worse = await scriptedTemporal((workflowId) =>
    workflowId.startsWith('again:') ? 'INVALID_ARGUMENT' : 'RESOURCE_EXHAUSTED',
  );
  const gateways = [await startGateway(server.address), await startGateway(worse.address)] as const;
  try {
    assertRefused(await send(gateways[0].port, event), 422);
    assertRefused(await send(gateways[1].port, event), 503);
  } finally {
    for (const gateway of gateways) await gateway.stop();
    server.stop();
    worse.stop();
  }
});

test('a namespace without our search attributes is 503: no event is lost over a set-up that is not finished', async () => {
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
    // The server notices after a while.
    while (answer.status === 202 && Date.now() < deadline) {
      const body = event.body.replace('"x"', `"${Date.now()}"`);
      answer = await send(gateway.port, { ...event, body });
    }
    assert.match(assertRefused(answer, 503), /search attribute/i);
  } finally {
    await gateway.stop();
    await connection.close();
    await temporal.stop();
  }
});
