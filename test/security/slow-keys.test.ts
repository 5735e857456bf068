import assert from 'node:assert/strict';
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
    env: { TOKEN: 'secret', SLUICE_IN_FLIGHT: String(IN_FLIGHT) },
  });
});
after(() => gateway?.stop());

const event = (source: string) =>
  JSON.stringify({ specversion: '1.0', id: '1', source, type: 't', data: { text: 'x'.repeat(10_000) } });
const headers = { 'content-type': 'application/cloudevents+json' };

test('requests whose keys take long to fetch do not delay other senders', async () => {
  const attacks = Array.from({ length: ATTACKS }, (_, n) =>
    send(gateway.port, {
      body: gzipSync(event('/broker')),
      headers: {
        ...headers,
        'content-encoding': 'gzip',
        authorization: `Bearer ${token(issuer.origin(), { jti: String(n) })}`,
      },
    }),
  );
  await until('the gateway fetches keys', async () => unanswered.length > 0);
  for (let n = 0; n < 5; n++) {
    const shop = { body: event('/shop'), headers: { ...headers, authorization: 'Bearer secret' } };
    assert.equal((await send(gateway.port, shop)).status, 202);
  }
  assert.ok(unanswered.length > 0, 'the attacks still wait for their keys');
  for (const answer of unanswered) answer();
  const statuses = (await Promise.all(attacks)).map(({ status }) => status);
  assert.deepEqual([...new Set(statuses)], [503]);
});
