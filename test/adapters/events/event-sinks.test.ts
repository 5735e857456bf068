import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { after, before, test } from 'node:test';
import { httpEventSink } from '../../../adapters/events/event-sinks.ts';
import { InvalidInput, Unavailable } from '../../../domain/errors.ts';
import { listen } from '../../../runtime/listen.ts';
import { freePort } from '../../support/free-port.ts';
import { until } from '../../support/until.ts';

let answer: { status: number; body?: string; silent?: boolean };
let received: { headers: IncomingHttpHeaders; body: string; method: string | undefined }[] = [];
let sink: Awaited<ReturnType<typeof listen>>;
const url = (): string => `http://127.0.0.1:${sink.port}/events`;

before(async () => {
  sink = await listen(
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
          method: request.method,
        });
        if (answer.silent) return;
        response.writeHead(answer.status, { location: url() });
        response.end(answer.body);
      });
    },
    { host: '127.0.0.1', port: 0 },
  );
});
after(() => sink.close(0));

const never = new AbortController().signal;
const event = {
  id: 'run-1',
  source: '/sluice/unzip',
  type: 'sluice.unzip.completed',
  subject: 'oss://eb-ask/zip/报告 😀.zip',
  time: '2026-11-22T12:00:00.000Z',
  data: { files: 0, note: '', nested: { a: null } },
  extensions: { causationid: 'E1' },
};

test('an event is posted in structured mode with all its characters', async () => {
  received = [];
  answer = { status: 202 };
  await httpEventSink(url()).emit(event, never);
  assert.equal(received.length, 1);
  assert.equal(received[0]?.method, 'POST');
  assert.match(received[0]?.headers['content-type'] ?? '', /^application\/cloudevents\+json\b/);
  const { extensions, ...attributes } = event;
  assert.deepEqual(JSON.parse(received[0]?.body ?? ''), {
    ...{ specversion: '1.0', datacontenttype: 'application/json' },
    ...attributes,
    ...extensions,
  });
});

// Knative's rules for retries: specs/eventing/data-plane.md.
for (const status of [200, 201, 202, 204]) {
  test(`${status} is accepted with any body`, async () => {
    answer = status === 204 ? { status } : { status, body: 'ok' };
    await httpEventSink(url()).emit(event, never);
  });
}

for (const status of [404, 408, 409, 429, 500, 502, 503, 504]) {
  test(`${status} is retried`, async () => {
    answer = { status };
    await assert.rejects(
      httpEventSink(url()).emit(event, never),
      (error) => error instanceof Unavailable && error.message.includes(String(status)),
    );
  });
}

for (const status of [301, 307, 400, 401, 403, 405, 410, 413, 415, 422]) {
  test(`${status} is final, and redirects are not followed`, async () => {
    received = [];
    answer = { status };
    await assert.rejects(
      httpEventSink(url()).emit(event, never),
      (error) => error instanceof InvalidInput && error.message.includes(String(status)),
    );
    assert.equal(received.length, 1);
  });
}

test('an unreachable sink is retried', async () => {
  const gone = `http://127.0.0.1:${await freePort()}/`;
  await assert.rejects(
    httpEventSink(gone).emit(event, never),
    (error) => error instanceof Unavailable && error.message.includes(gone.slice(0, -1)),
  );
});

test('a sink that closes the connection is retried', async () => {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  await assert.rejects(httpEventSink(`http://127.0.0.1:${address.port}/`).emit(event, never), Unavailable);
  await new Promise((resolve) => server.close(resolve));
});

test('an abort ends a delivery without an answer, with the abort’s reason', async () => {
  received = [];
  answer = { status: 202, silent: true };
  const abort = new AbortController();
  const delivery = httpEventSink(url()).emit(event, abort.signal);
  const reason = new Error('cancelled');
  await until('it is in progress', () => received.length === 1);
  abort.abort(reason);
  await assert.rejects(delivery, reason);
});

test('name and password in the sink’s address are sent as a header and are in no message', async () => {
  received = [];
  answer = { status: 503 };
  const secret = url().replace('http://', 'http://user:hunter%202@').concat('?access_token=hunter2');
  await assert.rejects(
    httpEventSink(secret).emit(event, never),
    (error) => error instanceof Unavailable && !/hunter/.test(error.message),
  );
  // RFC 7617: base64 of `user:hunter 2`.
  assert.equal(received[0]?.headers.authorization, 'Basic dXNlcjpodW50ZXIgMg==');
});
