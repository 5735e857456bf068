import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { startApi } from './running-api.ts';

/** A store that never answers. A read rejects when its signal is aborted. */
function silentStore() {
  const signals: AbortSignal[] = [];
  const maximum = { inFlight: 0 };
  const read = (_table: unknown, _key: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise<never>((_resolve, reject) => {
      signals.push(signal);
      maximum.inFlight = Math.max(maximum.inFlight, signals.filter(({ aborted }) => !aborted).length);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  return { signals, maximum, store: { get: read, getMany: read } as never };
}

test('answers 503 busy to requests beyond the limit, and 503 unavailable to requests whose reads time out', async (t) => {
  const { maximum, store } = silentStore();
  const { get } = await startApi(t, { store });
  const storm = async () => {
    const began = performance.now();
    return await Promise.all(
      Array.from({ length: 320 }, async () => {
        const answer = await get('/v1/cities/110000/forecast');
        return { ...answer, tookMs: performance.now() - began };
      }),
    );
  };
  const busyOf = (all: Awaited<ReturnType<typeof storm>>) =>
    all.filter(({ body }) => body.type === '/problems/busy');
  let answers = await storm();
  // On a machine with busy cores, the first reads time out before the last requests arrive. Then there is one more storm.
  for (let more = 0; more < 4 && busyOf(answers).length < 32; more++) answers = await storm();
  assert.equal(maximum.inFlight, 64);
  const busy = busyOf(answers);
  assert.ok(busy.length >= 32, `${busy.length} answers were "busy"`);
  for (const { status, headers, tookMs } of answers) {
    assert.equal(status, 503);
    assert.match(String(headers['retry-after']), /^[1-9]\d*$/);
    assert.ok(tookMs < 60_000, `${tookMs} ms`);
  }
  assert.equal(busy[0]?.headers['retry-after'], '1');
  const others = answers.filter((answer) => !busy.includes(answer));
  assert.ok(others.every(({ body }) => body.type === '/problems/unavailable'));
});

test('a read is aborted when its client closes the connection', async (t) => {
  const { signals, store } = silentStore();
  const { port } = await startApi(t, { store });
  for (const path of ['/v1/cities/110000/forecast', '/api/weather/query?cityCode=1&date=2']) {
    const count = signals.length;
    const clientRequest = request({ host: '127.0.0.1', port, path, agent: false }).on('error', () => {});
    clientRequest.end();
    await until('the store is called', () => signals.length > count);
    const began = performance.now();
    clientRequest.destroy();
    await until('the read is aborted', () => signals.every(({ aborted }) => aborted));
    assert.ok(performance.now() - began < 1_500);
  }
});
