import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { listen } from '../../runtime/listen.ts';
import { until } from '../support/until.ts';

test('a keep-alive connection does not delay the close after the answer to its last request', async (t) => {
  const waiting: ServerResponse[] = [];
  const listener = await listen((_req, res) => void waiting.push(res), { host: '127.0.0.1', port: 0 });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const sent = request({ host: '127.0.0.1', port: listener.port, agent });
  const answered = once(sent, 'response');
  sent.end();
  const response = await until('the request arrives', () => waiting[0]);
  const closed = listener.close(30_000);
  response.end('the last answer');
  const lastAnswer = Date.now();
  const [answer] = (await answered) as [IncomingMessage];
  answer.resume();
  await closed;
  assert.equal(answer.statusCode, 200);
  assert.ok(Date.now() - lastAnswer < 2_000, `${Date.now() - lastAnswer} ms`);
});
