import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unavailable } from '../../../domain/errors.ts';
import { bearerCredential } from '../../../gateway/auth/bearer.ts';
import { pinnedCertificate, readCertificate } from '../../../gateway/auth/certificate.ts';
import type { CredentialCheck, RequestWithCredentials } from '../../../gateway/auth/credentials.ts';
import { eventBridgeCredential } from '../../../gateway/auth/eventbridge.ts';
import { oidcCredential } from '../../../gateway/auth/oidc.ts';
import { authorise, findAuthenticatedSender } from '../../../gateway/senders/authorise.ts';
import { findSender, type Sender } from '../../../gateway/senders/sender.ts';
import { fixedTokens } from '../../../runtime/bearer-tokens.ts';
import { compilePattern } from '../../support/compile-pattern.ts';
import { localServer } from '../auth/local-server.ts';
import { AUDIENCE, jwk, keys, requestWithToken, SUBJECT, serveIssuer, token } from '../auth/oidc-issuer.ts';
import { selfSigned } from '../auth/self-signed.ts';
import { distantDeadline, eventBridgeKeys, signedPush, TARGET } from '../auth/signed-push.ts';

const server = localServer();
const down = 'http://127.0.0.1:9';

const senderOf = (name: string, from: string | undefined, ...credentials: CredentialCheck[]): Sender => ({
  name,
  match: from === undefined ? undefined : compilePattern({ source: [from] }),
  credentials,
  parkUnmatched: false,
  ackParked: false,
});

const bearer = (...tokens: string[]) => bearerCredential(fixedTokens(tokens));
const oidc = (issuer = server.origin()) =>
  oidcCredential({ issuer, audience: [AUDIENCE], subjects: [SUBJECT] });
const certificates = pinnedCertificate(readCertificate(selfSigned(eventBridgeKeys)));

/** Senders with one kind of credential, one with two, and one without. */
const allSenders = () => [
  senderOf('eventbridge', 'acs.oss', eventBridgeCredential({ url: TARGET, versions: ['v2'], certificates })),
  senderOf('shop', '/shop', bearer('shop-1', 'shop-2')),
  senderOf('broker', '/broker', oidc()),
  senderOf('either', '/either', bearer('either'), oidc()),
  senderOf('down', '/down', oidc(down), bearer('spare')),
  senderOf('open', '/open'),
];

type Make = () => RequestWithCredentials;
const none: Make = () => requestWithToken(undefined);
const shop: Make = () => requestWithToken('shop-2');
const stranger: Make = () => requestWithToken('stranger');
const broker: Make = () => requestWithToken(token(server.origin()));
const unlisted: Make = () => requestWithToken(token(server.origin(), { sub: 'somebody' }));
const ofDown: Make = () => requestWithToken(token(down));
const push: Make = () => signedPush();
const forged: Make = () => signedPush({ key: keys.stranger.privateKey });

const cases: readonly (readonly [source: string, sender: string, make: Make, outcome: string | number])[] = [
  ['acs.oss', 'EventBridge', push, 'eventbridge'],
  ['acs.oss', 'a client without credentials', none, 401],
  ['acs.oss', 'a forger', forged, 401],
  ['acs.oss', 'the shop', shop, 403],
  ['acs.oss', 'the broker', broker, 403],
  ['/shop', 'the shop', shop, 'shop'],
  ['/shop', 'a client without credentials', none, 401],
  ['/shop', 'a stranger', stranger, 401],
  ['/shop', 'EventBridge', push, 403],
  ['/shop', 'a forger', forged, 401],
  ['/shop', 'a sender whose issuer is down', ofDown, 503],
  ['/shop', 'an unlisted subject', unlisted, 403],
  ['/broker', 'the broker', broker, 'broker'],
  ['/broker', 'an unlisted subject', unlisted, 403],
  ['/broker', 'a client without credentials', none, 401],
  ['/broker', 'the shop', shop, 403],
  ['/broker', 'a stranger', stranger, 401],
  ['/either', 'a client with the first credential', () => requestWithToken('either'), 'either'],
  ['/either', 'a client with the second credential', broker, 'either'],
  ['/either', 'a stranger', stranger, 401],
  ['/either', 'an unlisted subject', unlisted, 403],
  ['/down', 'a sender whose issuer is down', ofDown, 503],
  ['/down', 'a client with the spare credential', () => requestWithToken('spare'), 'down'],
  ['/down', 'a stranger', stranger, 401],
  ['/open', 'a client without credentials', none, 'open'],
  ['/open', 'a stranger', stranger, 'open'],
  ['/nowhere', 'the shop', shop, 403],
  ['/nowhere', 'a client without credentials', none, 401],
  ['/nowhere', 'a stranger', stranger, 401],
  ['/nowhere', 'EventBridge', push, 403],
  ['/nowhere', 'a sender whose issuer is down', ofDown, 503],
  ['/nowhere', 'an unlisted subject', unlisted, 403],
];
for (const [source, sender, make, outcome] of cases) {
  test(`an event of ${source} from ${sender} is ${typeof outcome === 'string' ? 'allowed' : `answered ${outcome}`}`, async () => {
    serveIssuer(server, [jwk(keys.first.publicKey, 'first')]);
    const authorisation = authorise(allSenders(), { source }, make(), distantDeadline());
    if (outcome === 503) return void (await assert.rejects(authorisation, Unavailable));
    const { status, ...rest } = await authorisation;
    assert.equal(status, typeof outcome === 'string' ? 'allowed' : outcome);
    if ('sender' in rest) assert.equal(rest.sender?.name, outcome);
    if ('reason' in rest) {
      assert.match(rest.reason, /./);
      for (const secret of ['shop-1', 'shop-2', 'either', 'spare', 'stranger'])
        assert.ok(!rest.reason.replace(/sender \w+/g, '').includes(secret), rest.reason);
    }
  });
}

