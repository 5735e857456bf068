import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCliConfig } from '../../../cli/config.ts';
import { gatewayClient } from '../../../cli/gateway-client.ts';
import { postWithRetry } from '../../../cli/replay/replay-one.ts';
import { listen } from '../../../runtime/listen.ts';

type CannedAnswer = readonly [status: number, retryAfter?: string];

/** Posts to a server that gives these answers in order. Returns the last status and the number of requests. */
async function postToServer(
  answers: readonly CannedAnswer[],
): Promise<[status: number, requestCount: number]> {
  let requestCount = 0;
  const listener = await listen(
    (_req, res) => {
      const [status = 500, after] = answers[requestCount++] ?? [];
      res.writeHead(status, after === undefined ? {} : { 'retry-after': after }).end();
    },
    { host: '127.0.0.1', port: 0 },
  );
  try {
    const gateway = gatewayClient({ gateway: `http://127.0.0.1:${listener.port}` }, readCliConfig({}));
    const { status } = await postWithRetry(gateway, { path: '/events', body: '{}' });
    return [status, requestCount];
  } finally {
    await listener.close(0);
  }
}

const cases: readonly (readonly [
  name: string,
  answers: readonly CannedAnswer[],
  expected: [number, number],
])[] = [
  ['accepted at once', [[202]], [202, 1]],
  ['accepted after 429 and 503', [[429, '0'], [503, '0'], [202]], [202, 3]],
  ['refused', [[422]], [422, 1]],
  ['an error of the gateway', [[500, '0']], [500, 1]],
  ['a Retry-After over the limit', [[503, '31']], [503, 1]],
  ['a sum of waits over the limit', [[503, '0'], [503, '30'], [202]], [503, 2]],
];

for (const [name, answers, expected] of cases)
  test(`retries a request only on 429 and 503, for up to 30 s: ${name}`, async () => {
    assert.deepEqual(await postToServer(answers), expected);
  });
