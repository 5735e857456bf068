import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { message } from '../../../../ots/wire/message.ts';
import { TUNNEL_VERSION } from '../../../../ots/wire/signature.ts';
import { type RunningTablestore, startTablestore } from '../running-tablestore.ts';
import { call, errorIn, newTable, postSigned, rowBytes } from '../signed-call.ts';

let running: RunningTablestore;
before(async () => {
  running = await startTablestore();
  await call(running.endpoint, 'CreateTable', newTable('t'));
});
after(() => running.stop());

const key = rowBytes({ k: 'a' }, []);
const row = { type: 'PUT', rowChange: rowBytes({ k: 'a' }, []), condition: { rowExistence: 'IGNORE' } };
const names = (count: number) => Array.from({ length: count }, () => 'a');

/** Messages with more repeated fields than any client sends: at the top level and in nested messages. */
const oversizedMessages: readonly (readonly [path: string, request: string, fields: object])[] = [
  ['/GetRow', 'GetRowRequest', { tableName: 't', primaryKey: key, columnsToGet: names(70_000) }],
  [
    '/BatchWriteRow',
    'BatchWriteRowRequest',
    { tables: Array.from({ length: 40_000 }, () => ({ tableName: 't', rows: [] })) },
  ],
  [
    '/BatchWriteRow',
    'BatchWriteRowRequest',
    { tables: [{ tableName: 't', rows: Array.from({ length: 20_000 }, () => row) }] },
  ],
  [
    '/BatchWriteRow',
    'BatchWriteRowRequest',
    { tables: [{ tableName: 't', rows: [{ ...row, returnContent: { returnColumnNames: names(70_000) } }] }] },
  ],
  [
    '/CreateTable',
    'CreateTableRequest',
    { ...newTable('u', { stream: { enableStream: true, columnsToGet: names(70_000) } }) },
  ],
  [
    '/tunnel/heartbeat',
    'HeartbeatRequest',
    {
      ...{ tunnelId: 't', clientId: 'c' },
      channels: Array.from({ length: 20_000 }, () => ({ channelId: 'c', version: 1n, status: 'OPEN' })),
    },
  ],
];

for (const [path, name, fields] of oversizedMessages)
  test(`${path} with too many fields gets a clear error and changes nothing`, async () => {
    const headers = path.startsWith('/tunnel/') ? { 'x-ots-apiversion': TUNNEL_VERSION } : {};
    const answer = await postSigned(running.endpoint, path, message(name).encode(fields), { headers });
    assert.equal(errorIn(answer), `400 OTSParameterInvalid ${name} has more than 65536 fields.`);
    const { tableNames } = await call<{ tableNames: string[] }>(running.endpoint, 'ListTable', {});
    assert.deepEqual(tableNames, ['t']);
    const read = { tableName: 't', primaryKey: key, maxVersions: 1 };
    assert.equal((await call<{ row: Buffer }>(running.endpoint, 'GetRow', read)).row.length, 0);
  });

test('counts unknown fields, too', async () => {
  const body = Buffer.concat(Array.from({ length: 70_000 }, () => Buffer.from([0x98, 0x06, 0x01])));
  const answer = await postSigned(running.endpoint, '/ListTable', body);
  assert.equal(errorIn(answer), '400 OTSParameterInvalid ListTableRequest has more than 65536 fields.');
});

test('nested groups get a clear error at any depth', async () => {
  const answer = await postSigned(running.endpoint, '/GetRow', Buffer.alloc(20_000, 0x0b));
  assert.match(errorIn(answer), /^400 OTSParameterInvalid Failed to parse the ProtoBuf message: .*depth/);
});

test('too many columns, but few fields, get the error of the service', async () => {
  const request = { tableName: 't', primaryKey: key, maxVersions: 1, columnsToGet: names(129) };
  const answer = await postSigned(running.endpoint, '/GetRow', message('GetRowRequest').encode(request));
  assert.match(errorIn(answer), /limit count: 128, column count: 129/);
});