test('without configured senders every client may send every event', async () => {
  assert.deepEqual(await authorise([], { source: '/any' }, none(), distantDeadline()), { status: 'allowed' });
});

test('if no sender needs credentials, an event without a sender is answered 403', async () => {
  const open = [senderOf('open', '/open')];
  const { status } = await authorise(open, { source: '/nowhere' }, none(), distantDeadline());
  assert.equal(status, 403);
});

test('an event belongs to the first sender that matches it', () => {
  const list = [senderOf('a', '/a'), senderOf('rest', undefined), senderOf('b', '/b')];
  for (const [source, name] of [
    ['/a', 'a'],
    ['/b', 'rest'],
    ['/c', 'rest'],
  ] as const)
    assert.equal(findSender(list, { source })?.name, name);
  assert.equal(findSender(list.slice(0, 1), { source: '/b' }), undefined);
});

for (const [sender, make] of [
  ['a client without credentials', none],
  ['a stranger', stranger],
  ['a forger', forged],
  ['the shop', shop],
  ['the broker', broker],
  ['EventBridge', push],
  ['an unlisted subject', unlisted],
  ['a sender whose issuer is down', ofDown],
] as const)
  test(`the answer to ${sender} does not show whether an event of another source has a sender`, async () => {
    serveIssuer(server, [jwk(keys.first.publicKey, 'first')]);
    const answers = new Set<string>();
    for (const source of ['acs.oss', '/shop', '/broker', '/either', '/down', '/nowhere']) {
      const answer = await authorise(allSenders(), { source }, make(), distantDeadline()).then(
        ({ status }) => status,
        ({ message }: Error) => message,
      );
      if (answer !== 'allowed') answers.add(String(answer));
    }
    assert.equal(answers.size, 1, [...answers].join());
  });

const senders: readonly (readonly [sender: string, make: Make, outcome: string | 401 | 403 | 503])[] = [
  ['EventBridge', push, 'eventbridge'],
  ['the shop', shop, 'shop'],
  ['the broker', broker, 'broker'],
  ['a client with the second credential in the list', () => requestWithToken('spare'), 'down'],
  ['a client without credentials', none, 401],
  ['a stranger', stranger, 401],
  ['an unlisted subject', unlisted, 403],
  ['a sender whose issuer is down', ofDown, 503],
];
for (const [sender, make, outcome] of senders) {
  const verdict =
    typeof outcome === 'number' ? `is answered with ${outcome}` : `belongs to the sender ${outcome}`;
  test(`before it is decoded, a request from ${sender} ${verdict}`, async () => {
    serveIssuer(server, [jwk(keys.first.publicKey, 'first')]);
    const sendersWithCredentials = allSenders().filter(({ credentials }) => credentials.length > 0);
    const found = findAuthenticatedSender(sendersWithCredentials, make(), distantDeadline());
    if (outcome === 503)
      return void (await assert.rejects(found, {
        message: 'the credentials of the request cannot be checked now',
      }));
    const known = await found;
    assert.equal('name' in known ? known.name : known.status, outcome);
  });
}

test('a malformed request without credentials belongs to the sender that requires none', async () => {
  const known = await findAuthenticatedSender(allSenders(), none(), distantDeadline());
  assert.ok('name' in known);
  assert.equal(known.name, 'open');
});

test('checks a credential once for all events of a request', async () => {
  let checks = 0;
  const counted: CredentialCheck = {
    kind: 'bearer',
    check() {
      checks++;
      return Promise.resolve('wrong');
    },
  };
  const list = [senderOf('a', '/a', counted), senderOf('b', '/b', counted), senderOf('c', '/c', bearer('c'))];
  const batch = requestWithToken('c');
  for (const source of ['/a', '/b', '/c', '/a', '/b'])
    await authorise(list, { source }, batch, distantDeadline());
  await Promise.all(
    Array.from({ length: 100 }, () => authorise(list, { source: '/a' }, batch, distantDeadline())),
  );
  assert.equal(checks, 1);
  await authorise(list, { source: '/a' }, requestWithToken('c'), distantDeadline());
  assert.equal(checks, 2);
});
