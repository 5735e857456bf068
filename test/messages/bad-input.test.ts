import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadApiConfig } from '../../api/config.ts';
import { archiveKeysOf } from '../../domain/unzip/archive-key.ts';
import { loadGatewayConfig } from '../../gateway/config.ts';
import { decodeRequest } from '../../gateway/decode/decode-request.ts';
import { checkRoutes } from '../../gateway/routes/load-routes.ts';
import { ConfigError } from '../../runtime/config.ts';
import { loadSourceConfig } from '../../source/config.ts';
import { loadWorkerConfig } from '../../worker/config.ts';
import { prepareSluice } from '../cli/sluice.ts';

type Env = Readonly<Record<string, string>>;

const TABLESTORE = {
  TABLESTORE_ENDPOINT: 'http://localhost:9001',
  TABLESTORE_INSTANCE: 'sluice-local',
  TABLESTORE_ACCESSKEYID: 'local',
  TABLESTORE_ACCESSKEYSECRET: 'local-secret',
};
const OSS = {
  OSS_ENDPOINT: 'http://localhost:9000',
  OSS_ACCESSKEYID: 'local',
  OSS_ACCESSKEYSECRET: 'local-secret',
};

const gateway = (env: Env) => () => loadGatewayConfig(env);
const worker = (env: Env) => () => loadWorkerConfig({ ...OSS, ...env });
const source = (env: Env) => () =>
  loadSourceConfig({ ...TABLESTORE, K_SINK: 'http://127.0.0.1:8080', ...env });
const api = (env: Env) => () => loadApiConfig({ ...TABLESTORE, ...env });

const folder = mkdtempSync(join(tmpdir(), 'sluice-test-messages-'));
const sluice = prepareSluice(() => ({}));
after(() => {
  rmSync(folder, { recursive: true, force: true });
  sluice.remove();
});

/** Returns a routes file with one route, in which the text `replaced` is replaced with `by`. */
const routesWith = (replaced: string, by: string): string =>
  ['- name: a', '  match: { type: [x] }', '  workflow: w', '  queue: q', '  id: "i:{id}"']
    .join('\n')
    .replace(replaced, by)
    .replace(/^/, 'routes:\n');

const loadRoutesFile = (text: string) => () => {
  const file = join(folder, 'routes.yaml');
  writeFileSync(file, text);
  const { mistakes } = checkRoutes([file], () => undefined);
  throw new ConfigError(mistakes.map(({ sentence }) => sentence.replaceAll(`${folder}/`, '')));
};

const event =
  (body: string, headers: Env = {}) =>
  () =>
    decodeRequest({ headers, body: Buffer.from(body) });
const eventWith = (members: object) =>
  event(JSON.stringify({ specversion: '1.0', id: '1', source: '/a', type: 't', ...members }));

