import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { send } from '../gateway/http.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import { hashOf } from '../gateway/runs-of.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startParkedWorker } from '../support/test-worker.ts';
import { until } from '../support/until.ts';
import { prepareSluice, type Sluice } from './sluice.ts';

const ROUTES = `
routes:
  - name: orders
    match: { type: [order.placed] }
    workflow: handleOrder
    queue: nobody
    id: "order:{data.id}"
`;

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let worker: Awaited<ReturnType<typeof startParkedWorker>>;
let sluice: Sluice;
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address, { routes: ROUTES });
  worker = await startParkedWorker(temporal.address);
  sluice = prepareSluice(() => ({
    SLUICE_GATEWAY: gateway.url,
    SLUICE_TEMPORAL_ADDRESS: temporal.address,
  }));
});
after(async () => {
  await worker?.stop();
  await gateway?.stop();
  await temporal?.stop();
  sluice?.remove();
});

const idOf = (id: string): string => `order:7:${hashOf('orders', '/shop', id)}`;

/** Sends an event, and waits until `count` of its runs are listed. */
async function post(id: string, data: object, count = 1): Promise<void> {
  const event = { specversion: '1.0', id, source: '/shop', type: 'order.placed', data };
  const headers = { 'content-type': 'application/json' };
  await send(gateway.port, { headers, body: JSON.stringify(event) });
  const listed = async () => (await gateway.client.workflow.count(`EventId = '${id}'`)).count;
  await until('it is listed', async () => (await listed()) === count);
}

/** Forwards GET requests to the gateway, and tells when the first one was answered. */
async function startForwarder(target: string) {
  const firstAnswer = new EventEmitter();
  const answered = once(firstAnswer, 'answered');
  const server = createServer(async (request, response) => {
    const answer = await fetch(`${target}${request.url}`);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    firstAnswer.emit('answered');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answered,
    stop: () => server.closeAllConnections() ?? server.close(),
  };
}

test('an open run is shown, and the output says that no worker answers the query for its progress', async () => {
  await post('open', { id: 7 });
  const { code, stdout } = await sluice(['trace', '/shop', 'open']);
  assert.equal(code, 0);
  assert.match(stdout, /^running for .*handleOrder by route orders$/m);
  assert.ok(stdout.includes(idOf('open')));
  assert.match(stdout, /no worker answers/);
});

test('a failed run is shown with its error and what to do; --wait waits until the run has ended, and fails', async () => {
  await post('failed', { id: 7 });
  const forwarder = await startForwarder(gateway.url);
  const waiting = sluice(['trace', '/shop', 'failed', '--wait', '--json', '--gateway', forwarder.url]);
  await forwarder.answered;
  await gateway.client.workflow.getHandle(idOf('failed')).terminate('no more shop');
  const { code, stdout } = await waiting;
  forwarder.stop();
  assert.equal(code, 1);
  const { runs } = JSON.parse(stdout) as { runs: Record<string, unknown>[] };
  assert.deepEqual(
    runs.map(({ workflowId, route, status, failure }) => ({ workflowId, route, status, failure })),
    [{ workflowId: idOf('failed'), route: 'orders', status: 'TERMINATED', failure: 'no more shop' }],
  );
  const shown = await sluice(['trace', '/shop', 'failed']);
  assert.equal(shown.code, 0);
  assert.match(shown.stdout, /^terminated after .*, started .* ago {2}handleOrder by route orders$/m);
  assert.ok(shown.stdout.includes(`sluice runs retry '${idOf('failed')}'`), shown.stdout);
});

test('a parked event is shown with the reason, and how it was closed', async () => {
  await post('no-data', {});
  const parked = await sluice(['trace', '/shop', 'no-data']);
  assert.equal(parked.code, 0);
  assert.match(parked.stdout, /^parked .* ago\n {2}parked:[0-9a-f]{16}\n {2}422: route orders: .*data\.id/m);
  const [id = ''] = /parked:[0-9a-f]{16}/.exec(parked.stdout) ?? [];
  assert.equal((await sluice(['parked', 'dismiss', id, '--note', 'a test'])).code, 0);
  await gateway.client.workflow.getHandle(id).result();
  const closed = await sluice(['trace', '/shop', 'no-data']);
  assert.match(closed.stdout, /^parked .*, now closed: dismissed \(a test\)$/m);
});

test('if Temporal is unreachable, only what the gateway knows is shown, with the reason', async () => {
  await post('far', { id: 7 });
  const { code, stdout, stderr } = await sluice(['trace', '/shop', 'far', '--address', '127.0.0.1:9']);
  assert.equal(code, 0);
  assert.ok(stdout.includes(idOf('far')));
  assert.match(stderr, /showing only what the gateway knows: Temporal at 127\.0\.0\.1:9 .*does not answer/);
});

test('trace fails for an event without a run, and the output says how to find the reason', async () => {
  const { code, stdout, stderr } = await sluice(['trace', '/shop', 'never seen']);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /no run: event "never seen" of source "\/shop".*sluice explain/s);
  const json = await sluice(['trace', '/shop', 'never seen', '--json']);
  assert.equal(json.code, 1);
  assert.deepEqual(JSON.parse(json.stdout), { source: '/shop', id: 'never seen', runs: [] });
});
