import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, test } from 'node:test';
import { limitPipelining } from '../../../gateway/http/load-shedding.ts';
import { type Listener, listen } from '../../../runtime/listen.ts';
import { until } from '../../support/until.ts';

let listener: Listener;
afterEach(() => listener.close(0));

/** Opens a connection to a server with the limit. The requests that reach `handler` are answered by the test. */
async function connection() {
  const waiting: ServerResponse[] = [];
  const handler: RequestListener = (_request, response) => void waiting.push(response);
  listener = await listen(limitPipelining(handler), { host: '127.0.0.1', port: 0 });
  const socket = connect(listener.port, '127.0.0.1').on('error', () => {});
  let received = '';
  socket.on('data', (bytes) => {
    received += String(bytes);
  });
  return {
    waiting,
    socket,
    send: (count: number) => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count)),
    answers: () => received.split('HTTP/1.1 200 OK').length - 1,
  };
}

test('32 requests on one connection may wait for their answers, and again 32 after these', async () => {
  const { waiting, socket, send, answers } = await connection();
  for (const expected of [32, 64]) {
    send(32);
    await until('32 requests wait', () => waiting.length === 32 || socket.destroyed);
    assert.equal(socket.destroyed, false);
    for (const response of waiting.splice(0)) response.end();
    await until('all requests are answered', () => answers() === expected);
  }
  socket.destroy();
});

test('a connection with 33 unanswered requests is closed', async () => {
  const { waiting, socket, send, answers } = await connection();
  send(33);
  await until('the connection is closed', () => socket.destroyed);
  assert.equal(waiting.length, 32);
  assert.equal(answers(), 0);
});
