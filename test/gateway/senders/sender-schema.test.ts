import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { authorise } from '../../../gateway/senders/authorise.ts';
import { findSender, type Sender } from '../../../gateway/senders/sender.ts';
import { sendersSchema } from '../../../gateway/senders/sender-schema.ts';
import { check } from '../../../runtime/schema.ts';
import { selfSigned } from '../auth/self-signed.ts';
import { distantDeadline, eventBridgeKeys, otherKeys, signedPush, TARGET } from '../auth/signed-push.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-sources-'));
after(() => rmSync(dir, { recursive: true }));

const file = (name: string, content: string | Buffer): string => {
  writeFileSync(join(dir, name), content);
  return name;
};
const pem = file('pinned.pem', selfSigned(eventBridgeKeys));
const expired = file('expired.pem', selfSigned({ ...eventBridgeKeys, from: 0, to: Date.UTC(2020, 0, 1) }));
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const unfit = file('curve.pem', selfSigned({ ...otherKeys, publicKey: curve.publicKey }));
const tokens = file('tokens', 'from-file,another\n');
const empty = file('empty', '\n');

const variables: Readonly<Record<string, string>> = {
  SHOP_TOKENS: 'first, second\nthird',
  EMPTY: ' ',
  CHINESE: 'h\u00fcnter2口令',
};

function read(yaml: string): { senders: Sender[]; problems: string[] } {
  const schema = sendersSchema({ env: (name) => variables[name], folder: dir, dialect: 'alibaba' });
  const { output: senders = [], problems } = check(schema, parse(yaml), 'sources');
  return { senders, problems: problems.map(({ path, sentence }) => `${path.join('.')}: ${sentence}`) };
}

const full = `
- name: eventbridge
  match: { source: [acs.oss] }
  auth:
    - eventbridge: { url: "${TARGET}", versions: [v1, v2], token: { env: SHOP_TOKENS }, certificate: ${pem} }
    - eventbridge: { url: "${TARGET}", regions: [cn-hangzhou, us-west-1], token: { env: SHOP_TOKENS } }
    - bearer: { env: SHOP_TOKENS }
    - bearer: { file: ${tokens} }
    - oidc:
        issuer: https://kubernetes.default.svc
        audience: [sluice]
        subjects: ["system:serviceaccount:ns:name"]
        jwks: https://10.0.0.1:6443/openid/v1/jwks
        ca: ${pem}
        token: ${tokens}
  webhook: { origins: ["Events.example.com", "*"], rate: 600 }
  parkUnmatched: true
  ackParked: true
- name: rest
`;

test('reads all fields of senders', () => {
  const { senders, problems } = read(full);
  assert.deepEqual(problems, []);
  const [first, second, ...more] = senders;
  assert.ok(first && second && more.length === 0);
  assert.equal(first.name, 'eventbridge');
  assert.equal(findSender([first], { source: 'acs.oss' }), first);
  assert.equal(findSender([first], { source: 'acs.rds' }), undefined);
  assert.deepEqual(
    first.credentials.map(({ kind }) => kind),
    ['eventbridge', 'eventbridge', 'bearer', 'bearer', 'oidc'],
  );
  assert.deepEqual(first.webhook, { origins: ['events.example.com', '*'], rate: 600 });
  assert.equal(first.parkUnmatched && first.ackParked, true);
  const { name, match, credentials, webhook, parkUnmatched, ackParked } = second;
  assert.deepEqual([name, match, credentials, webhook], ['rest', undefined, [], undefined]);
  assert.deepEqual([parkUnmatched, ackParked], [false, false]);
});

test('the senders that were read accept valid credentials', async () => {
  const [sender] = read(full).senders;
  assert.ok(sender);
  const status = async (authorization?: string, accessToken?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    const request = { headers, body: Buffer.alloc(0), accessToken };
    return (await authorise([sender], { source: 'acs.oss' }, request, distantDeadline())).status;
  };
  for (const token of ['first', 'second', 'third', 'from-file', 'another']) {
    assert.equal(await status(`Bearer ${token}`), 'allowed');
    assert.equal(await status(undefined, token), 'allowed');
  }
  assert.equal(await status('Bearer fourth'), 401);
  assert.equal(await status(), 401);
  for (const versions of [['v1'], ['v2']] as const) {
    const request = signedPush({ versions, token: 'second' });
    assert.equal(
      (await authorise([sender], { source: 'acs.oss' }, request, distantDeadline())).status,
      'allowed',
    );
  }
});

