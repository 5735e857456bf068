import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { message } from '../../../../ots/wire/message.ts';
import { decodeRow } from '../../../../ots/wire/plain-buffer-reader.ts';
import { md5, responseSignature } from '../../../../ots/wire/signature.ts';
import { KEY_ID, type RunningTablestore, SECRET, startTablestore } from '../running-tablestore.ts';
import {
  call,
  errorIn,
  headersOf,
  newTable,
  postSigned,
  putRow,
  rowBytes,
  type SignedOptions,
  type WireAnswer,
} from '../signed-call.ts';

let running: RunningTablestore;
before(async () => {
  running = await startTablestore();
  await call(running.endpoint, 'CreateTable', newTable('t'));
});
after(() => running.stop());

const nothing = Buffer.alloc(0);
const MINUTE_MS = 60_000;

const put = (row: Buffer) =>
  message('PutRowRequest').encode({ tableName: 't', row, condition: { rowExistence: 'IGNORE' } });

const damaged = (bytes: Buffer, at: number) => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x55;
  return copy;
};

const goodRow = rowBytes({ k: 'a' }, [{ name: 'c', value: 'x' }]);
const lateDate = new Date(Date.now() - 16 * MINUTE_MS).toISOString();

/** Name, path, body, options, and the expected error: status, code and message. */
const cases: readonly (readonly [string, string, Buffer, SignedOptions, string | RegExp])[] = [
  ...['date', 'apiversion', 'accesskeyid', 'instancename', 'contentmd5', 'signature'].map(
    (name) =>
      [
        `no x-ots-${name}`,
        '/ListTable',
        nothing,
        { headers: { [`x-ots-${name}`]: undefined } },
        `400 OTSParameterInvalid Missing header: 'x-ots-${name}'.`,
      ] as const,
  ),
  [
    'an invalid date',
    '/ListTable',
    nothing,
    { headers: { 'x-ots-date': 'blahblah' } },
    '400 OTSParameterInvalid Invalid date format: blahblah.',
  ],
  [
    'a date 16 minutes ago',
    '/ListTable',
    nothing,
    { headers: { 'x-ots-date': lateDate } },
    `403 OTSAuthFailed Mismatch between system time and x-ots-date: ${lateDate}.`,
  ],
  [
    'a date 16 minutes ahead',
    '/ListTable',
    nothing,
    { now: Date.now() + 16 * MINUTE_MS },
    /^403 OTSAuthFailed Mismatch between system time and x-ots-date: /,
  ],
  [
    'an unknown key id',
    '/ListTable',
    nothing,
    { headers: { 'x-ots-accesskeyid': 'nobody' } },
    '403 OTSAuthFailed The AccessKeyID does not exist.',
  ],
  ['a wrong secret', '/ListTable', nothing, { secret: 'wrong' }, '403 OTSAuthFailed Signature mismatch.'],
  [
    'the signature of another operation',
    '/ListTable',
    nothing,
    { headers: { 'x-ots-signature': headersOf('/DeleteTable', nothing)['x-ots-signature'] } },
    '403 OTSAuthFailed Signature mismatch.',
  ],
  [
    'another instance',
    '/ListTable',
    nothing,
    { headers: { 'x-ots-instancename': 'other' } },
    '403 OTSAuthFailed The instance is not found.',
  ],
  [
    'an invalid instance name',
    '/ListTable',
    nothing,
    { headers: { 'x-ots-instancename': 'a###' } },
    "400 OTSParameterInvalid Invalid instance name: 'a###'.",
  ],
  [
    'the checksum of another body',
    '/ListTable',
    nothing,
    { headers: { 'x-ots-contentmd5': md5(Buffer.from('other')) } },
    '403 OTSAuthFailed Mismatch between MD5 value of request body and x-ots-contentmd5 in header.',
  ],
  [
    'another version of the API',
    '/ListTable',
    nothing,
    { headers: { 'x-ots-apiversion': '2018-04-01' } },
    "400 OTSParameterInvalid Invalid API version: '2018-04-01', operation /ListTable has 2015-12-31.",
  ],
  ...['HelloWorld', 'SQLQuery', 'listTable', 'ListTable?a=b'].map(
    (name) =>
      [
        `operation ${name}`,
        `/${name}`,
        nothing,
        {},
        `400 OTSParameterInvalid Unsupported operation: '${name}'.`,
      ] as const,
  ),
  [
    'a body that is not a message',
    '/PutRow',
    Buffer.from('not a message'),
    {},
    /^400 OTSParameterInvalid Failed to parse the ProtoBuf message: /,
  ],
  [
    'half a message',
    '/PutRow',
    put(goodRow).subarray(0, 20),
    {},
    /^400 OTSParameterInvalid Failed to parse the ProtoBuf message: /,
  ],
  [
    'an unknown field',
    '/DeleteTable',
    Buffer.concat([
      message('DeleteTableRequest').encode({ tableName: 't' }),
      Buffer.from([0x98, 0x06, 0x01]),
    ]),
    {},
    '400 OTSParameterInvalid Failed to parse the ProtoBuf message: DeleteTableRequest has the unknown field 99.',
  ],
  [
    'a row without bytes',
    '/PutRow',
    put(nothing),
    {},
    '400 OTSParameterInvalid Cell data broken, the row is empty.',
  ],
  [
    'a cell whose checksum does not match',
    '/PutRow',
    put(damaged(goodRow, goodRow.indexOf('x'))),
    {},
    /^400 OTSParameterInvalid Cell data broken, the checksum of "c" does not match/,
  ],
  [
    'a row whose checksum does not match',
    '/PutRow',
    put(damaged(goodRow, goodRow.length - 1)),
    {},
    /^400 OTSParameterInvalid Cell data broken, the row’s checksum does not match/,
  ],
  [
    'half a row',
    '/PutRow',
    put(goodRow.subarray(0, goodRow.length >> 1)),
    {},
    /^400 OTSParameterInvalid Cell data broken, /,
  ],
  [
    'a read without versions',
    '/GetRow',
    message('GetRowRequest').encode({ tableName: 't', primaryKey: rowBytes({ k: 'a' }, []) }),
    {},
    '400 OTSParameterInvalid No version condition is specified while querying row.',
  ],
  [
    'a transaction',
    '/PutRow',
    message('PutRowRequest').encode({
      tableName: 't',
      row: goodRow,
      condition: { rowExistence: 'IGNORE' },
      transactionId: 'x',
    }),
    {},
    '400 OTSUnsupportedOperation The local Tablestore does not support transactions.',
  ],
  [
    'an atomic batch',
    '/BatchWriteRow',
    message('BatchWriteRowRequest').encode({ tables: [], isAtomic: true }),
    {},
    '400 OTSUnsupportedOperation The local Tablestore does not support atomic batches.',
  ],
  ['NaN', '/PutRow', put(notANumber()), {}, "400 OTSParameterInvalid NaN can't be set to double value."],
];

