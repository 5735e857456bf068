import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { listen } from '../../runtime/listen.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import { hashOf } from '../gateway/runs-of.ts';
import { prepareSluice, type Sluice } from './sluice.ts';

const ROUTES = `
sources:
  - { name: shop, match: { source: [/shop] }, auth: [{ bearer: { env: SHOP_TOKENS } }] }
  - { name: anybody, match: { source: [{ prefix: /open }] } }
routes:
  - name: orders
    match: { type: [order.placed], data: { order: { total: [{ numeric: [">", 10] }] } } }
    workflow: handleOrder
    queue: orders
    id: "order:{data.order.id}"
    input: { order: "{data.order.id}" }
    expires: PT1H
    delay: PT5M
  - name: totals
    match: { type: [order.placed] }
    workflow: sumUp
    queue: orders
    id: "totals:{data.shop?}"
    signal: placed
`;

let sluice: Sluice;
let gateway: Awaited<ReturnType<typeof startGateway>>;
before(async () => {
  const env = { SHOP_TOKENS: 'shop-secret', SLUICE_HOST: '0.0.0.0', SLUICE_API_TOKENS: 'operator-token' };
  // Explaining does not need Temporal.
  gateway = await startGateway('127.0.0.1:9', { routes: ROUTES, env });
  sluice = prepareSluice(() => ({ SLUICE_GATEWAY: gateway.url, SLUICE_API_TOKEN: 'operator-token' }));
  writeFileSync(join(sluice.home, 'routes.yaml'), ROUTES);
});
after(async () => {
  await gateway?.stop();
  sluice?.remove();
});

const order = (data: object, attributes: object = {}) =>
  JSON.stringify({
    specversion: '1.0',
    id: 'e1',
    source: '/shop',
    type: 'order.placed',
    data,
    ...attributes,
  });

/** Both ways of explaining: by the gateway, and by a routes file alone. */
const ways = [
  ['by the gateway', () => []],
  ['by a routes file', () => ['--routes', join(sluice.home, 'routes.yaml')]],
] as const;

for (const [way, flags] of ways) {
  test(`explains ${way} what would start, and the first condition that does not match`, async () => {
    const input = order({ order: { id: 7, total: 50 }, shop: 's' });
    const { code, stdout } = await sluice(['explain', '-', ...flags()], { input });
    assert.equal(code, 0);
    assert.match(stdout, /^event +e1 {2}of source \/shop$/m);
    assert.match(stdout, /^sender +entry shop of sources, with bearer$/m);
    assert.match(stdout, /^route unzip: no match\n {2}source is "\/shop", but must match \["acs.oss"\]$/m);
    const id = `order:7:${hashOf('orders', '/shop', 'e1')}`;
    assert.match(stdout, new RegExp(`^route orders: start$.*^  workflow id +${id}$`, 'ms'));
    assert.match(stdout, /^ {2}delay +5 min 0 s\n {2}argument +\{"order":7\}$/m);
    assert.match(stdout, /^ {2}signal +placed; starts the run if none is open$/m);
    assert.match(stdout, /^the event would start or signal a run by: orders, totals$/m);
  });

  test(`explains ${way} a failed condition, an expired event and a rejection in sentences`, async () => {
    const small = await sluice(['explain', '-', ...flags()], { input: order({ order: { total: 5 } }) });
    assert.match(small.stdout, /^ {2}data\.order\.total is 5, but must match \[\{"numeric":\[">",10\]\}\]$/m);
    const none = await sluice(['explain', '-', ...flags()], { input: order({}) });
    assert.match(none.stdout, /^ {2}data\.order\.total is missing or null, but must match/m);
    const old = order({ order: { id: 1, total: 50 } }, { time: '2020-01-01T00:00:00Z' });
    const expired = await sluice(['explain', '-', ...flags()], { input: old });
    assert.match(
      expired.stdout,
      /^route orders: expired\n.*the event's time 2020-01-01T00:00:00Z is more than/m,
    );
    const refused = await sluice(['explain', '-', ...flags()], { input: order({ order: { total: 50 } }) });
    assert.match(refused.stdout, /^route orders: refused\n.*data\.order\.id/m);
    assert.match(refused.stdout, /^the event would be rejected \(422\) because of route orders$/m);
    for (const { code } of [small, none, expired, refused]) assert.equal(code, 0);
  });

  test(`explains ${way} the events of a batch one by one`, async () => {
    const input = `[${order({})},${order({}, { id: 'e2', source: '/open/1' })}]`;
    const { code, stdout } = await sluice(['explain', '-', ...flags()], { input });
    assert.equal(code, 0);
    assert.match(stdout, /event 0 of the batch.*event +e1 .*event 1 of the batch.*event +e2 /s);
    assert.match(stdout, /^sender +entry anybody of sources, without credentials$/m);
    const json = await sluice(['explain', '-', '--json', ...flags()], { input });
    const { events } = JSON.parse(json.stdout) as { events: { identity: unknown }[] };
    assert.deepEqual(
      events.map(({ identity }) => identity),
      [
        { source: '/shop', id: 'e1' },
        { source: '/open/1', id: 'e2' },
      ],
    );
  });

  test(`fails ${way} with the reason if the input is not an event`, async () => {
    const { code, stderr } = await sluice(['explain', '-', ...flags()], { input: '{"id":"1"}' });
    assert.equal(code, 1);
    assert.match(stderr, /standard input is not an event: attribute specversion is missing/);
    const json = await sluice(['explain', '-', '--json', ...flags()], { input: 'x' });
    assert.equal(json.code, 1);
    assert.match((JSON.parse(json.stdout) as { error: string }).error, /not JSON/);
  });
}

