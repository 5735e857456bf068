import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { pino } from 'pino';
import { TablestoreFaultInjector } from '../../../../local/tablestore/faults.ts';
import { answerRequests } from '../../../../local/tablestore/http/answer-requests.ts';
import { OtsError } from '../../../../ots/errors.ts';
import { listen } from '../../../../runtime/listen.ts';
import { openTestStorage } from '../opened-storage.ts';
import { INSTANCE, KEY_ID, SECRET } from '../running-tablestore.ts';
import { errorIn, postSigned } from '../signed-call.ts';

test('logs an unexpected exception, answers OTSInternalServerError, and serves the next request', async (t) => {
  const { storage } = await openTestStorage(t);
  const lines: string[] = [];
  const log = pino(
    new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(String(chunk));
        done();
      },
    }),
  );
  const thrown: Error[] = [
    new TypeError('x is not a function'),
    new OtsError('OTSServerBusy', 'Of one row only.'),
  ];
  const fail = (error: Error) => () => {
    throw error;
  };
  const listener = await listen(
    answerRequests({
      account: { credentials: { keyId: KEY_ID, secret: SECRET }, instance: INSTANCE },
      operations: new Map([
        ...thrown.map((error, index) => [`/Fail${index}`, fail(error)] as const),
        ['/Work', () => Buffer.from('done')] as const,
      ]),
      faults: { injector: new TablestoreFaultInjector(), changes: storage.changes, expire: () => {} },
      log,
      clock: Date.now,
    }),
    { host: '127.0.0.1', port: 0 },
  );
  t.after(() => listener.close(0));
  const endpoint = `http://127.0.0.1:${listener.port}`;
  for (const [index, { message }] of thrown.entries()) {
    const answer = await postSigned(endpoint, `/Fail${index}`, Buffer.alloc(0));
    assert.equal(errorIn(answer), `500 OTSInternalServerError The local Tablestore: ${message}`);
    assert.match(lines[index] ?? '', new RegExp(`"message":"${message}".*"msg":"request failed"`));
  }
  assert.equal((await postSigned(endpoint, '/Work', Buffer.alloc(0))).body.toString(), 'done');
});
