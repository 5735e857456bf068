import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { after, before, test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { weatherActivities } from '../../activities/weather/activities.ts';
import { BudgetStore } from '../../activities/weather/budget-store.ts';
import { CircuitBreakers } from '../../activities/weather/circuit-breaker.ts';
import { createAmapProvider } from '../../adapters/forecast/amap/amap-provider.ts';
import { createTablestoreStore } from '../../adapters/tablestore/tablestore-store.ts';
import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import type { BatchResult, RefreshCounts } from '../../domain/weather/refresh-run.ts';
import { serveAmap } from '../../local/amap/server.ts';
import { createLog } from '../../runtime/log.ts';
import { type SourceSystem, startSourceSystem } from '../support/source-system.ts';
import { until } from '../support/until.ts';

const PLACES = allPlaces()
  .filter(({ level }) => level === 'prefecture')
  .slice(0, 40)
  .map(({ adcode }) => adcode);

let system: SourceSystem;
let amap: Awaited<ReturnType<typeof serveAmap>>;
let close = async (): Promise<void> => {};
let refresh: (run: string) => Promise<RefreshCounts>;
before(async () => {
  // Each call in flight adds a listener to the batch's signal.
  setMaxListeners(0);
  system = await startSourceSystem({ SLUICE_LOG_LEVEL: 'warn' });
  const log = createLog('test', 'silent');
  amap = await serveAmap({ port: 0, log });
  const limits = { perSecond: 1_000 };
  const clock = Date.now;
  const credentials = () => ({ accessKeyId: 'local', accessKeySecret: 'local-secret' });
  const store = createTablestoreStore({ endpoint: system.endpoint, instance: 'sluice-local', credentials });
  const provider = createAmapProvider({
    ...{ id: 'stand-in', key: 'local', endpoint: `http://127.0.0.1:${amap.port}` },
  });
  close = async () => {
    store.close();
    await provider.close();
  };
  const budgetStore = new BudgetStore(store, provider.id, limits, clock);
  const deps = {
    store,
    provider,
    limits,
    budgetStore,
    circuitBreakers: new CircuitBreakers(),
    log,
    clock,
    createMissingTables: async () => [],
  };
  const { refreshBatch } = weatherActivities(deps);
  refresh = async (run) => {
    const task = { adcodes: PLACES, run };
    const { counts }: BatchResult = await new MockActivityEnvironment().run(refreshBatch, task);
    assert.equal(counts.fresh, PLACES.length);
    return counts;
  };
  const source = await system.source('source');
  await until('the source has its channels', async () => (await source.status())?.channels.length === 4);
});
after(async () => {
  await close();
  await amap?.close(0);
  await system?.stop();
});

interface Change {
  readonly type: string;
  readonly subject: string;
  readonly columns: { readonly revision?: number; readonly hash?: string; readonly dayweather?: string };
}

/** Writes marker rows to all partitions. When all markers have arrived, all earlier changes have arrived, too. */
async function changesUntilNow(mark: string): Promise<Change[]> {
  const marks = Array.from({ length: 32 }, (_, index) => `${index}-${mark}`);
  for (const adcode of marks)
    await system.rows.put(
      'weather',
      [
        { name: 'adcode', value: adcode },
        { name: 'date', value: mark },
      ],
      [],
    );
  const missing = new Set(marks);
  const changes: Change[] = [];
  await until('all marks have arrived', () => {
    for (const { headers, body } of system.sink.newEvents()) {
      const { key, columns } = JSON.parse(Buffer.from(body, 'base64').toString('utf8'));
      if (missing.delete(key.adcode)) continue;
      if (key.date !== mark)
        changes.push({
          ...{ type: String(headers['ce-type']), columns },
          subject: decodeURIComponent(String(headers['ce-subject'])),
        });
    }
    return missing.size === 0;
  });
  return changes;
}

const reissue = async (request: object): Promise<void> => {
  const url = `http://127.0.0.1:${amap.port}/-/faults/reissue`;
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(request) });
  assert.equal(answer.status, 200);
};

test('the first forecast emits change events with revision 0 and all columns', async () => {
  const { written } = await refresh('run 1');
  const changes = await changesUntilNow('first');
  assert.equal(written, PLACES.length * 4);
  assert.equal(changes.length, written);
  assert.equal(new Set(changes.map(({ subject }) => subject)).size, written);
  for (const { columns } of changes) {
    assert.equal(columns.revision, 0);
    assert.ok(columns.dayweather !== undefined && columns.hash !== undefined);
  }
});

test('unchanged forecasts emit no change events', async () => {
  const { written, unchanged } = await refresh('run 2');
  assert.deepEqual([written, unchanged], [0, PLACES.length * 4]);
  assert.deepEqual(await changesUntilNow('unchanged'), []);
});

for (const revision of [1, 2])
  test(`exactly the changed days emit change events, with revision ${revision}`, async () => {
    const changed = PLACES.slice(3, 10);
    await reissue({ adcodes: changed, days: [1, 3] });
    const { written } = await refresh(`run of revision ${revision}`);
    const changes = await changesUntilNow(`revision ${revision}`);
    assert.equal(written, 14);
    assert.deepEqual(
      changes.map(({ columns }) => columns.revision),
      Array.from({ length: 14 }, () => revision),
    );
    const adcodes = changes.map(({ subject }) => subject.slice('adcode='.length, 'adcode=330106'.length));
    assert.deepEqual(adcodes.toSorted(), changed.flatMap((adcode) => [adcode, adcode]).toSorted());
  });
