import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createRowsApi } from '../../ots/rows-api.ts';
import { createOtsTransport } from '../../ots/transport.ts';
import { createTunnelApi } from '../../ots/tunnel/tunnel-api.ts';
import { createHttpClient } from '../../runtime/http-client.ts';
import { INSTANCE, KEY_ID, SECRET, startTablestore } from '../local/tablestore/running-tablestore.ts';
import { prepareSluice } from './sluice.ts';

/** The command with its own Tablestore that has the table `weather` and the source's tunnel. */
async function prepare(t: TestContext) {
  const store = await startTablestore();
  await store.makeTable('weather', ['adcode', 'date']);
  const credentials = () => ({ accessKeyId: KEY_ID, accessKeySecret: SECRET });
  const transport = createOtsTransport({
    endpoint: store.endpoint,
    instance: INSTANCE,
    credentials,
    http: createHttpClient({ maxConnections: 32 }),
  });
  const environment = {
    ...{ TABLESTORE_ENDPOINT: store.endpoint, TABLESTORE_INSTANCE: INSTANCE },
    ...{ TABLESTORE_ACCESSKEYID: KEY_ID, TABLESTORE_ACCESSKEYSECRET: SECRET },
  };
  const sluice = prepareSluice(() => environment);
  t.after(async () => {
    sluice.remove();
    transport.close();
    await store.stop();
  });
  const where = `table weather, instance ${INSTANCE} at ${store.endpoint}`;
  return { sluice, transport, endpoint: store.endpoint, where };
}

const key = ['adcode=110000', 'date=2026-11-22'];

test('a row is written, shown and deleted; a missing row is reported', async (t) => {
  const { sluice, where } = await prepare(t);
  assert.deepEqual(await sluice(['table', 'put', 'weather', ...key, 'dayweather=小雨', 'daytemp:=-3']), {
    ...{ code: 0, stderr: '', stdout: `put 110000 2026-11-22 into ${where}\n` },
  });
  const shown = await sluice(['table', 'get', 'weather', ...key, '--json']);
  assert.match(shown.stdout, /小雨/);
  assert.deepEqual(await sluice(['table', 'delete', 'weather', ...key]), {
    ...{ code: 0, stderr: '', stdout: `deleted 110000 2026-11-22 from ${where}\n` },
  });
  assert.deepEqual(await sluice(['table', 'delete', 'weather', ...key]), {
    ...{ code: 0, stderr: '', stdout: `110000 2026-11-22 does not exist in ${where}\n` },
  });
});

test('the output of --json restores the same row; the text output shows types, and quotes a text that has blanks', async (t) => {
  const { sluice, transport } = await prepare(t);
  const typed = ['t=5', 'n:=5', 'd:=1e3', 'h:=1.5', 'b:=true', 'bytes:={"binary":"aGk="}', 'spaced=a b'];
  const exact = ['big:=9007199254740993', 'least:=-9223372036854775808'];
  await sluice(['table', 'put', 'weather', ...key, ...typed, ...exact]);
  const textOutput = await sluice(['table', 'get', 'weather', ...key]);
  assert.equal(
    textOutput.stdout,
    '110000 2026-11-22  b:=true big:=9007199254740993 bytes:={"binary":"aGk="} d:=1000.0 h:=1.5' +
      ' least:=-9223372036854775808 n:=5 spaced="a b" t=5\n',
  );
  const shown = (await sluice(['table', 'get', 'weather', ...key, '--json'])).stdout;
  assert.deepEqual(JSON.parse(shown), {
    ...{ adcode: '110000', date: '2026-11-22', t: '5', n: 5, d: { double: '1000' }, h: 1.5, b: true },
    ...{ bytes: { binary: 'aGk=' }, spaced: 'a b', big: { integer: '9007199254740993' } },
    least: { integer: '-9223372036854775808' },
  });
  const again = { ...JSON.parse(shown), date: 'again' };
  const words = Object.entries(again).map(([name, value]) => `${name}:=${JSON.stringify(value)}`);
  assert.equal((await sluice(['table', 'put', 'weather', ...words])).code, 0);
  const rows = createRowsApi(transport);
  const cellsAt = async (date: string) => {
    const primaryKey = Object.entries({ adcode: '110000', date }).map(([name, value]) => ({ name, value }));
    return (await rows.get('weather', primaryKey))?.cells.map(({ name, value }) => [name, value]);
  };
  const cells = await cellsAt('2026-11-22');
  assert.equal(cells?.length, 9);
  assert.deepEqual(await cellsAt('again'), cells);
});

test('an integer of more than 64 bits is rejected in one sentence', async (t) => {
  const { sluice } = await prepare(t);
  const { code, stderr } = await sluice(['table', 'put', 'weather', ...key, 'v:=9223372036854775808']);
  assert.equal(code, 2);
  assert.match(stderr, /v:=9223372036854775808 has more than 64 bits/);
  assert.doesNotMatch(stderr, /\n\s+at /);
});

const wrong: [string, Record<string, string>, RegExp][] = [
  [
    'an unknown key id',
    { TABLESTORE_ACCESSKEYID: 'nobody' },
    /OTSAuthFailed: The AccessKeyID does not exist/,
  ],
  ['a wrong secret', { TABLESTORE_ACCESSKEYSECRET: 'wrong' }, /OTSAuthFailed: Signature mismatch/],
  ['an unreachable store', { TABLESTORE_ENDPOINT: 'http://127.0.0.1:1' }, /ECONNREFUSED/],
];

for (const [name, env, expected] of wrong)
  test(`every command reports ${name} within seconds, and deletes nothing`, async (t) => {
    const { sluice, transport } = await prepare(t);
    const tunnels = createTunnelApi(transport);
    await tunnels.create({ table: 'weather', name: 'sluice', type: 'Stream' });
    const commands = [
      ['source', 'status'],
      ['source', '--delete-tunnel', '--yes'],
      ['table', 'scan', 'weather'],
    ];
    const began = performance.now();
    for (const command of commands) {
      const { code, stderr, stdout } = await sluice(command, { env });
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' }, command.join(' '));
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
    // With the default retry limits, each of the three commands would take 35 s.
    assert.ok(performance.now() - began < 30_000);
    assert.notEqual(await tunnels.describe('weather', 'sluice'), undefined);
  });
