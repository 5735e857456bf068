import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { normalizeEtag, readSlice } from '../../../adapters/oss/read-slice.ts';
import { InvalidInput, Unavailable } from '../../../domain/errors.ts';
import { until } from '../../support/until.ts';
import {
  type Answering,
  CONTENT,
  CORRECT_HEADERS,
  range,
  readAll,
  startScriptedStore,
  version,
} from './scripted-store.ts';

let server: Awaited<ReturnType<typeof startScriptedStore>>;
before(async () => {
  server = await startScriptedStore();
});
after(() => server.stop());

const SLICE = CONTENT.subarray(10, 20);
const read = (signal?: AbortSignal) => readAll(server.store.read(version, range, signal));

test('a slice is requested by range and version, and arrives complete', async () => {
  server.answer((_, response) => void response.writeHead(206, CORRECT_HEADERS).end(SLICE));
  assert.deepEqual(await read(), SLICE);
  const [request] = server.requests;
  assert.equal(request?.url, '/eb-ask/zip/a.zip');
  assert.equal(request?.headers.range, 'bytes=10-19');
  assert.equal(request?.headers['if-match'], '"ABC"');
});

test('a slice that arrives in pieces is the same slice', async () => {
  server.answer((_, response) => {
    response.writeHead(206, CORRECT_HEADERS);
    response.write(SLICE.subarray(0, 3));
    setImmediate(() => response.end(SLICE.subarray(3)));
  });
  assert.deepEqual(await read(), SLICE);
});

test('of a body of unknown length that is too long, only the slice is read', async () => {
  server.answer((_, response) => {
    response.writeHead(206, headersWithout('content-length'));
    response.write(SLICE.subarray(0, 3));
    setImmediate(() => response.end(CONTENT.subarray(13)));
  });
  assert.deepEqual(await read(), SLICE);
});