/** Returns a row with NaN, which Sluice's encoder does not write: the bytes of 1.5 replaced, checksums corrected. */
function notANumber(): Buffer {
  const bytes = Buffer.from(
    '750000000103040100000' +
      '06b05060000000301000000610a' +
      '00' +
      '02030401000000630509000000' +
      '01' +
      '000000000000f87f' +
      '0a' +
      '00' +
      '09' +
      '00',
    'hex',
  );
  return withChecksums(bytes);
}

/** Computes CRC-8 by its definition, bit by bit. */
function crc8(crc: number, bytes: Uint8Array): number {
  let sum = crc;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x80 ? ((sum << 1) ^ 0x07) & 0xff : sum << 1;
  }
  return sum;
}

/** Sets the checksums of a row with one key column `k` = 'a' and one column `c` with a double. */
function withChecksums(bytes: Buffer): Buffer {
  const key = crc8(crc8(0, Buffer.from('k')), Buffer.from([3, 1, 0, 0, 0, 0x61]));
  const double = bytes.subarray(bytes.length - 12, bytes.length - 4);
  const cell = crc8(crc8(0, Buffer.from('c')), Buffer.concat([Buffer.from([1]), double]));
  const keyAt = bytes.indexOf(Buffer.from('610a', 'hex')) + 2;
  bytes[keyAt] = key;
  bytes[bytes.length - 3] = cell;
  bytes[bytes.length - 1] = crc8(0, Buffer.from([key, cell, 0]));
  return bytes;
}

test('an invalid request gets the service’s status, code and message in a signed answer', async () => {
  for (const [name, path, body, options, expected] of cases) {
    const answer = await postSigned(running.endpoint, path, body, options);
    const error = errorIn(answer);
    if (typeof expected === 'string') assert.equal(error, expected, name);
    else assert.match(error, expected, name);
    assertSigned(answer, path);
  }
});