test('explain works with a routes file whose secrets are not set, and prints the names of the secrets', async () => {
  const args = ['explain', '-', '--routes', join(sluice.home, 'routes.yaml')];
  const { code, stderr } = await sluice(args, { input: order({}) });
  assert.equal(code, 0);
  assert.match(stderr, /not set here, but required by a gateway with these routes: SHOP_TOKENS/);
  const set = await sluice(args, { input: order({}), env: { SHOP_TOKENS: 'a-secret' } });
  assert.deepEqual([set.code, set.stderr], [0, '']);
});

test('a mistake in the routes file is reported with file, line and path, as incorrect usage', async () => {
  const file = join(sluice.home, 'wrong.yaml');
  writeFileSync(file, 'routes:\n  - { name: a, match: {}, workflow: w, queue: q, id: "{broken" }\n');
  const { code, stderr } = await sluice(['explain', '-', '--routes', file], { input: order({}) });
  assert.equal(code, 2);
  assert.match(stderr, /wrong\.yaml:2: routes\[0\]\.id: .*brace/);
});

test('explain fails without the gateway’s token, and the output does not contain a wrong token', async () => {
  for (const token of ['', 'guessed-token']) {
    const args = ['explain', '-', ...(token === '' ? [] : ['--token', token])];
    const ended = await sluice(args, { input: order({}), env: { SLUICE_API_TOKEN: '' } });
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /answered 401: .*; set --token or SLUICE_API_TOKEN/);
    if (token !== '') assert.ok(!`${ended.stdout}${ended.stderr}`.includes(token));
  }
  const broken = await sluice(['explain', '-', '--token', 'tok\nen'], { input: order({}) });
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /--token \(not shown\) has characters that are not allowed in a header/);
  assert.ok(!broken.stderr.includes('tok\nen'));
});

test('text from a sender cannot control the terminal', async () => {
  const input = order({ order: { total: '\u009b31m\u202e' } }, { id: '\u202eevil\u00adid' });
  const { stdout } = await sluice(['explain', '-'], { input });
  assert.match(stdout, /^event +\ufffdevil\ufffdid {2}of/m);
  assert.doesNotMatch(stdout, /[\u0080-\u009f\u00ad\u202e]/);
});

test('send uses the token of --token or SLUICE_API_TOKEN, if there is one', async () => {
  const authorizations: (string | undefined)[] = [];
  const handler: RequestListener = (req, res) => {
    authorizations.push(req.headers.authorization);
    res.writeHead(202).end();
  };
  const listener = await listen(handler, { host: '127.0.0.1', port: 0 });
  try {
    const args = ['send', '--type', 't', '--source', 's', '--gateway', `http://127.0.0.1:${listener.port}`];
    for (const [more, env] of [
      [['--token', 'one'], {}],
      [[], { SLUICE_API_TOKEN: 'two' }],
      [[], { SLUICE_API_TOKEN: '' }],
    ] as const)
      assert.equal((await sluice([...args, ...more], { env })).code, 0);
    assert.deepEqual(authorizations, ['Bearer one', 'Bearer two', undefined]);
  } finally {
    await listener.close(0);
  }
});

test('send keeps the digits of numbers, from a file and from --data', async () => {
  const bodies: string[] = [];
  const handler: RequestListener = async (req, res) => {
    bodies.push(await text(req));
    res.writeHead(202).end();
  };
  const listener = await listen(handler, { host: '127.0.0.1', port: 0 });
  try {
    const target = ['--gateway', `http://127.0.0.1:${listener.port}`];
    const data = '{"v":9007199254740993,"d":1.50,"e":1e400}';
    const input = `{"specversion":"1.0","id":"1","source":"/s","type":"t","data":${data}}`;
    assert.equal((await sluice(['send', '-', ...target], { input })).code, 0);
    assert.equal(
      (await sluice(['send', '--type', 't', '--source', '/s', '--data', data, ...target])).code,
      0,
    );
    assert.equal(bodies[0], input);
    assert.ok(bodies[1]?.endsWith(`"data":${data}}`), bodies[1]);
  } finally {
    await listener.close(0);
  }
});
