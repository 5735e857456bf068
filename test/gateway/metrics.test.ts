import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { send } from './http.ts';
import { startGateway } from './running-gateway.ts';

test('the duration of a request is recorded in seconds', async () => {
  // An unknown path needs no Temporal.
  const gateway = await startGateway(`127.0.0.1:${await freePort()}`);
  try {
    const began = performance.now();
    await send(gateway.port, { path: '/unknown' });
    const metrics = await until('the request is recorded', async () => {
      const { body } = await send(gateway.port, { method: 'GET', path: '/metrics' });
      return /^sluice_http_request_duration_seconds_count\{status="404"\} 1$/m.test(body) && body;
    });
    const elapsedSeconds = (performance.now() - began) / 1_000;
    const [, sum] = /^sluice_http_request_duration_seconds_sum\{status="404"\} (\S+)$/m.exec(metrics) ?? [];
    assert.ok(Number(sum) > 0 && Number(sum) < elapsedSeconds, `${sum} s of ${elapsedSeconds} s`);
  } finally {
    await gateway.stop();
  }
});