test('an answer is signed, dated to the microsecond, and carries its checksum', async () => {
  assertSigned(await postSigned(running.endpoint, '/ListTable', nothing), '/ListTable');
});

test('accepts the date format of the vendor’s Go client', async () => {
  const date = `${new Date().toISOString().slice(0, 19)}.11214Z`;
  const answer = await postSigned(running.endpoint, '/ListTable', nothing, {
    headers: { 'x-ots-date': date },
  });
  assert.equal(answer.status, 200);
});

test('accepts zeros after a row, because the Node.js SDK sends them', async () => {
  const answer = await postSigned(
    running.endpoint,
    '/PutRow',
    put(Buffer.concat([goodRow, Buffer.alloc(7)])),
  );
  assert.equal(answer.status, 200);
});

test('answers an error to a method other than POST', async () => {
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await fetch(`${running.endpoint}/ListTable`, {
      method,
      signal: AbortSignal.timeout(5_000),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    const wire = { status: answer.status, headers: answer.headers, body };
    assert.equal(errorIn(wire), '405 OTSMethodNotAllowed Only POST method for requests is supported.');
  }
});

test('answers an error before the client sends a body that is too large', { timeout: 20_000 }, async () => {
  const headers = { ...headersOf('/PutRow', nothing), 'content-length': 8 * 2 ** 20 + 1 };
  const answer = await new Promise<WireAnswer>((resolve, reject) => {
    const sent = request(
      `${running.endpoint}/PutRow`,
      { method: 'POST', headers, agent: false },
      (response) => {
        const { statusCode: status = 0 } = response;
        buffer(response).then((body) => resolve({ status, headers: new Headers(), body }), reject);
      },
    );
    sent.on('error', reject);
    sent.flushHeaders();
  });
  assert.equal(errorIn(answer), '413 OTSRequestBodyTooLarge The size of POST data is too large.');
  assert.equal((await postSigned(running.endpoint, '/ListTable', nothing)).status, 200);
});

test('a body that is cut off changes nothing, and the server continues', { timeout: 20_000 }, async () => {
  const body = put(rowBytes({ k: 'cut' }, [{ name: 'c', value: 'x' }]));
  const headers = { ...headersOf('/PutRow', body), 'content-length': body.length };
  const sent = request(`${running.endpoint}/PutRow`, { method: 'POST', headers, agent: false });
  const failed = once(sent, 'error');
  sent.write(body.subarray(0, body.length - 1), () => sent.destroy(new Error('cut')));
  await failed;
  const key = { tableName: 't', primaryKey: rowBytes({ k: 'cut' }, []), maxVersions: 1 };
  const { row } = await call<{ row: Buffer }>(running.endpoint, 'GetRow', key);
  assert.equal(row.length, 0);
});

test('a failed write does not change the row', async () => {
  await putRow(running.endpoint, 't', 'kept', [{ name: 'c', value: 'before' }]);
  const row = rowBytes({ k: 'kept' }, [{ name: 'c', value: 'after' }]);
  const failed = await postSigned(running.endpoint, '/PutRow', put(damaged(row, row.indexOf('after'))));
  assert.equal(failed.status, 400);
  const { row: read } = await call<{ row: Buffer }>(running.endpoint, 'GetRow', {
    tableName: 't',
    primaryKey: rowBytes({ k: 'kept' }, []),
    maxVersions: 1,
  });
  assert.equal(decodeRow(read).cells[0]?.value, 'before');
});

function assertSigned({ headers, body }: WireAnswer, path: string): void {
  const signed: Record<string, string> = {};
  for (const name of ['contentmd5', 'contenttype', 'date', 'requestid'])
    signed[`x-ots-${name}`] = headers.get(`x-ots-${name}`) ?? assert.fail(`no x-ots-${name}`);
  assert.equal(signed['x-ots-contentmd5'], md5(body));
  assert.equal(signed['x-ots-contenttype'], 'protocol buffer');
  assert.match(signed['x-ots-date'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.match(
    signed['x-ots-requestid'] ?? '',
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  );
  assert.equal(headers.get('authorization'), `OTS ${KEY_ID}:${responseSignature(path, signed, SECRET)}`);
}
