import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../runtime/log.ts';
import { createRecordDelivery } from '../../source/deliver-batch.ts';
import { createSourceMetrics } from '../../source/metrics.ts';
import { SourceProgress } from '../../source/source-progress.ts';
import { until } from '../support/until.ts';

test('an event that blocks its channel does not block it any longer when its delivery ends', async () => {
  const progress = new SourceProgress();
  const deliver = createRecordDelivery({
    origin: { instance: 'i', table: 't', extensions: new Map(), overrides: {} },
    post: async () => ({ outcome: 'refused', reason: 'answered 400' }),
    ...{ deadLetter: undefined, tries: 1 },
    ...{ metrics: createSourceMetrics(progress), log: createLog('source', 'silent') },
  });
  const record = { action: 'PUT_ROW', primaryKey: [{ name: 'id', value: 'a' }], cells: [] } as const;
  const ending = new AbortController();
  const delivery = deliver(record, 'c', ending.signal);
  const channel = () => progress.snapshot().channels[0];
  await until('the channel is blocked', () => channel()?.held);
  assert.equal(channel()?.inFlight, 1);
  ending.abort();
  await assert.rejects(delivery, { name: 'AbortError' });
  assert.deepEqual([channel()?.held, channel()?.inFlight], [false, 0]);
});
