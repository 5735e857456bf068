import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { localServer } from '../gateway/auth/local-server.ts';
import { AUDIENCE, SUBJECT, token } from '../gateway/auth/oidc-issuer.ts';
import { send } from '../gateway/http.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';

const IN_FLIGHT = 2;
/** More than the slots, and the requests that may wait for them. */
const ATTACKS = 20;

// No route matches these events, so the gateway needs no Temporal.
let gateway: Awaited<ReturnType<typeof startGateway>>;
const issuer = localServer();
/** The requests for keys that were not answered yet. */
const unanswered: (() => void)[] = [];
before(async () => {
  issuer.handler = (_request, response) => void unanswered.push(() => response.writeHead(404).end());
  gateway = await startGateway(`127.0.0.1:${await freePort()}`, {
    routes: `
sources:
  - name: broker
    match: { source: [/broker] }
    auth: [{ oidc: { issuer: "${issuer.origin()}", audience: [${AUDIENCE}], subjects: ["${SUBJECT}"] } }]
  - name: shop
    match: { source: [/shop] }
    auth: [{ bearer: { env: TOKEN } }]
`,
    env: { TOKEN: 'secret', SLUICE_IN_FLIGHT: String(IN_FLIGHT), SLUICE_BODY_LIMIT: '1048576' },
  });
});
after(() => gateway?.stop());

const event = (source: string, size = 10_000) =>
  JSON.stringify({ specversion: '1.0', id: '1', source, type: 't', data: { text: 'x'.repeat(size) } });
const headers = { 'content-type': 'application/cloudevents+json' };

const attack = (n: number) => ({ authorization: `Bearer ${token(issuer.origin(), { jti: String(n) })}` });

async function assertOthersAreServed(attacks: readonly Promise<unknown>[]): Promise<void> {
  await until('the gateway fetches keys', async () => unanswered.length > 0);
  for (let n = 0; n < 5; n++) {
    const shop = { body: event('/shop', 500_000), headers: { ...headers, authorization: 'Bearer secret' } };
    assert.equal((await send(gateway.port, shop)).status, 202);
  }
  assert.ok(unanswered.length > 0, 'the attacks still wait for their keys');
  for (const answer of unanswered.splice(0)) answer();
  await Promise.all(attacks);
}

test('compressed requests whose keys take long to fetch do not delay other senders', async () => {
  const statuses = new Set<number>();
  const attacks = Array.from({ length: ATTACKS }, async (_, n) => {
    const body = gzipSync(event('/broker'));
    const sent = { body, headers: { ...headers, 'content-encoding': 'gzip', ...attack(n) } };
    statuses.add((await send(gateway.port, sent)).status);
  });
  await assertOthersAreServed(attacks);
  assert.deepEqual([...statuses], [503]);
});

test('large requests whose keys take long to fetch do not delay other senders, also if their connections close', async () => {
  // The issuer is asked again only some time after a failure.
  const attacks = Array.from({ length: 40 }, async (_, n) => {
    const body = event('/broker', 900_000);
    const socket = connect(gateway.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cloudevents+json\r\nAuthorization: ${attack(n).authorization}\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await new Promise<void>((resolve) => socket.write(body, () => resolve()));
    socket.destroy();
  });
  for (let n = 0; n < 5; n++) {
    const shop = { body: event('/shop', 500_000), headers: { ...headers, authorization: 'Bearer secret' } };
    assert.equal((await send(gateway.port, shop)).status, 202);
  }
  await Promise.all(attacks);
});

test('while the keys of an issuer are fetched, at most 250 requests wait, and the others get 503 at once', async () => {
  await until('the issuer is asked again', async () => {
    const sent = send(gateway.port, { body: event('/broker'), headers: { ...headers, ...attack(0) } });
    await Promise.race([sent, until('a fetch', async () => unanswered.length > 0)]);
    return unanswered.length > 0;
  });
  const statuses: number[] = [];
  const attacks = Array.from({ length: 260 }, async (_, n) => {
    const { status } = await send(gateway.port, {
      body: event('/broker'),
      headers: { ...headers, ...attack(n) },
    });
    statuses.push(status);
  });
  await until('some requests are answered', async () => statuses.length >= 10);
  assert.ok(unanswered.length > 0, 'the issuer has not answered');
  for (const answer of unanswered.splice(0)) answer();
  await Promise.all(attacks);
  assert.deepEqual([...new Set(statuses)], [503]);
});