/** Bad input, and the message that a user gets. */
const messageCases: readonly (readonly [
  family: string,
  input: string,
  run: () => unknown,
  message: string,
])[] = [
  ['setting', 'PORT=abc', gateway({ PORT: 'abc' }), 'PORT is "abc"; allowed: a whole number from 0 to 65535'],
  [
    'setting',
    'SLUICE_BODY_LIMIT=1',
    gateway({ SLUICE_BODY_LIMIT: '1' }),
    'SLUICE_BODY_LIMIT is "1"; allowed: a whole number from 65536 to 2097152',
  ],
  [
    'setting',
    'SLUICE_LOG_LEVEL=loud',
    gateway({ SLUICE_LOG_LEVEL: 'loud' }),
    'SLUICE_LOG_LEVEL is "loud"; allowed: debug, info, warn, error',
  ],
  [
    'setting',
    'no OSS_ENDPOINT',
    worker({ OSS_ENDPOINT: '' }),
    'OSS_ENDPOINT is not set; allowed: an http:// or https:// address',
  ],
  [
    'setting',
    'WEATHER_PROVIDER=radio',
    worker({ WEATHER_PROVIDER: 'radio' }),
    'WEATHER_PROVIDER is "radio"; allowed: amap, open-meteo, stand-in',
  ],
  [
    'setting',
    'WEATHER_CALLS_PER_DAY=many',
    worker({ WEATHER_CALLS_PER_DAY: 'many' }),
    'WEATHER_CALLS_PER_DAY is "many"; allowed: a whole number above 0, or unlimited',
  ],
  [
    'setting',
    'SLUICE_EVENTS_SINK with a password',
    worker({ SLUICE_EVENTS_SINK: 'ftp://user:secret@x' }),
    'SLUICE_EVENTS_SINK is "ftp://***@x"; allowed: an http:// or https:// address',
  ],
  [
    'setting',
    'no K_SINK',
    source({ K_SINK: '' }),
    'K_SINK is not set; allowed: an http:// or https:// address; percent-encode %, / and @ in a name and password',
  ],
  [
    'setting',
    'SOURCE_START=yesterday',
    source({ SOURCE_START: 'yesterday' }),
    'SOURCE_START is "yesterday"; allowed: latest, earliest, or a time such as 2026-11-22T08:00:00Z',
  ],
  [
    'setting',
    'SOURCE_TIMEOUT_MS=15000',
    source({ SOURCE_TIMEOUT_MS: '15000' }),
    'SOURCE_TIMEOUT_MS is 15000; allowed: at least twice SOURCE_HEARTBEAT_MS, which is 10000',
  ],
  [
    'setting',
    'ALITABLESTORE without keys',
    source({ ALITABLESTORE: '{"url":1}' }),
    'ALITABLESTORE is (a secret, not shown); allowed: JSON {"url", "accessKeyId", "accessKeySecret"}, all of them not empty',
  ],
  [
    'setting',
    'WEATHER_STALE_AFTER=soon',
    api({ WEATHER_STALE_AFTER: 'soon' }),
    'WEATHER_STALE_AFTER is "soon"; allowed: an ISO 8601 duration from PT1M to P30D, such as PT7H',
  ],
  [
    'routes file',
    'an unfinished list',
    loadRoutesFile('routes: ['),
    'Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  [
    'routes file',
    'an unknown field',
    loadRoutesFile(routesWith('queue: q', 'queue: q\n  retries: 3')),
    'routes[0].retries is an unknown field; allowed: name, match, workflow, queue, id, input, signal, start, exact, readable, reserved, expires, delay, attributes',
  ],
  [
    'routes file',
    'no queue',
    loadRoutesFile(routesWith('  queue: q\n', '')),
    'routes[0].queue is missing; allowed: the name of a task queue, which does not begin with "/_sys/"',
  ],
  [
    'routes file',
    'a pattern without an array',
    loadRoutesFile(routesWith('[x]', 'x')),
    'routes[0].match.type: the value of an attribute must be an array, got "x"',
  ],
  [
    'routes file',
    'a missing brace',
    loadRoutesFile(routesWith('{id}', '{id')),
    'routes[0].id: "i:{id" has an unmatched brace',
  ],
  [
    'routes file',
    'a wrong time slot',
    loadRoutesFile(routesWith('{id}', '{time|slot:PT5H,Asia/Shanghai}')),
    'routes[0].id: {time|slot:PT5H,Asia/Shanghai}: the length of a time slot must divide 24 hours evenly, such as PT3H, but is "PT5H"',
  ],
  [
    'routes file',
    'a wrong duration',
    loadRoutesFile(routesWith('queue: q', 'queue: q\n  expires: soon')),
    'routes[0].expires is "soon"; allowed: an ISO 8601 duration like PT5M, of at most 366 days (P366D)',
  ],
  [
    'routes file',
    'signal and delay',
    loadRoutesFile(routesWith('queue: q', 'queue: q\n  signal: s\n  delay: PT5M')),
    'routes[0].delay: a signal cannot be delayed; remove delay or signal',
  ],
  [
    'routes file',
    'a missing token file',
    loadRoutesFile('sources:\n- name: a\n  auth: [{ bearer: { file: none.txt } }]'),
    'sources[0].auth[0].bearer.file: none.txt cannot be read (ENOENT)',
  ],
  ['event', 'no specversion', event('{"id":"1"}'), 'attribute specversion is missing'],
  ['event', 'an empty id', eventWith({ id: '' }), 'attribute id is empty'],
  [
    'event',
    'specversion 2.0',
    eventWith({ specversion: '2.0' }),
    'attribute specversion is "2.0"; allowed: 1.0, 0.3',
  ],
  [
    'event',
    'a wrong time',
    eventWith({ time: 'now' }),
    'attribute time is "now"; allowed: an RFC 3339 timestamp',
  ],
  [
    'event',
    'a wrong attribute name',
    eventWith({ 'Bad-Name': 'x' }),
    'attribute name "Bad-Name" is invalid; allowed: a-z and 0-9',
  ],
  [
    'event',
    'two payloads',
    eventWith({ data: 1, data_base64: 'AA==' }),
    'the event has both data and data_base64; allowed: only one of them',
  ],
  ['event', 'no JSON', event('not json'), 'the body is not JSON: it starts with "not json"'],
  [
    'event',
    'a number in a batch',
    event('[1]'),
    'event 0 of the batch: the event is 1; allowed: a JSON object',
  ],
  [
    'event',
    'XML',
    event('<a/>', { 'content-type': 'application/cloudevents+xml' }),
    'content type "application/cloudevents+xml" is not supported; allowed: the JSON format',
  ],
  [
    'archive',
    'an empty name',
    () => archiveKeysOf('eb-ask', 'zip/.zip'),
    'archive oss://eb-ask/zip/.zip: its name before ".zip" is empty',
  ],
  [
    'archive',
    'a reserved folder',
    () => archiveKeysOf('eb-ask', 'zip/.sluice/x.zip'),
    'archive oss://eb-ask/zip/.sluice/x.zip: zip/.sluice is reserved for Sluice',
  ],
];

