import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError } from '../../runtime/config.ts';
import { tablestoreCredentials } from '../../runtime/tablestore-credentials.ts';
import { loadSourceConfig } from '../../source/config.ts';
import { selfSigned } from '../gateway/auth/self-signed.ts';
import { temporaryDirectory } from '../local/local-cloud.ts';

type Env = Readonly<Record<string, string>>;

const good: Env = {
  ...{ TABLESTORE_ENDPOINT: 'http://127.0.0.1:9001', TABLESTORE_INSTANCE: 'sluice-local' },
  ...{ TABLESTORE_ACCESSKEYID: 'local', TABLESTORE_ACCESSKEYSECRET: 'hunter1' },
  K_SINK: 'http://sink/',
};
const pem = selfSigned({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
  host: 'localhost',
}).toString();
const extensions = (value: unknown): Env => ({ K_CE_OVERRIDES: JSON.stringify({ extensions: value }) });

const CERTIFICATES = /^K_CA_CERTS is .*; allowed: one or more complete certificates in PEM/;
const rejected: readonly (readonly [name: string, env: Env, ...problems: RegExp[]])[] = [
  ...['id', 'source', 'specversion', 'type', 'subject', 'time', 'datacontenttype', 'dataschema', 'data'].map(
    (name) =>
      [
        `an override of ${name}`,
        extensions({ [name]: 'x' }),
        new RegExp(`^K_CE_OVERRIDES sets attribute "${name}", which is reserved; allowed: `),
      ] as const,
  ),
  ...['data_base64', 'partitionkey', 'sequence', 'basedata', 'sluiceerror'].map(
    (name) =>
      [
        `an override of ${name}`,
        extensions({ [name]: 'x' }),
        new RegExp(`^K_CE_OVERRIDES sets attribute "${name}", which is reserved`),
      ] as const,
  ),
  [
    'an override of a key column’s attribute',
    extensions({ adcode: 'x' }),
    /^K_CE_OVERRIDES sets attribute "adcode", which SOURCE_EXTENSIONS also sets/,
  ],
  [
    'two wrong overrides',
    extensions({ id: 'x', 'Team-A': 'x' }),
    /"id"/,
    /^K_CE_OVERRIDES sets attribute "Team-A"; allowed: names of/,
  ],
  [
    'an empty override',
    extensions({ team: '' }),
    /^K_CE_OVERRIDES sets attribute "team" to ""; allowed: strings that are not empty$/,
  ],
  [
    'a number as an override',
    extensions({ team: 5 }),
    /^K_CE_OVERRIDES sets attribute "team" to 5; allowed: strings$/,
  ],
  [
    'an override with a line break',
    extensions({ team: 'a\r\nb' }),
    /^K_CE_OVERRIDES sets attribute "team" to "a\\r\\nb"; allowed: strings without control/,
  ],
  [
    'an override with a noncharacter',
    extensions({ team: '\ufffe' }),
    /^K_CE_OVERRIDES sets attribute "team"/,
  ],
  [
    'overrides that are not an object',
    { K_CE_OVERRIDES: '[]' },
    /^K_CE_OVERRIDES is "\[\]"; allowed: \{"extensions"/,
  ],
  ['extensions that are not an object', extensions(['x']), /^K_CE_OVERRIDES is /],
  ['overrides that are not JSON', { K_CE_OVERRIDES: 'team=a' }, /^K_CE_OVERRIDES is "team=a"; allowed: /],
  [
    'a reserved attribute as an extension',
    { SOURCE_EXTENSIONS: 'adcode,dataschema' },
    /^SOURCE_EXTENSIONS is "adcode,dataschema"/,
  ],
  [
    'a sink with a wrong scheme and a password',
    { K_SINK: 'htp://user:hunter2@host/x' },
    /^K_SINK is "htp:\/\/\*\*\*@host\/x"; allowed: /,
  ],
  [
    'a sink without a scheme with a password',
    { K_SINK: 'user:hunter2@host' },
    /^K_SINK is "\*\*\*@host"; allowed: /,
  ],
  [
    'a sink with a slash in its password',
    { K_SINK: 'http://user:hun/ter2@host/' },
    /^K_SINK is "http:\/\/\*\*\*@host\/"/,
  ],
  [
    'a sink whose password cannot be decoded',
    { K_SINK: 'http://u:hunter2100%@h/' },
    /^K_SINK is "http:\/\/\*\*\*@h\/"; allowed: .*percent-encode %/,
  ],
  [
    'a dead-letter sink with a password',
    { SOURCE_DEAD_LETTER_SINK: 'a:hunter2@b' },
    /^SOURCE_DEAD_LETTER_SINK is "\*\*\*@b"/,
  ],
  [
    'an endpoint with a password',
    { TABLESTORE_ENDPOINT: 'ftp://id:hunter2@x' },
    /^TABLESTORE_ENDPOINT is "ftp:\/\/\*\*\*@x"/,
  ],
  ['no certificate', { K_CA_CERTS: 'garbage' }, CERTIFICATES],
  ['a file name instead of certificates', { K_CA_CERTS: '/etc/ssl/ca.crt' }, CERTIFICATES],
  ['an incomplete certificate', { K_CA_CERTS: pem.slice(0, pem.length / 2) }, CERTIFICATES],
  ['a complete and an incomplete certificate', { K_CA_CERTS: `${pem}\n${pem.slice(0, 200)}` }, CERTIFICATES],
  ['a damaged certificate', { K_CA_CERTS: pem.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA') }, CERTIFICATES],
  [
    'no keys',
    { TABLESTORE_ACCESSKEYID: '', TABLESTORE_ACCESSKEYSECRET: '' },
    /^TABLESTORE_ACCESSKEYID is not set/,
    /^TABLESTORE_ACCESSKEYSECRET is not set/,
  ],
  [
    'a key id without a secret',
    { TABLESTORE_ACCESSKEYSECRET: '' },
    /^TABLESTORE_ACCESSKEYSECRET is not set; allowed: both parts/,
  ],
  [
    'ALITABLESTORE with an empty secret',
    { ALITABLESTORE: '{"url":"http://x","accessKeyId":"a","accessKeySecret":""}' },
    /^ALITABLESTORE is \(a secret, not shown\)/,
  ],
  [
    'a timeout that is not a whole number of seconds',
    { SOURCE_TIMEOUT_MS: '20500' },
    /^SOURCE_TIMEOUT_MS is "20500"; allowed: milliseconds from 1000 to 600000, a multiple of 1000/,
  ],
  [
    'a timeout shorter than two heartbeats',
    { SOURCE_TIMEOUT_MS: '5000' },
    /^SOURCE_TIMEOUT_MS is 5000; allowed: at least twice/,
  ],
  [
    'two wrong settings from different groups',
    { SOURCE_TRIES: '0', TABLESTORE_INSTANCE: '' },
    /^SOURCE_TRIES/,
    /^TABLESTORE_INSTANCE/,
  ],
];
for (const [name, env, ...problems] of rejected)
  test(`rejects ${name}, and the message contains no secret`, () =>
    assert.throws(
      () => loadSourceConfig({ ...good, ...env }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.problems.length, problems.length, error.message);
        for (const [index, problem] of problems.entries()) assert.match(error.problems[index] ?? '', problem);
        assert.doesNotMatch(error.message, /hun/);
        return true;
      },
    ));

const LONG = 'averylongextensionnameindeed';
const accepted: readonly (readonly [
  name: string,
  env: Env,
  (config: ReturnType<typeof loadSourceConfig>) => unknown,
  unknown,
])[] = [
  [
    'a sink with a trailing slash, which is kept',
    { K_SINK: 'http://h/sink/' },
    ({ sink }) => sink,
    'http://h/sink/',
  ],
  ['a sink with a password', { K_SINK: 'http://u:a%25b@h/' }, ({ sink }) => sink, 'http://u:a%25b@h/'],
  [
    'an endpoint with a trailing slash, which is removed',
    { TABLESTORE_ENDPOINT: 'http://h/' },
    ({ tablestore }) => tablestore.endpoint,
    'http://h',
  ],
  ['a dash for no extensions', { SOURCE_EXTENSIONS: '-' }, ({ extensions }) => [...extensions], []],
  ['an empty text for no extensions', { SOURCE_EXTENSIONS: '' }, ({ extensions }) => [...extensions], []],
  [
    'columns as extensions',
    { SOURCE_EXTENSIONS: 'AdCode, date' },
    ({ extensions }) => [...extensions],
    [
      ['adcode', 'AdCode'],
      ['date', 'date'],
    ],
  ],
  [
    'an override with a long name',
    extensions({ [LONG]: '上海' }),
    ({ overrides }) => overrides,
    { [LONG]: '上海' },
  ],
  ['no overrides', { K_CE_OVERRIDES: '{}' }, ({ overrides }) => overrides, {}],
  ['null as extensions', { K_CE_OVERRIDES: '{"extensions":null}' }, ({ overrides }) => overrides, {}],
  [
    'two certificates',
    { K_CA_CERTS: `# mine\n${pem}${pem}` },
    ({ caCerts }) => caCerts,
    `# mine\n${pem}${pem}`,
  ],
  [
    'a credentials file instead of keys',
    { TABLESTORE_ACCESSKEYID: '', TABLESTORE_ACCESSKEYSECRET: '', SLUICE_TABLESTORE_CREDENTIALS: '/keys' },
    ({ tablestore }) => tablestore.credentialsFile,
    '/keys',
  ],
];
for (const [name, env, part, expected] of accepted)
  test(`accepts ${name}`, () => assert.deepEqual(part(loadSourceConfig({ ...good, ...env })), expected));

const files: readonly (readonly [name: string, text: string | undefined, why: RegExp])[] = [
  ['does not exist', undefined, /ENOENT/],
  ['is empty', '', /it is not JSON/],
  ['is null', 'null', /are both required/],
  ['has an empty secret', '{"accessKeyId":"a","accessKeySecret":""}', /are both required/],
];
for (const [name, text, why] of files)
  test(`rejects a credentials file that ${name}, and the message names the setting and the file`, async (t) => {
    const file = join(await temporaryDirectory(t), 'keys');
    if (text !== undefined) writeFileSync(file, text);
    const { tablestore } = loadSourceConfig({ ...good, SLUICE_TABLESTORE_CREDENTIALS: file });
    assert.throws(
      () => tablestoreCredentials(tablestore, () => undefined),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, /SLUICE_TABLESTORE_CREDENTIALS names the file ".*keys"/);
        assert.match(error.message, why);
        return true;
      },
    );
  });