test('by default only v2 is accepted', async () => {
  const { senders } = read(
    `[{ name: a, auth: [{ eventbridge: { url: "${TARGET}", certificate: ${pem} } }] }]`,
  );
  const status = async (versions: readonly ('v1' | 'v2')[]) =>
    (await authorise(senders, { source: 'acs.oss' }, signedPush({ versions }), distantDeadline())).status;
  assert.equal(await status(['v2']), 'allowed');
  assert.equal(await status(['v1']), 401);
});

test('a webhook without a rate has no limit', () => {
  const { senders, problems } = read('[{ name: a, webhook: { origins: [a.example] } }]');
  assert.deepEqual(problems, []);
  assert.deepEqual(senders[0]?.webhook, { origins: ['a.example'], rate: '*' });
});

const eventbridge = (fields: string): string =>
  `[{ name: a, auth: [{ eventbridge: { url: "https://a.example/", regions: [cn-hangzhou], ${fields} } }] }]`;
const oidc = (fields: string): string => `[{ name: a, auth: [{ oidc: { ${fields} } }] }]`;
const bearer = (value: string): string => `[{ name: a, auth: [{ bearer: ${value} }] }]`;
const webhook = (fields: string): string => `[{ name: a, webhook: { ${fields} } }]`;
const EB = '0.auth.0.eventbridge';

