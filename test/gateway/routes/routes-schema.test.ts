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

test('the committed JSON Schema equals the generated one', async () => {
  const generated = join(dir, 'made.json');
  await promisify(execFile)(process.execPath, [join(root, 'scripts/routes/generate.mjs'), generated], {
    timeout: 300_000,
  });
  assert.ok(
    readFileSync(generated, 'utf8') === readFileSync(committed, 'utf8'),
    'gateway/routes.schema.json differs; run node scripts/routes/generate.mjs',
  );
});

const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(committed, 'utf8')) as object);

/** Returns whether an independent validator of JSON Schema accepts a file, and whether Sluice does. */
function verdicts(text: string): { schema: boolean; bySluice: boolean; details: string } {
  const file = join(dir, 'routes.yaml');
  writeFileSync(file, text);
  const { mistakes } = checkRoutes([file], () => 'a-token');
  const schema = validate(parse(text));
  return { schema, bySluice: mistakes.length === 0, details: JSON.stringify([mistakes, validate.errors]) };
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

const accepted: readonly (readonly [name: string, text: string])[] = [
  ['a file that a person wrote, with a comment for editors', HAND_WRITTEN],
  ['the shipped routes file', readFileSync(join(root, 'gateway/routes.yaml'), 'utf8')],
  ['a route that signals', route({ signal: 'changed', exact: true })],
  ['a route that signals only open runs', route({ signal: 'changed', start: false })],
  ['a route with a delay of a year', route({ delay: 'P366D' })],
  ['a slot', route({ id: 'refresh-{time|slot:PT3H,Asia/Shanghai}' })],
  ['an empty pattern', match({})],
  ['an address', match({ data: { a: { 'b c': [{ cidr: '10.0.0.0/24' }] } } })],
  ['anything but a prefix', match({ subject: [{ 'anything-but': { prefix: 'a' } }, { suffix: 'b' }] })],
  ['an address of IPv6', match({ data: { a: [{ cidr: '2001:db8::/32' }] } })],
  ['$or', match({ $or: [{ type: ['x'] }, { data: { $or: [{ a: [1] }, { b: { c: [2] } }] } }] })],
  ['a field of data with the name $or', match({ data: { $or: [1, { prefix: 'a' }] } })],
  [
    'texts in any case',
    match({ type: [{ prefix: { 'equals-ignore-case': 'A' } }, { 'equals-ignore-case': 'b' }] }),
  ],
  ['a wildcard', match({ type: [{ wildcard: 'a*' }, { 'anything-but': { wildcard: ['b*'] } }] })],
  ['a dialect', JSON.stringify({ dialect: 'aws', sources: [] })],
  ['a quoted key and a brace', route({ input: { a: '{data."订单"."a b"?}{"{"}' } })],
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
for (const [name, text] of accepted)
  test(`the JSON Schema and Sluice both accept: ${name}`, () => {
    const { schema, bySluice, details } = verdicts(text);
    assert.deepEqual([schema, bySluice], [true, true], details);
  });

const rejected: readonly (readonly [name: string, text: string])[] = [
  ['a file that is not an object', '5'],
  ['neither routes nor sources', '{}'],
  ['another list', '{"routes": [], "rows": []}'],
  ['routes that are not a list', '{"routes": {}}'],
  ['a row that is not an object', '{"routes": [5]}'],
  ['no queue', route({ queue: undefined })],
  ['no match', route({ match: undefined })],
  ['an unknown field', route({ retries: 5 })],
  ['a name with invalid characters', route({ name: 'A b' })],
  ['a workflow that is not text', route({ workflow: 5 })],
  ['a queue name that Temporal reserves', route({ queue: '/_sys/q' })],
  ['an empty id', route({ id: '' })],
  ['an unmatched brace', route({ id: 'a:{id' })],
  ['a placeholder that is not a path', route({ id: 'a:{b c}' })],
  ['an unknown filter', route({ id: '{time|day:PT3H,UTC}' })],
  ['an invalid placeholder within an input', route({ input: { a: ['{}'] } })],
  ['an invalid flag', route({ exact: 'often' })],
  ['an invalid delay', route({ delay: 'soon' })],
  ['start: false without a signal', route({ start: false })],
  ['start: true', route({ signal: 'changed', start: true })],
  ['a signal with a delay', route({ signal: 'a', delay: 'PT1M' })],
  ['a pattern without a list', match({ type: 'x' })],
  ['an empty list', match({ type: [] })],
  ['an attribute in capitals', match({ Type: ['x'] })],
  ['data that is a list', match({ data: ['x'] })],
  ['data without a field', match({ data: { a: {} } })],
  ['an unknown operator', match({ type: [{ matches: '*' }] })],
  ['$or with one pattern', match({ $or: [{ type: ['x'] }] })],
  ['$or with an empty pattern', match({ $or: [{ type: ['x'] }, {}] })],
  ['$or with a value', match({ $or: [{ type: ['x'] }, 'y'] })],
  ['$or in data with a mistake', match({ data: { $or: [{ a: [1] }, { b: 2 }] } })],
  ['equals-ignore-case with a number', match({ type: [{ 'equals-ignore-case': 5 }] })],
  ['an unknown dialect', JSON.stringify({ dialect: 'azure', sources: [] })],
  ['two operators', match({ type: [{ prefix: 'a', suffix: 'b' }] })],
  ['a list within a list', match({ type: [['x']] })],
  ['a comparison with three parts', match({ data: { a: [{ numeric: ['>', 0, '<'] }] } })],
  ['an unknown comparison', match({ data: { a: [{ numeric: ['~', 0] }] } })],
  ['an invalid address block', match({ data: { a: [{ cidr: '10.0.0.256' }] } })],
  ['anything-but without values', match({ type: [{ 'anything-but': [] }] })],
  ['credentials that are not a list', source({ auth: {} })],
  ['an empty credential', credential({})],
  ['two credentials in one', credential({ bearer: { env: 'A' }, oidc: {} })],
  ['a bearer without env or file', credential({ bearer: {} })],
  ['a token instead of its variable', credential({ bearer: { env: 'a b' } })],
  ['an issuer over http', credential({ oidc: { issuer: 'http://a', audience: ['a'], subjects: ['b'] } })],
  ['no audience', credential({ oidc: { issuer: 'https://a', audience: [], subjects: ['b'] } })],
  ['an invalid url', credential({ eventbridge: { url: 'ftp://a', regions: ['cn-a'] } })],
  ['neither regions nor certificate', credential({ eventbridge: { url: 'http://a/' } })],
  [
    'an unknown version',
    credential({ eventbridge: { url: 'http://a/', regions: ['cn-a'], versions: ['v3'] } }),
  ],
  ['a rate of 0', source({ webhook: { origins: ['*'], rate: 0 } })],
];
for (const [name, text] of rejected)
  test(`the JSON Schema and Sluice both reject: ${name}`, () => {
    const { schema, bySluice, details } = verdicts(text);
    assert.deepEqual([schema, bySluice], [false, false], details);
  });

for (const [name, text] of [
  ['an empty prefix in the dialect alibaba', match({ type: [{ prefix: '' }] })],
  ['a limit over 1e9 in the dialect alibaba', match({ data: { a: [{ numeric: ['>', 2e9] }] } })],
  ['two * in a row', match({ type: [{ wildcard: '**' }] })],
  ['a name that is used twice', JSON.stringify({ sources: [{ name: 'a' }, { name: 'a' }] })],
  ['a slot that does not divide a day', route({ id: '{time|slot:PT5H,UTC}' })],
  ['an unknown time zone', route({ id: '{time|slot:PT3H,Mars/Base}' })],
  ['a delay of more than a year', route({ delay: 'P367D' })],
  [
    'v1 without a token',
    credential({ eventbridge: { url: 'http://a/', regions: ['cn-a'], versions: ['v1'] } }),
  ],
  ['a file that does not exist', credential({ bearer: { file: 'none' } })],
] as const)
  test(`only Sluice can reject: ${name}`, () => {
    const { schema, bySluice, details } = verdicts(text);
    assert.deepEqual([schema, bySluice], [true, false], details);
  });
