import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { selfSigned } from '../gateway/auth/self-signed.ts';
import { eventBridgeKeys, type Push, signedPush, TARGET } from '../gateway/auth/signed-push.ts';
import { send } from '../gateway/http.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import { freePort } from '../support/free-port.ts';

// No route matches these events, so the gateway needs no Temporal.
let gateway: Awaited<ReturnType<typeof startGateway>>;
const folder = mkdtempSync(join(tmpdir(), 'sluice-signed-'));
before(async () => {
  const certificate = join(folder, 'certificate.pem');
  writeFileSync(certificate, selfSigned(eventBridgeKeys));
  gateway = await startGateway(`127.0.0.1:${await freePort()}`, {
    routes: `
sources:
  - name: eventbridge
    match: { source: [acs.oss] }
    auth: [{ eventbridge: { url: "${TARGET}", certificate: "${certificate}" } }, { bearer: { env: TOKEN } }]
`,
    env: { TOKEN: 'secret' },
  });
});
after(async () => {
  await gateway?.stop();
  rmSync(folder, { recursive: true });
});

/** Sends a push with more or other headers, and returns the status and the event that the gateway took. */
async function post(
  changes: Readonly<Record<string, string>>,
  { path = '/', ...push }: Push & { path?: string } = {},
) {
  const { headers, body } = signedPush(push);
  const before = gateway.received.length;
  const { status } = await send(gateway.port, {
    ...{ path, body },
    headers: { ...(headers as Record<string, string>), ...changes },
  });
  return { status, results: gateway.received.slice(before) };
}

const otherIdentity = { 'ce-specversion': '1.0', 'ce-id': '2', 'ce-source': 'acs.oss', 'ce-type': 'other' };

const unsigned: readonly (readonly [what: string, headers: Readonly<Record<string, string>>])[] = [
  ['no other headers', {}],
  ['the headers of another event', otherIdentity],
  ['the type of bytes', { 'content-type': 'application/octet-stream' }],
  [
    'the headers of another event and the type of a batch',
    { ...otherIdentity, 'content-type': 'application/cloudevents-batch+json' },
  ],
  ['a content encoding', { 'content-encoding': 'gzip' }],
  ['an unknown content encoding', { 'content-encoding': 'br, x' }],
  ['the type of another charset', { 'content-type': 'application/cloudevents+json; charset=utf-16' }],
];

for (const path of ['/', '/events', '/unzip'])
  for (const [what, headers] of unsigned)
    test(`a signed push to ${path} with ${what} is the event in its body`, async () => {
      const { status, results } = await post(headers, { path });
      assert.equal(status, 202);
      assert.deepEqual(
        results.map(({ outcome, event }) => [outcome, event?.id, event?.source, event?.type]),
        [['unmatched', '1', 'acs.oss', 't']],
      );
    });

test('a signed push is refused on /dead-letters', async () => {
  const { status, results } = await post(otherIdentity, { path: '/dead-letters' });
  assert.equal(status, 401);
  assert.ok(results.every(({ outcome }) => outcome === 'rejected'));
});

test('the body of a signed push must be an event', async () => {
  const { status } = await post(
    { ...otherIdentity, 'content-type': 'application/json' },
    { body: '{"a":1}' },
  );
  assert.equal(status, 400);
});

test('a signed push with another body is refused', async () => {
  const { headers } = signedPush();
  const body = '{"specversion":"1.0","id":"3","source":"acs.oss","type":"t"}';
  const { status } = await send(gateway.port, { headers: headers as Record<string, string>, body });
  assert.equal(status, 401);
});

test('a repeated push gets the same answer', async () => {
  const { headers, body } = signedPush();
  for (let attempt = 0; attempt < 2; attempt++)
    assert.equal(
      (await send(gateway.port, { headers: headers as Record<string, string>, body })).status,
      202,
    );
});

test('a request without a signature may have its event in headers', async () => {
  const before = gateway.received.length;
  const headers = { ...otherIdentity, authorization: 'Bearer secret', 'content-type': 'text/plain' };
  assert.equal((await send(gateway.port, { headers, body: 'x' })).status, 202);
  assert.equal(gateway.received[before]?.event?.id, '2');
});

test('the answers to clients without credentials do not show which senders exist', async () => {
  const answers = [];
  for (const source of ['acs.oss', '/nowhere'])
    for (const authorization of [{}, { authorization: 'Bearer wrong' }]) {
      const headers: Record<string, string> = { ...otherIdentity, 'ce-source': source, ...authorization };
      const { status, body } = await send(gateway.port, { headers });
      answers.push(`${status} ${body}`);
    }
  const only = '401 {"error":"the request has no valid credentials for this event"}';
  assert.deepEqual(answers, [only, only, only, only]);
});

test('the answer to a sender does not show whether another sender exists', async () => {
  const headers = { ...otherIdentity, 'ce-source': '/nowhere', authorization: 'Bearer secret' };
  const { status, body } = await send(gateway.port, { headers });
  assert.equal(status, 403);
  assert.equal(body, '{"error":"the credentials of the request are not for this event"}');
  assert.match(
    gateway.received.at(-1)?.reason ?? '',
    /no sender is configured for events of source "\/nowhere"/,
  );
});