test('one signal can be used for any number of reads: after a read nothing listens to it', async () => {
  const { signal } = new AbortController();
  server.answer((_, response) => void response.writeHead(206, CORRECT_HEADERS).end(SLICE));
  await read(signal);
  server.answer((_, response) => void response.writeHead(200, CORRECT_HEADERS).end(CONTENT));
  await assert.rejects(read(signal), { type: 'RangeNotHonoured' });
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

const headersWithout = (name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(CORRECT_HEADERS).filter(([key]) => key !== name));

const wrong: readonly (readonly [
  name: string,
  answering: Answering,
  kind: typeof InvalidInput | typeof Unavailable,
  type: string,
])[] = [
  [
    '200 and the whole object',
    (_, response) => void response.writeHead(200, { etag: '"ABC"' }).end(CONTENT),
    Unavailable,
    'RangeNotHonoured',
  ],
  [
    '206 without a Content-Range',
    (_, response) => void response.writeHead(206, headersWithout('content-range')).end(SLICE),
    Unavailable,
    'RangeNotHonoured',
  ],
  ...['bytes 0-9/36', 'bytes 10-18/36', 'bytes 10-19/37', 'bytes 10-19/*', 'bytes */36'].map(
    (contentRange): readonly [string, Answering, typeof Unavailable, string] => [
      `the Content-Range ${contentRange}`,
      (_, response) =>
        void response.writeHead(206, { ...CORRECT_HEADERS, 'content-range': contentRange }).end(SLICE),
      Unavailable,
      'RangeNotHonoured',
    ],
  ),
  [
    'the right range of another version',
    (_, response) => void response.writeHead(206, { ...CORRECT_HEADERS, etag: '"XYZ"' }).end(SLICE),
    InvalidInput,
    'SourceChanged',
  ],
  [
    'a body that is too short, with its length',
    (_, response) =>
      void response.writeHead(206, { ...CORRECT_HEADERS, 'content-length': '9' }).end(SLICE.subarray(0, 9)),
    Unavailable,
    'StoreUnavailable',
  ],
  [
    'a body of unknown length that ends early',
    (_, response) => void response.writeHead(206, headersWithout('content-length')).end(SLICE.subarray(0, 9)),
    Unavailable,
    'StoreUnavailable',
  ],
  [
    'a body that is cut off',
    (_, response) => {
      response.writeHead(206, CORRECT_HEADERS);
      response.write(SLICE.subarray(0, 5), () => response.destroy());
    },
    Unavailable,
    'StoreUnavailable',
  ],
  ['a connection that is reset', (request) => void request.socket.destroy(), Unavailable, 'StoreUnavailable'],
];

for (const [name, answering, kind, type] of wrong) {
  test(`${name} is ${type}`, async () => {
    server.answer(answering);
    await assert.rejects(read(), (error) => {
      assert.ok(error instanceof kind, String(error));
      assert.equal(error.type, type);
      assert.ok(error.message.includes('oss://eb-ask/zip/a.zip'), error.message);
      assert.ok(error.message.length <= 500);
      return true;
    });
  });
}

test('if the store sends the whole object instead of the slice, the connection is closed at once', async () => {
  let closed = false;
  let sent = 0;
  server.answer((_, response) => {
    response.writeHead(200, { etag: '"ABC"', 'content-length': String(1024 ** 3) });
    response.on('close', () => {
      closed = true;
    });
    const more = (): void => {
      while (!closed && response.write(Buffer.alloc(64 * 1024))) sent += 64 * 1024;
    };
    response.on('drain', more);
    more();
  });
  await assert.rejects(read(), { type: 'RangeNotHonoured' });
  await until('the connection is closed', () => closed);
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were sent`);
});

test('an abort ends a stalled body with the abort’s reason, and closes the connection', async () => {
  let closed = false;
  let stalls = (): void => {};
  const stalled = new Promise<void>((resolve) => {
    stalls = resolve;
  });
  server.answer((_, response) => {
    response.on('close', () => {
      closed = true;
    });
    response.writeHead(206, CORRECT_HEADERS);
    response.write(SLICE.subarray(0, 3), () => stalls());
  });
  const abort = new AbortController();
  const reading = read(abort.signal);
  reading.catch(() => {});
  await stalled;
  const reason = new Error('cancelled');
  abort.abort(reason);
  await assert.rejects(reading, reason);
  await until('the connection is closed', () => closed);
});

test('a body of which no byte arrives for 20 s is StoreUnavailable', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stream = new Readable({ read() {} });
  const chunks = readSlice({ stream, status: 206, headers: CORRECT_HEADERS }, version, range);
  const read = chunks.next();
  t.mock.timers.tick(20_000);
  await assert.rejects(read, (error) => {
    assert.ok(error instanceof Unavailable, String(error));
    assert.equal(error.type, 'StoreUnavailable');
    return true;
  });
});

test('an abort after the last byte of a body also ends the read with the abort’s reason', async () => {
  const stream = new Readable({ read() {} });
  stream.push(SLICE);
  stream.push(null);
  const abort = new AbortController();
  const reason = new Error('cancelled');
  const reading = (async () => {
    const answer = { stream, status: 206, headers: CORRECT_HEADERS };
    for await (const _ of readSlice(answer, version, range, abort.signal)) {
      await until('the body has ended', () => stream.readableEnded);
      abort.abort(reason);
    }
  })();
  await assert.rejects(reading, reason);
});

test('a reader that stops in the middle closes the connection', async () => {
  let closed = false;
  server.answer((_, response) => {
    response.on('close', () => {
      closed = true;
    });
    response.writeHead(206, CORRECT_HEADERS);
    response.write(SLICE.subarray(0, 3));
  });
  for await (const chunk of server.store.read(version, range)) {
    assert.ok(chunk.length > 0);
    break;
  }
  await until('the connection is closed', () => closed);
});

test('an ETag is in upper case and without quotes', () => {
  assert.equal(normalizeEtag('"5b3c1a2e053d763e1b002cc607c5a0fe"'), '5B3C1A2E053D763E1B002CC607C5A0FE');
  assert.equal(normalizeEtag('ABC-1'), 'ABC-1');
});
