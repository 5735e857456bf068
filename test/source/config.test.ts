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

const CERTIFICATES = /^K_CA_CERTS is .*; allowed: one or more whole certificates in PEM/;
const refused: readonly (readonly [name: string, env: Env, ...problems: RegExp[]])[] = [
  ...['id', 'source', 'specversion', 'type', 'subject', 'time', 'datacontenttype', 'dataschema', 'data'].map(
    (name) =>
      [
        `an override of ${name}`,
        extensions({ [name]: 'x' }),
        new RegExp(`^K_CE_OVERRIDES sets attribute "${name}", which has a meaning of its own; allowed: `),
      ] as const,
  ),
  ...['data_base64', 'partitionkey', 'sequence', 'basedata', 'sluiceerror'].map(
    (name) =>
      [
        `an override of ${name}`,
        extensions({ [name]: 'x' }),
        new RegExp(`^K_CE_OVERRIDES sets attribute "${name}", which has a meaning`),
      ] as const,
  ),
  [
    'an override of a key’s attribute',
    extensions({ adcode: 'x' }),
    /^K_CE_OVERRIDES sets attribute "adcode", which SOURCE_EXTENSIONS sets/,
  ],
  [
    'two wrong overrides',
    extensions({ id: 'x', 'Team-A': 'x' }),
    /"id"/,
    /^K_CE_OVERRIDES sets attribute "Team-A"; allowed: names of/,
  ],
  [
    'an override to nothing',
    extensions({ team: '' }),
    /^K_CE_OVERRIDES sets attribute "team" to ""; allowed: texts that are not empty$/,
  ],
  [
    'an override to a number',
    extensions({ team: 5 }),
    /^K_CE_OVERRIDES sets attribute "team" to 5; allowed: texts$/,
  ],
  [
    'an override with a line break',
    extensions({ team: 'a\r\nb' }),
    /^K_CE_OVERRIDES sets attribute "team" to "a\\r\\nb"; allowed: texts without control/,
  ],
  [
    'an override with a noncharacter',
    extensions({ team: '\ufffe' }),
    /^K_CE_OVERRIDES sets attribute "team"/,
  ],
  [
    'overrides that are no object',
    { K_CE_OVERRIDES: '[]' },
    /^K_CE_OVERRIDES is "\[\]"; allowed: \{"extensions"/,
  ],
  ['extensions that are no object', extensions(['x']), /^K_CE_OVERRIDES is /],
  ['overrides that are no JSON', { K_CE_OVERRIDES: 'team=a' }, /^K_CE_OVERRIDES is "team=a"; allowed: /],
  [
    'an extension that is there anyway',
    { SOURCE_EXTENSIONS: 'adcode,dataschema' },
    /^SOURCE_EXTENSIONS is "adcode,dataschema"/,
  ],
  [
    'a sink of another scheme with a password',
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
  ['the name of a file of certificates', { K_CA_CERTS: '/etc/ssl/ca.crt' }, CERTIFICATES],
  ['half a certificate', { K_CA_CERTS: pem.slice(0, pem.length / 2) }, CERTIFICATES],
  ['a certificate and half of one', { K_CA_CERTS: `${pem}\n${pem.slice(0, 200)}` }, CERTIFICATES],
  [
    'a certificate of other bytes',
    { K_CA_CERTS: pem.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA') },
    CERTIFICATES,
  ],
  [
    'no keys',
    { TABLESTORE_ACCESSKEYID: '', TABLESTORE_ACCESSKEYSECRET: '' },
    /^TABLESTORE_ACCESSKEYID is not set/,
    /^TABLESTORE_ACCESSKEYSECRET is not set/,
  ],
  [
    'half a key',
    { TABLESTORE_ACCESSKEYSECRET: '' },
    /^TABLESTORE_ACCESSKEYSECRET is not set; allowed: both parts/,
  ],
  [
    'an original secret without a secret',
    { ALITABLESTORE: '{"url":"http://x","accessKeyId":"a","accessKeySecret":""}' },
    /^ALITABLESTORE is \(a secret, not shown\)/,
  ],
  [
    'a time-out of no whole seconds',
    { SOURCE_TIMEOUT_MS: '20500' },
    /^SOURCE_TIMEOUT_MS is "20500"; allowed: whole seconds/,
  ],
  [
    'a time-out shorter than two heartbeats',
    { SOURCE_TIMEOUT_MS: '5000' },
    /^SOURCE_TIMEOUT_MS is 5000; allowed: at least twice/,
  ],
  [
    'what is wrong here and there',
    { SOURCE_TRIES: '0', TABLESTORE_INSTANCE: '' },
    /^SOURCE_TRIES/,
    /^TABLESTORE_INSTANCE/,
  ],
];
for (const [name, env, ...problems] of refused)
  test(`${name} is refused, in a sentence without a secret`, () =>
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
const taken: readonly (readonly [
  name: string,
  env: Env,
  (config: ReturnType<typeof loadSourceConfig>) => unknown,
  unknown,
])[] = [
  ['a sink’s path keeps its last slash', { K_SINK: 'http://h/sink/' }, ({ sink }) => sink, 'http://h/sink/'],
  ['a sink may have a password', { K_SINK: 'http://u:a%25b@h/' }, ({ sink }) => sink, 'http://u:a%25b@h/'],
  [
    'an endpoint loses its last slash',
    { TABLESTORE_ENDPOINT: 'http://h/' },
    ({ tablestore }) => tablestore.endpoint,
    'http://h',
  ],
  ['no extensions by a dash', { SOURCE_EXTENSIONS: '-' }, ({ extensions }) => [...extensions], []],
  ['no extensions by nothing', { SOURCE_EXTENSIONS: '' }, ({ extensions }) => [...extensions], []],
  [
    'extensions of columns',
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
  ['overrides of null', { K_CE_OVERRIDES: '{"extensions":null}' }, ({ overrides }) => overrides, {}],
  [
    'two certificates',
    { K_CA_CERTS: `# mine\n${pem}${pem}` },
    ({ caCerts }) => caCerts,
    `# mine\n${pem}${pem}`,
  ],
  [
    'a file of keys instead of keys',
    { TABLESTORE_ACCESSKEYID: '', TABLESTORE_ACCESSKEYSECRET: '', SLUICE_TABLESTORE_CREDENTIALS: '/keys' },
    ({ tablestore }) => tablestore.credentialsFile,
    '/keys',
  ],
];
for (const [name, env, part, expected] of taken)
  test(`it is taken: ${name}`, () => assert.deepEqual(part(loadSourceConfig({ ...good, ...env })), expected));

const files: readonly (readonly [name: string, text: string | undefined, why: RegExp])[] = [
  ['is not there', undefined, /ENOENT/],
  ['is empty', '', /it is not JSON/],
  ['is null', 'null', /are both required/],
  ['has an empty secret', '{"accessKeyId":"a","accessKeySecret":""}', /are both required/],
];
for (const [name, text, why] of files)
  test(`a file of keys that ${name} is a wrong setting, named with its file`, async (t) => {
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
