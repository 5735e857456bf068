import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rawUtf8, type Sent, send } from '../gateway/http.ts';
import { startGateway } from '../gateway/running-gateway.ts';
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
  sluice = prepareSluice(() => ({ SLUICE_TEMPORAL_ADDRESS: temporal.address }));
  const type = { 'content-type': 'application/json' };
  const event = '"specversion":"1.0","source":"/shop"';
  await park({ headers: type, body: `{${event},"id":"no-data","type":"order.placed"}` }, 1);
  await park({ headers: type, body: `{${event},"type":"other\\u001b[31m"}` }, 2);
  const bytes = Buffer.from([0xff, 0x00, 0xfe]);
  const binary = {
    'ce-id': 'bin',
    'ce-source': '/cam',
    'ce-subject': rawUtf8('é'),
    'content-type': 'image/x',
  };
  await park({ headers: binary, body: bytes, path: '/unzip' }, 3);
});
after(async () => {
  await worker?.stop();
  await gateway?.stop();
  await temporal?.stop();
  sluice?.remove();
});

async function park(request: Sent, count: number): Promise<void> {
  await send(gateway.port, request);
  const parked = async () => (await gateway.client.workflow.count("WorkflowType = 'parkedEvent'")).count;
  await until('it is listed', async () => (await parked()) === count);
}

interface ParkedLine {
  readonly id: string;
  readonly parkedAt: string;
  readonly reason: string;
  readonly status: number;
}

async function list(...args: string[]): Promise<ParkedLine[]> {
  const { code, stdout, stderr } = await sluice(['parked', 'list', '--json', ...args]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as ParkedLine[];
}

const reasons = async (...args: string[]) => (await list(...args)).map(({ reason }) => reason);
const BAD_TYPE = 'attribute type is "other\\u001b[31m", which has characters that are not allowed';
const NO_VERSION = 'attribute specversion is missing';
const NO_DATA = 'route orders: the event has no data.id';

test('parked requests are listed newest first with their details, and cannot control the terminal', async () => {
  const { code, stdout } = await sluice(['parked']);
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^PARKED +STATUS +SOURCE +TYPE +EVENT +REASON +ID$/);
  assert.match(
    lines[1] ?? '',
    /ago +400 +\/cam +- +bin +attribute specversion is missing +parked:[0-9a-f]{16}$/,
  );
  assert.match(lines[2] ?? '', /400 +\/shop +other\ufffd\[31m +- +attribute type is .*… {2}parked:/);
  assert.match(lines[3] ?? '', /422 +\/shop +order\.placed +no-data +route orders: /);
  assert.equal(lines.length, 4);
});

test('parked requests can be filtered by time and details, and limited in number', async () => {
  const { parkedAt = '' } = (await list())[1] ?? {};
  const just = (ms: number) => new Date(Date.parse(parkedAt) + ms).toISOString();
  const cases: [args: string[], expected: string[]][] = [
    [
      ['--since', '1h', '--status', '400'],
      [NO_VERSION, BAD_TYPE],
    ],
    [['--since', just(-1), '--until', just(1)], [BAD_TYPE]],
    [['--until', '1h'], []],
    [
      ['--limit', '2'],
      [NO_VERSION, BAD_TYPE],
    ],
  ];
  for (const [args, expected] of cases) assert.deepEqual(await reasons(...args), expected, args.join(' '));
  const none = await sluice(['parked', '--type', 'unheard.of']);
  assert.deepEqual([none.code, none.stdout], [0, 'nothing is parked\n']);
  const cut = await sluice(['parked', '--limit', '1']);
  assert.match(cut.stderr, /showing the newest 1; --limit/);
});

test('show prints a complete request: headers, and the body as text or base64', async () => {
  const [binary, text] = await list();
  const shown = await sluice(['parked', 'show', binary?.id ?? '']);
  assert.equal(shown.code, 0);
  assert.match(shown.stdout, /^state +parked$/m);
  assert.match(shown.stdout, /^POST \/unzip\n/m);
  assert.match(shown.stdout, /^content-type: image\/x$/m);
  assert.match(shown.stdout, /^body, 3 bytes, in base64:\n\/wD\+$/m);
  const json = await sluice(['parked', 'show', binary?.id ?? '', '--json']);
  const { headers, body, bodyEncoding } = JSON.parse(json.stdout) as Record<string, unknown>;
  assert.deepEqual([body, bodyEncoding], ['/wD+', 'base64']);
  assert.equal((headers as Record<string, string>)['ce-subject'], rawUtf8('é'));
  const readable = await sluice(['parked', 'show', text?.id ?? '']);
  assert.match(readable.stdout, /^body, \d+ bytes:\n\{"specversion":"1\.0"/m);
});

test('dismiss prints Temporal’s address, closes the named requests, and only --all lists them afterwards', async () => {
  const [, { id } = { id: '' }] = await list();
  const done = await sluice(['parked', 'dismiss', id, id]);
  assert.equal(done.code, 0);
  assert.ok(done.stderr.includes(`dismissing ${id}`) && done.stderr.includes(temporal.address), done.stderr);
  assert.equal(done.stdout, `${id} is dismissed\n`);
  const { outcome } = (await gateway.client.workflow.getHandle(id).result()) as { outcome: string };
  assert.equal(outcome, 'dismissed');
  await until('it is closed in the list', async () => (await list()).length === 2);
  assert.deepEqual(await reasons('--all'), [NO_VERSION, BAD_TYPE, NO_DATA]);
  const all = await sluice(['parked', '--all']);
  assert.match(all.stdout, new RegExp(`closed +400 .*${id}$`, 'm'));
  const shown = await sluice(['parked', 'show', id]);
  assert.match(shown.stdout, /^state +dismissed: /m);
  const again = await sluice(['parked', 'dismiss', id]);
  assert.deepEqual([again.code, again.stdout], [0, `${id} was already closed\n`]);
});

test('show and dismiss reject an id that is not a parked request; dismiss then closes none of the named requests', async () => {
  await gateway.client.workflow.start('handleOrder', { taskQueue: 'nobody', workflowId: 'order:1' });
  const [{ id } = { id: '' }] = await list();
  for (const args of [
    ['show', 'order:1'],
    ['dismiss', id, 'order:1'],
  ]) {
    const { code, stderr } = await sluice(['parked', ...args]);
    assert.equal(code, 1);
    assert.match(stderr, /run order:1 is not a parked request: it is of type handleOrder/);
  }
  const missing = await sluice(['parked', 'dismiss', id, 'parked:none']);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /there is no run "parked:none" in namespace default/);
  assert.equal((await gateway.client.workflow.getHandle(id).describe()).status.name, 'RUNNING');
});

test('the list of runs has the runs of all routes, but no parked requests', async () => {
  const body = '{"specversion":"1.0","source":"/shop","id":"ok","type":"order.placed","data":{"id":3}}';
  await send(gateway.port, { headers: { 'content-type': 'application/json' }, body });
  const runs = async () => (await sluice(['runs', '--json'])).stdout;
  await until('the route’s run is listed', async () => (await runs()).includes('"handleOrder"'));
  assert.ok(!(await runs()).includes('parkedEvent'));
});
