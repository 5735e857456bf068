import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure, Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { WeatherActivities } from '../../activities/weather/activities.ts';
import { NO_COUNTS } from '../../domain/weather/refresh-run.ts';
import { startTemporal } from '../support/temporal-server.ts';

const codePath = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

test('keeps the counts of other batches in the memo if one batch fails', async (t) => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const temporal = await startTemporal();
  const connection = await NativeConnection.connect({ address: temporal.address });
  const activities: WeatherActivities = {
    planRefresh: async () => ({
      ...{ provider: 'stand-in', batches: [['110000'], ['120000'], ['130000']], known: 3, allowance: null },
      note: '',
    }),
    refreshBatch: async ({ adcodes }) => {
      if (adcodes[0] === '110000') return { counts: { ...NO_COUNTS, fresh: 1, calls: 1, written: 4 } };
      await new Promise((resolve) => setTimeout(resolve, 500));
      throw ApplicationFailure.nonRetryable('its row cannot be read', 'Corrupt');
    },
  };
  const worker = await Worker.create({
    ...{ connection, taskQueue: 'weather', workflowBundle: { codePath }, activities },
  });
  const running = worker.run();
  const client = new Client({ connection: await Connection.connect({ address: temporal.address }) });
  t.after(async () => {
    worker.shutdown();
    await running;
    await connection.close();
    await client.connection.close();
    await temporal.stop();
  });
  const workflowId = 'weather-refresh-2026-11-22T12:00:00Z';
  const run = await client.workflow.start('refreshWeather', { taskQueue: 'weather', workflowId });
  await assert.rejects(run.result());
  const { memo, status } = await run.describe();
  const { places, fresh, calls, written } = (memo?.refresh ?? {}) as Record<string, unknown>;
  assert.deepEqual(
    { status: status.name, places, fresh, calls, written },
    { status: 'FAILED', places: 3, fresh: 1, calls: 1, written: 4 },
  );
});