const mistakes: readonly (readonly [name: string, yaml: string, path: string, error: RegExp])[] = [
  ['sources that are not a list', 'name: a', '', /list of sources/],
  ['a source that is not an object', '[5]', '0', /object/],
  ['no name', '[{ match: { source: [a] } }]', '0', /name is missing/],
  ['a name with invalid characters', '[{ name: "A b" }]', '0.name', /"A b"/],
  ['a name that is used twice', '[{ name: a }, { name: a }]', '1.name', /a is used more than once/],
  [
    'a name that is used twice, if both rows have other mistakes',
    '[{ name: a, ackParked: 1 }, { name: a, auth: 5 }]',
    ...(['1.name', /a is used more than once/] as const),
  ],
  ['an unknown field', '[{ name: a, auths: [] }]', '0.auths', /unknown field/],
  ['a pattern without a list', '[{ name: a, match: { source: x } }]', '0.match.source', /array/],
  ['an unknown operator', '[{ name: a, match: { type: [{ like: x }] } }]', '0.match.type.0.like', /operator/],
  ['no pattern', '[{ name: a, match: 5 }]', '0.match', /object/],
  [
    'an invalid flag',
    '[{ name: a, ackParked: often }]',
    '0.ackParked',
    /ackParked is "often"; .*true or false/,
  ],
  ['another invalid flag', '[{ name: a, parkUnmatched: 1 }]', '0.parkUnmatched', /true or false/],
  [
    'credentials that are not a list',
    '[{ name: a, auth: { bearer: { env: SHOP_TOKENS } } }]',
    '0.auth',
    /auth is an object; .*list/,
  ],
  ['a credential that is not an object', '[{ name: a, auth: [bearer] }]', '0.auth.0', /object/],
  ['an unknown credential', '[{ name: a, auth: [{ basic: {} }] }]', '0.auth.0.basic', /unknown field/],
  ['an empty credential', '[{ name: a, auth: [{}] }]', '0.auth.0', /one of/],
  [
    'two credentials in one entry',
    '[{ name: a, auth: [{ bearer: { env: SHOP_TOKENS }, oidc: {} }] }]',
    '0.auth.0',
    /one of/,
  ],
  ['a bearer without env or file', bearer('{}'), '0.auth.0.bearer', /either env.*or file/],
  ['both env and file', bearer(`{ env: SHOP_TOKENS, file: ${tokens} }`), '0.auth.0.bearer', /either/],
  ['a variable that is not set', bearer('{ env: ABSENT }'), '0.auth.0.bearer.env', /ABSENT is not set/],
  ['an empty variable', bearer('{ env: EMPTY }'), '0.auth.0.bearer.env', /EMPTY/],
  ['a token that cannot be sent', bearer('{ env: CHINESE }'), '0.auth.0.bearer.env', /CHINESE.*characters/],
  ['a missing file of tokens', bearer('{ file: none }'), '0.auth.0.bearer.file', /none.*ENOENT/],
  ['a file without a token', bearer(`{ file: ${empty} }`), '0.auth.0.bearer.file', /empty/],
  ['a folder instead of a file', bearer('{ file: . }'), '0.auth.0.bearer.file', /EISDIR/],
  ['no issuer', oidc('audience: [a], subjects: [s]'), '0.auth.0.oidc', /issuer is missing/],
  ['an issuer over http', oidc('issuer: "http://a.example"'), '0.auth.0.oidc.issuer', /https/],
  ['no audience', oidc('issuer: "https://a.example", subjects: [s]'), '0.auth.0.oidc', /audience is missing/],
  ['an empty audience', oidc('audience: []'), '0.auth.0.oidc.audience', /list/],
  ['no subjects', oidc('issuer: "https://a.example", audience: [a]'), '0.auth.0.oidc', /subjects is missing/],
  ['a subject that is not text', oidc('subjects: [5]'), '0.auth.0.oidc.subjects', /list/],
  ['one subject instead of a list', oidc('subjects: s'), '0.auth.0.oidc.subjects', /list/],
  ['a key set over http', oidc('jwks: "http://a.example/keys"'), '0.auth.0.oidc.jwks', /https/],
  ['a key set with an address that is not a URL', oidc('jwks: "https://"'), '0.auth.0.oidc.jwks', /https/],
  ['a missing authority file', oidc('ca: none.crt'), '0.auth.0.oidc.ca', /none\.crt.*ENOENT/],
  ['a missing token file', oidc('token: none'), '0.auth.0.oidc.token', /ENOENT/],
  ['no url', '[{ name: a, auth: [{ eventbridge: { regions: [cn-hangzhou] } }] }]', EB, /url is missing/],
  ['an invalid url', eventbridge('url: 5').replace('url: "https://a.example/", ', ''), `${EB}.url`, /http/],
  [
    'neither region nor certificate',
    eventbridge('').replace('regions: [cn-hangzhou],', ''),
    EB,
    /regions is missing/,
  ],
  ['no region', eventbridge('').replace('cn-hangzhou', ''), `${EB}.regions`, /list/],
  [
    'a region with a dot',
    eventbridge('').replace('cn-hangzhou', 'cn-hang.zhou'),
    `${EB}.regions`,
    /cn-hang\.zhou/,
  ],
  ['an unknown version', eventbridge('versions: [v3]'), `${EB}.versions`, /v3.*v1, v2/],
  ['v1 without a token', eventbridge('versions: [v1, v2]'), `${EB}.versions`, /v1 requires a token/],
  ['no version', eventbridge('versions: []'), `${EB}.versions`, /v1, v2/],
  ['a missing certificate file', eventbridge('certificate: no.pem'), `${EB}.certificate`, /no\.pem.*ENOENT/],
  ['an invalid certificate', eventbridge(`certificate: ${tokens}`), `${EB}.certificate`, /X\.509/],
  ['an expired certificate', eventbridge(`certificate: ${expired}`), `${EB}.certificate`, /2020-01-01/],
  ['a certificate without RSA', eventbridge(`certificate: ${unfit}`), `${EB}.certificate`, /RSA/],
  ['a token without env or file', eventbridge('token: {}'), `${EB}.token`, /either/],
  ['no origins', webhook('rate: 5'), '0.webhook', /origins is missing/],
  ['an origin with a space', webhook('origins: ["a b"]'), '0.webhook.origins', /a b/],
  ['a rate of 0', webhook('origins: ["*"], rate: 0'), '0.webhook.rate', /rate is 0; .*number/],
  ['a rate that is not a number', webhook('origins: ["*"], rate: often'), '0.webhook.rate', /number/],
];
for (const [name, yaml, path, error] of mistakes) {
  test(`reports a mistake with its path: ${name}`, () => {
    const { senders, problems } = read(yaml);
    assert.ok(
      problems.some((problem) => problem.startsWith(`${path}: `) && error.test(problem)),
      problems.join('\n') || 'no problem',
    );
    if (!path.endsWith('1.name')) assert.deepEqual(senders, []);
  });
}

test('reports all mistakes at once', () => {
  const { problems } = read(`
- name: A
  auth: [{ bearer: {} }, { oidc: { issuer: x } }]
- webhook: { origins: [] }
- name: c
  match: { Type: [x] }
`);
  assert.equal(problems.length, 8, problems.join('\n'));
});

for (const [name, yaml] of [
  ['a token instead of its variable', bearer('{ env: "hunter2!" }')],
  ['a token instead of the object', bearer('hunter2!')],
  ['a token instead of the list', '[{ name: a, auth: hunter2! }]'],
  ['a token as a field', bearer('{ token: hunter2! }')],
  ['a token that cannot be sent', bearer('{ env: CHINESE }')],
  ['a password in an issuer', oidc('issuer: "https://u:hunter2@a.example"')],
  [
    'a token in a url',
    eventbridge('url: "ftp://a.example?access_token=hunter2"').replace('url: "https://a.example/", ', ''),
  ],
] as const) {
  test(`no message contains ${name}`, () => {
    const { problems } = read(yaml);
    assert.notEqual(problems.length, 0);
    for (const problem of problems) assert.doesNotMatch(problem, /h[uü]nter2/);
  });
}
