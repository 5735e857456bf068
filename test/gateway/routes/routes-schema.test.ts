import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { checkRoutes } from '../../../gateway/routes/load-routes.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const committed = join(root, 'gateway/routes.schema.json');
const dir = mkdtempSync(join(tmpdir(), 'sluice-test-schema-'));
after(() => rmSync(dir, { recursive: true, force: true }));

test('the committed JSON Schema is what the script makes of the schema', async () => {
  const made = join(dir, 'made.json');
  await promisify(execFile)(process.execPath, [join(root, 'scripts/routes/generate.mjs'), made], {
    timeout: 60_000,
  });
  assert.ok(
    readFileSync(made, 'utf8') === readFileSync(committed, 'utf8'),
    'gateway/routes.schema.json differs; run node scripts/routes/generate.mjs',
  );
});

const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(committed, 'utf8')) as object);

/** Whether an independent validator of JSON Schema takes a file, and whether we do. */
function verdicts(text: string): { schema: boolean; ours: boolean; said: string } {
  const file = join(dir, 'routes.yaml');
  writeFileSync(file, text);
  const { mistakes } = checkRoutes([file], () => 'a-token');
  const schema = validate(parse(text));
  return { schema, ours: mistakes.length === 0, said: JSON.stringify([mistakes, validate.errors]) };
}

const route = (changes: object): string => {
  const good = { name: 'a', match: { type: ['x'] }, workflow: 'doIt', queue: 'q', id: 'a:{id}' };
  return JSON.stringify({ routes: [{ ...good, ...changes }] });
};
const match = (pattern: unknown): string => route({ match: pattern });
const source = (fields: object): string => JSON.stringify({ sources: [{ name: 's', ...fields }] });
const credential = (each: unknown): string => source({ auth: [each] });

const HAND_WRITTEN = `# yaml-language-server: $schema=../node_modules/sluice/gateway/routes.schema.json
routes:
  - name: orders
    match:
      source: [/shop]
      type: [order.placed, { prefix: "order.changed." }]
      data: { order: { total: [{ numeric: [">=", 100] }], note: [null, { exists: false }] } }
    workflow: handleOrder
    queue: orders
    id: "order:{data.order.id}"
    input: { order: "{data.order}", notes: ["{data.note?}", 5, true, null] }
    expires: PT1H
sources:
  - name: eventbridge
    match: { source: [acs.oss] }
    auth:
      - eventbridge: { url: "https://sluice.example.com/unzip", regions: [cn-hangzhou] }
      - oidc: { issuer: "https://kubernetes.default.svc", audience: [sluice], subjects: [a] }
      - bearer: { env: SHOP_TOKENS }
    ackParked: true
  - name: anybody
    webhook: { origins: [events.example.com], rate: 600 }
`;

const taken: readonly (readonly [name: string, text: string])[] = [
  ['one that a person wrote, with a comment for editors', HAND_WRITTEN],
  ['the shipped one', readFileSync(join(root, 'gateway/routes.yaml'), 'utf8')],
  ['a route that signals', route({ signal: 'changed', exact: true })],
  ['a route with a delay of a year', route({ delay: 'P366D' })],
  ['a slot', route({ id: 'refresh-{time|slot:PT3H,Asia/Shanghai}' })],
  ['an empty pattern', match({})],
  ['an address', match({ data: { a: { 'b c': [{ cidr: '10.0.0.0/24' }] } } })],
  ['anything but a prefix', match({ subject: [{ 'anything-but': { prefix: 'a' } }, { suffix: 'b' }] })],
  ['two comparisons', match({ data: { a: [{ numeric: ['>', 0, '<=', 5] }] } })],
  [
    'v1 with a token',
    credential({
      eventbridge: { url: 'http://a/', regions: ['cn-a'], versions: ['v1'], token: { env: 'A' } },
    }),
  ],
  [
    'an issuer on this machine',
    credential({ oidc: { issuer: 'http://localhost:1', audience: ['a'], subjects: ['b'] } }),
  ],
];
for (const [name, text] of taken)
  test(`the JSON Schema and we take it: ${name}`, () => {
    const { schema, ours, said } = verdicts(text);
    assert.deepEqual([schema, ours], [true, true], said);
  });