for (const [family, input, run, message] of messageCases)
  test(`${family}, ${input}: ${message}`, () => {
    assert.throws(run, (error: Error) => {
      assert.equal(error instanceof ConfigError ? error.problems.join('\n') : error.message, message);
      return true;
    });
  });

/** Wrong commands, and the message on standard error. */
const commands: readonly (readonly [args: readonly string[], message: string])[] = [
  [['strat'], 'sluice: there is no command "strat"; did you mean `sluice start`?'],
  [['runs', 'follow'], 'sluice runs: <id> is missing; see sluice runs --help'],
  [
    ['runs', 'list', '--limit', 'x'],
    'sluice runs: --limit is "x"; allowed: a whole number from 1 to 10000; see sluice runs --help',
  ],
  [
    ['replay'],
    'sluice replay: select requests by ids, by filters such as --since 2h, or with --all; see sluice replay --help',
  ],
  [
    ['explain', 'a.json', '--routes', 'r.yaml', '--gateway', 'http://x'],
    'sluice explain: --gateway and --routes cannot be used together; see sluice explain --help',
  ],
  [
    ['table', 'gett'],
    'sluice table: there is no subcommand `table gett`; did you mean `sluice table get`?; see sluice table --help',
  ],
];

for (const [args, message] of commands)
  test(`sluice ${args.join(' ')}: ${message}`, async () => {
    const { code, stderr } = await sluice(args);
    assert.deepEqual([code, stderr.trim()], [2, message]);
  });

const table = readFileSync(
  fileURLToPath(new URL('../../../test/messages/messages.md', import.meta.url)),
  'utf8',
);
/**
 * The table's messages as patterns. A placeholder matches any text. Messages with fewer than ten fixed characters are
 * left out, because they would match too much.
 */
const messagePatterns = [...table.matchAll(/^- (.*)$/gm)]
  .map(([, text = '']) => text.split(/\{\w+\}/))
  .filter((parts) => parts.join('').length >= 10)
  .map((parts) => new RegExp(parts.map((part) => part.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&')).join('.*')));

test('messages.md has the texts of all these messages', () => {
  const all = [...messageCases.map((row) => row[3]), ...commands.map((row) => row[1])];
  const missing = all.filter((message) => !messagePatterns.some((pattern) => pattern.test(message)));
  // This message comes from the YAML library.
  assert.deepEqual(missing, [messageCases.find(([, input]) => input === 'an unfinished list')?.[3]]);
});
