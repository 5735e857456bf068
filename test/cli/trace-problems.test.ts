import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { send } from '../gateway/http.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startWorker, type TestWorker } from '../support/test-worker.ts';
import { until } from '../support/until.ts';
import { prepareSluice, type Sluice } from './sluice.ts';

const ROUTES = `
routes:
  - name: unknown-type
    match: { type: [order.unknown] }
    workflow: notRegistered
    queue: orders
    id: "unknown:{id}"
  - name: failing
    match: { type: [order.failing] }
    workflow: failingTask
    queue: orders
    id: "failing:{id}"
  - name: nobody
    match: { type: [order.nobody] }
    workflow: handleOrder
    queue: nobody
    id: "nobody:{id}"
  - name: exactly
    match: { type: [order.exact] }
    workflow: handleOrder
    queue: nobody
    id: "exactly:{subject}"
    exact: true
    expires: PT1H
`;

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let worker: TestWorker;
let sluice: Sluice;
let folder = '';
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address, { routes: ROUTES });
  const workflowsPath = fileURLToPath(new URL('./workflows/failing-task.js', import.meta.url));
  worker = await startWorker(temporal.address, { taskQueue: 'orders', workflowsPath });
  sluice = prepareSluice(() => ({
    SLUICE_GATEWAY: gateway.url,
    SLUICE_TEMPORAL_ADDRESS: temporal.address,
  }));
  folder = mkdtempSync(join(tmpdir(), 'sluice-test-trace-'));
  writeFileSync(join(folder, 'routes.yaml'), ROUTES);
});
after(async () => {
  await worker?.stop();
  await gateway?.stop();
  await temporal?.stop();
  sluice?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const post = (id: string, type: string, more: object = {}) =>
  send(gateway.port, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ specversion: '1.0', id, source: '/shop', type, ...more }),
  });

/** Waits until `sluice trace` prints a text. */
const traceShows = (id: string, text: RegExp): Promise<unknown> =>
  until(`trace shows ${text}`, async () => {
    const { stdout, stderr } = await sluice(['trace', '/shop', id]);
    return text.test(`${stdout}${stderr}`);
  });

test('trace names the workflow type that the workers of the queue do not know', async () => {
  await post('u1', 'order.unknown');
  await traceShows('u1', /workflow type notRegistered is not registered on queue orders/);
});

test('trace shows why the workflow task fails', async () => {
  await post('f1', 'order.failing');
  await traceShows('f1', /its workflow task fails: .*the order is not registered for a total/);
});

test('trace says that nobody polls the queue', async () => {
  await post('n1', 'order.nobody');
  await traceShows('n1', /no worker answers: queue nobody has no pollers/);
});