const refused: readonly (readonly [name: string, text: string])[] = [
  ['no object', '5'],
  ['neither routes nor sources', '{}'],
  ['another list', '{"routes": [], "rows": []}'],
  ['routes that are no list', '{"routes": {}}'],
  ['a row that is no object', '{"routes": [5]}'],
  ['no queue', route({ queue: undefined })],
  ['no match', route({ match: undefined })],
  ['an unknown field', route({ retries: 5 })],
  ['a name with other letters', route({ name: 'A b' })],
  ['a workflow that is no text', route({ workflow: 5 })],
  ['a queue of Temporal’s own', route({ queue: '/_sys/q' })],
  ['an empty id', route({ id: '' })],
  ['a brace without its pair', route({ id: 'a:{id' })],
  ['a place that is no path', route({ id: 'a:{b c}' })],
  ['an unknown filter', route({ id: '{time|day:PT3H,UTC}' })],
  ['a bad place within an input', route({ input: { a: ['{}'] } })],
  ['a flag that is none', route({ exact: 'often' })],
  ['a delay that is none', route({ delay: 'soon' })],
  ['a signal with a delay', route({ signal: 'a', delay: 'PT1M' })],
  ['a pattern without a list', match({ type: 'x' })],
  ['an empty list', match({ type: [] })],
  ['an attribute in capitals', match({ Type: ['x'] })],
  ['data that is a list', match({ data: ['x'] })],
  ['data without a field', match({ data: { a: {} } })],
  ['an unknown operator', match({ type: [{ wildcard: '*' }] })],
  ['two operators', match({ type: [{ prefix: 'a', suffix: 'b' }] })],
  ['an empty prefix', match({ type: [{ prefix: '' }] })],
  ['a list within a list', match({ type: [['x']] })],
  ['three parts of a comparison', match({ data: { a: [{ numeric: ['>', 0, '<'] }] } })],
  ['an unknown comparison', match({ data: { a: [{ numeric: ['~', 0] }] } })],
  ['no block of addresses', match({ data: { a: [{ cidr: '10.0.0.256' }] } })],
  ['anything but nothing', match({ type: [{ 'anything-but': [] }] })],
  ['credentials that are no list', source({ auth: {} })],
  ['an empty credential', credential({})],
  ['two credentials in one', credential({ bearer: { env: 'A' }, oidc: {} })],
  ['a bearer without a place', credential({ bearer: {} })],
  ['a token in place of its variable', credential({ bearer: { env: 'a b' } })],
  ['an issuer over http', credential({ oidc: { issuer: 'http://a', audience: ['a'], subjects: ['b'] } })],
  ['no audience', credential({ oidc: { issuer: 'https://a', audience: [], subjects: ['b'] } })],
  ['a url that is none', credential({ eventbridge: { url: 'ftp://a', regions: ['cn-a'] } })],
  ['neither regions nor certificate', credential({ eventbridge: { url: 'http://a/' } })],
  [
    'an unknown version',
    credential({ eventbridge: { url: 'http://a/', regions: ['cn-a'], versions: ['v3'] } }),
  ],
  ['a rate of nothing', source({ webhook: { origins: ['*'], rate: 0 } })],
];
for (const [name, text] of refused)
  test(`the JSON Schema and we refuse it: ${name}`, () => {
    const { schema, ours, said } = verdicts(text);
    assert.deepEqual([schema, ours], [false, false], said);
  });

for (const [name, text] of [
  ['a name that is there twice', JSON.stringify({ sources: [{ name: 'a' }, { name: 'a' }] })],
  ['a slot that divides no day', route({ id: '{time|slot:PT5H,UTC}' })],
  ['a place that is nowhere', route({ id: '{time|slot:PT3H,Mars/Base}' })],
  ['a delay of over a year', route({ delay: 'P367D' })],
  [
    'v1 without a token',
    credential({ eventbridge: { url: 'http://a/', regions: ['cn-a'], versions: ['v1'] } }),
  ],
  ['a file that is not there', credential({ bearer: { file: 'none' } })],
] as const)
  test(`only we can refuse it: ${name}`, () => {
    const { schema, ours, said } = verdicts(text);
    assert.deepEqual([schema, ours], [true, false], said);
  });
