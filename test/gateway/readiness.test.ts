import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { msToTs } from '@temporalio/common/lib/time.js';
import { createGateway } from '../../gateway/app.ts';
import { findNamespaceProblem } from '../../gateway/temporal/readiness.ts';
import { listen } from '../../runtime/listen.ts';
import type { Log } from '../../runtime/log.ts';
import { temporalConnection } from '../../runtime/temporal-connection.ts';
import { scriptedTemporal } from '../support/scripted-temporal.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';
import { send } from './http.ts';
import { gatewayParts } from './running-gateway.ts';

let temporal: TestTemporal;
before(async () => {
  temporal = await startTemporal();
});
after(async () => {
  await temporal?.stop();
});

/** Starts a gateway for a namespace. Returns its readiness, and the warnings in its log. */
async function readinessIn(namespace: string) {
  const { parts, stop } = gatewayParts(temporal.address, { namespace });
  const warnings: string[] = [];
  const log = Object.assign(Object.create(parts.log), {
    warn: ({ reason }: { reason: string }) => void warnings.push(reason),
  }) as Log;
  const listener = await listen(createGateway({ ...parts, log }), { host: '127.0.0.1', port: 0 });
  try {
    await until('the state is logged or ready', async () => {
      const { status } = await send(listener.port, { method: 'GET', path: '/readyz' });
      return status === 200 || warnings.length > 0;
    });
    const { status, body } = await send(listener.port, { method: 'GET', path: '/readyz' });
    return { status, body, warnings };
  } finally {
    await listener.close(0);
    await stop();
  }
}

test('the gateway is ready in a namespace that is set up', async () => {
  const { status, warnings } = await readinessIn('default');
  assert.deepEqual([status, warnings], [200, []]);
});

test('in a namespace that does not exist, readyz is 503, and answer and log say so', async () => {
  const { status, body, warnings } = await readinessIn('nowhere');
  assert.equal(status, 503);
  assert.match(body, /namespace nowhere does not exist/);
  assert.deepEqual(warnings, ['namespace nowhere does not exist']);
});

test('in a namespace without search attributes, readyz is 503, and answer and log name them', async () => {
  const { parts, stop } = gatewayParts(temporal.address);
  await parts.client.workflowService.registerNamespace({
    namespace: 'bare',
    workflowExecutionRetentionPeriod: msToTs('7 days'),
  });
  await until('the namespace is known', async () => {
    const found = await findNamespaceProblem(parts.connection, 'bare');
    return found?.includes('search attributes');
  });
  await stop();
  const { status, body, warnings } = await readinessIn('bare');
  assert.equal(status, 503);
  assert.match(
    body,
    /search attributes of namespace bare are not set up: Route is missing, EventSource is missing/,
  );
  assert.equal(warnings.length, 1);
});

test('a search attribute with another type is named', async () => {
  const { parts, stop } = gatewayParts(temporal.address);
  const attributes = { Route: 4, EventSource: 2, Phase: 2, City: 2, Bucket: 2, EventId: 7, DeliverAt: 6 };
  await parts.client.workflowService.registerNamespace({
    namespace: 'typed',
    workflowExecutionRetentionPeriod: msToTs('7 days'),
  });
  await until('the search attributes are registered', () =>
    parts.connection.operatorService
      .addSearchAttributes({ namespace: 'typed', searchAttributes: attributes })
      .then(
        () => true,
        () => false,
      ),
  );
  const problem = await until('the problem is found', async () => {
    const found = await findNamespaceProblem(parts.connection, 'typed');
    return found?.includes('missing') === false && found;
  });
  await stop();
  assert.equal(problem, 'the search attributes of namespace typed are not set up: Route is not a Keyword');
});

for (const [code, problem] of [
  ['PERMISSION_DENIED', 'Temporal denies access to namespace default: no entry'],
  ['UNAUTHENTICATED', 'Temporal denies access to namespace default: no entry'],
  ['NOT_FOUND', 'namespace default does not exist'],
  ['UNAVAILABLE', undefined],
  ['RESOURCE_EXHAUSTED', undefined],
  ['INTERNAL', undefined],
] as const)
  test(`${code} from Temporal means: ${problem ?? 'no problem of the namespace'}`, async () => {
    const server = await scriptedTemporal(code, 'no entry');
    const connection = temporalConnection({ address: server.address }, 1);
    try {
      assert.equal(await findNamespaceProblem(connection, 'default'), problem);
    } finally {
      await connection.close();
      server.stop();
    }
  });