test('trace tells apart why an event has no run', async () => {
  await post('x1', 'order.exact', { subject: '7' });
  await post('x2', 'order.exact', { subject: '7' });
  await post('x3', 'order.exact', { subject: '8', time: '2020-01-01T00:00:00Z' });
  await post('x4', 'order.other');
  const traced = async (id: string) => (await sluice(['trace', '/shop', id])).stderr;
  const duplicate = await traced('x2');
  assert.match(duplicate, /route exactly did not start a run, because exactly:7 exists; another event/);
  assert.match(
    await traced('x3'),
    /route exactly did not start a run, because the event had expired \(.*2020-01-01/,
  );
  assert.match(await traced('x4'), /no route matched it/);
  const never = await traced('never');
  assert.match(never, /this gateway does not remember the event; since the gateway's start \d+ s ago/);
  for (const text of [duplicate, never]) assert.match(text, /no run: event "/);
});

test('trace shows a conflict beside the run, and --json has it', async () => {
  await post('c1', 'order.nobody', { data: 1 });
  await post('c1', 'order.nobody', { data: 2 });
  await traceShows(
    'c1',
    /conflict: an event with the same id but other content was sent to route nobody; nobody:c1:/,
  );
  const { stdout } = await sluice(['trace', '/shop', 'c1', '--json']);
  const { recent } = JSON.parse(stdout) as { recent: { outcome: string }[] };
  assert.deepEqual(
    recent.map(({ outcome }) => outcome),
    ['started', 'conflict'],
  );
});

test('doctor shows for each queue of a route who polls it, and its open runs', async () => {
  await post('d1', 'order.nobody');
  const args = ['doctor', '--json', '--routes', join(folder, 'routes.yaml')];
  const found = await until('the runs are listed', async () => {
    const { stdout } = await sluice(args);
    const findings = JSON.parse(stdout) as { ok: boolean; what: string; says: string; remedy: string }[];
    const nobody = findings.find(({ what }) => what === 'queue nobody');
    return /[1-9]\d* open runs, [1-9]\d* waiting task/.test(nobody?.says ?? '') && findings;
  });
  const nobody = found.find(({ what }) => what === 'queue nobody');
  assert.equal(nobody?.ok, false);
  assert.match(
    nobody?.says ?? '',
    /^no worker polls it; \d+ open runs, \d+ waiting tasks?, the oldest for .* \(routes nobody, exactly\)$/,
  );
  assert.match(nobody?.remedy ?? '', /start a worker that polls queue nobody of namespace default/);
  const orders = found.find(({ what }) => what === 'queue orders');
  assert.equal(orders?.ok, true);
  assert.match(
    orders?.says ?? '',
    /^[1-9]\d* pollers?, last poll \d+ s ago; \d+ open runs? .*\(routes unknown-type, failing\)$|^[1-9]\d* pollers?, last poll \d+ s ago; \d+ open runs?, .*\(routes unknown-type, failing\)$/,
  );
  assert.ok(found.some(({ what, ok }) => what === 'queue unzip' && !ok));
});

test('doctor names the search attributes of a route that the namespace lacks, and how to create them', async () => {
  const file = join(folder, 'attributes.yaml');
  const route = (name: string, attribute: string): string =>
    `{ name: ${name}, match: { type: [${name}] }, workflow: w, queue: q, id: "{id}", attributes: { ${attribute}: "{type}" } }`;
  writeFileSync(file, `routes: [${route('lacking', 'Cityy')}, ${route('set-up', 'Phase')}]\n`);
  const { stdout } = await sluice(['doctor', '--json', '--routes', file]);
  const findings = JSON.parse(stdout) as { ok: boolean; what: string; says: string; remedy?: string }[];
  const of = (name: string) => findings.find(({ what }) => what === `search attributes of route ${name}`);
  assert.equal(of('lacking')?.ok, false);
  assert.equal(of('lacking')?.says, 'missing: Cityy');
  assert.match(of('lacking')?.remedy ?? '', /search-attribute create .* --name Cityy --type Keyword$/);
  assert.equal(of('set-up')?.ok, true);
  assert.equal(of('set-up')?.says, 'Phase');
});

test('doctor shows the mistakes of the routes file', async () => {
  const file = join(folder, 'wrong.yaml');
  writeFileSync(
    file,
    'routes: [{ name: a, match: { $or: [{ type: [b] }] }, workflow: w, queue: q, id: "{id}" }]\n',
  );
  const { stdout, code } = await sluice(['doctor', '--routes', file]);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /✗ routes .*wrong\.yaml:1: routes\[0\]\.match\.\$or: \$or must be an array of at least two patterns/,
  );
});

test('doctor shows why the gateway is not ready, and says how to create a missing namespace', async () => {
  const elsewhere = await startGateway(temporal.address, { routes: ROUTES, namespace: 'nowhere' });
  try {
    const args = ['doctor', '--json', '--gateway', elsewhere.url, '--namespace', 'nowhere'];
    const { stdout } = await sluice(args);
    const findings = JSON.parse(stdout) as { ok: boolean; what: string; says: string; remedy: string }[];
    const of = (name: string) => findings.find(({ what }) => what === name);
    assert.equal(of('queues')?.ok, false);
    assert.match(of('gateway')?.says ?? '', /answers 503 on \/readyz: namespace nowhere does not exist$/);
    assert.match(
      of('Temporal')?.remedy ?? '',
      /^create it with temporal operator namespace create .*nowhere/,
    );
  } finally {
    await elsewhere.stop();
  }
});

test('doctor says that it checks only the shipped routes if no routes file is named', async () => {
  const { stdout } = await sluice(['doctor']);
  assert.match(stdout, /^✓ routes +only the shipped routes are checked/m);
  assert.doesNotMatch(stdout, /queue nobody/);
});

test('trace --wait does not wait for a parked request', async () => {
  await post('w1', 'order.exact');
  await traceShows('w1', /422: route exactly: the event has no subject/);
  const { code, stdout } = await sluice(['trace', '/shop', 'w1', '--wait']);
  assert.equal(code, 0);
  assert.match(stdout, /^parked /m);
});
