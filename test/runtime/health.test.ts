import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter } from 'prom-client';
import { cachedProbe, type HealthOptions, healthHandler, processMetrics } from '../../runtime/health.ts';
import { listen } from '../../runtime/listen.ts';

/** Serves the handler, and returns the answer to a request. */
async function serve(health: Partial<HealthOptions>) {
  const handler = healthHandler({
    notReady: () => undefined,
    metrics: processMetrics(),
    metricsTokens: [],
    ...health,
  });
  const listener = await listen(
    (req, res) =>
      handler(req, res, (error) => res.writeHead(418).end(error === undefined ? '' : String(error))),
    { host: '127.0.0.1', port: 0 },
  );
  return {
    async ask(path: string, method = 'GET', headers: Readonly<Record<string, string>> = {}) {
      const answer = await fetch(`http://127.0.0.1:${listener.port}${path}`, { method, headers });
      return [answer.status, await answer.text()];
    },
    stop: () => listener.close(0),
  };
}

const rows: readonly (readonly [
  name: string,
  path: string,
  method: string,
  health: Partial<HealthOptions>,
  answer: unknown,
])[] = [
  ['a live process answers 200', '/livez', 'GET', {}, [200, '']],
  ['a live process that is not ready answers 200', '/livez', 'GET', { notReady: () => 'no' }, [200, '']],
  ['a ready process answers 200', '/readyz', 'GET', {}, [200, '']],
  [
    'a process that is not ready answers 503',
    '/readyz',
    'GET',
    { notReady: () => 'why "so"' },
    [503, '{"error":"why \\"so\\""}'],
  ],
  [
    'the check may be asynchronous',
    '/readyz',
    'GET',
    { notReady: async () => 'no' },
    [503, '{"error":"no"}'],
  ],
  ['a query is ignored', '/readyz?verbose', 'GET', {}, [200, '']],
  ['a trailing slash is ignored', '/livez/', 'GET', {}, [200, '']],
  ['HEAD has no body', '/readyz', 'HEAD', { notReady: () => 'no' }, [503, '']],
  ['another method is passed on', '/livez', 'POST', {}, [418, '']],
  ['another path is passed on', '/livezz', 'GET', {}, [418, '']],
  [
    'an error is passed on',
    '/readyz',
    'GET',
    { notReady: () => Promise.reject(new Error('odd')) },
    [418, 'Error: odd'],
  ],
];
for (const [name, path, method, health, expected] of rows)
  test(`${name}: ${method} ${path}`, async () => {
    const { ask, stop } = await serve(health);
    try {
      assert.deepEqual(await ask(path, method), expected);
    } finally {
      await stop();
    }
  });

test('metrics include the counters of the process and the metrics of Node.js', async () => {
  const metrics = processMetrics();
  new Counter({ name: 'sluice_test_total', help: 'A count.', registers: [metrics] }).inc(3);
  const { ask, stop } = await serve({ metrics });
  try {
    const [status, text] = await ask('/metrics');
    assert.equal(status, 200);
    assert.match(String(text), /^sluice_test_total 3$/m);
    assert.match(String(text), /^nodejs_eventloop_lag_seconds /m);
  } finally {
    await stop();
  }
});

test('with tokens, the metrics require one of them, and the health checks do not', async () => {
  const { ask, stop } = await serve({ metricsTokens: ['one', 'two'] });
  const error = '{"error":"the metrics require a token of SLUICE_METRICS_TOKENS"}';
  try {
    assert.deepEqual(await ask('/metrics'), [401, error]);
    for (const wrong of ['Bearer three', 'Bearer ', 'one', 'Basic one'])
      assert.deepEqual(await ask('/metrics', 'GET', { authorization: wrong }), [401, error], wrong);
    for (const token of ['one', 'two'])
      assert.equal((await ask('/metrics', 'GET', { authorization: `Bearer ${token}` }))[0], 200);
    for (const path of ['/livez', '/readyz']) assert.equal((await ask(path))[0], 200);
  } finally {
    await stop();
  }
});

test('concurrent callers share one probe, and a failed probe means unreachable', async () => {
  let probes = 0;
  const good = cachedProbe(async () => ++probes);
  assert.deepEqual(await Promise.all([good(), good(), good()]), [true, true, true]);
  assert.equal(await good(), true);
  assert.equal(probes, 1);
  const bad = cachedProbe(() => Promise.reject(new Error('away')));
  assert.equal(await bad(), false);
});
