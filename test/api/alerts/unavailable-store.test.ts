import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Unavailable } from '../../../domain/errors.ts';
import type { TableStore } from '../../../ports/table-store.ts';
import { cleanupAfterAllTests } from '../cleanup-after-all-tests.ts';
import {
  type AlertsApi,
  createChannel,
  createSubscription,
  ROBOT_URL,
  startAlertsApi,
} from './running-alerts-api.ts';

const t = cleanupAfterAllTests();
let api: AlertsApi;
let channelId: string;
let subscriptionId: string;
before(async () => {
  api = await startAlertsApi(t);
  channelId = await createChannel(api);
  subscriptionId = await createSubscription(api, { channelId });
});

/** Runs `work` while these methods of the store fail after a turn of the event loop. */
async function withoutWrites<T>(work: () => Promise<T>): Promise<T> {
  const store = api.store as { -readonly [Name in keyof TableStore]: TableStore[Name] };
  const { put, update, delete: remove, writeMany } = store;
  const fail = async (): Promise<never> => {
    await new Promise(setImmediate);
    throw new Unavailable('OTSServerBusy', 'the store is busy');
  };
  Object.assign(store, { put: fail, update: fail, delete: fail, writeMany: fail });
  try {
    return await work();
  } finally {
    Object.assign(store, { put, update, delete: remove, writeMany });
  }
}

const changes: readonly (readonly [method: string, path: () => string, json?: object])[] = [
  ['POST', () => '/v1/channels', { kind: 'dingtalk', url: ROBOT_URL }],
  ['PATCH', () => `/v1/channels/${channelId}`, { name: 'home' }],
  ['DELETE', () => `/v1/channels/${channelId}`],
  ['POST', () => `/v1/channels/${channelId}/test`],
  ['PATCH', () => `/v1/subscriptions/${subscriptionId}`, { at: '19:00' }],
  ['POST', () => `/v1/subscriptions/${subscriptionId}/pause`],
  ['POST', () => `/v1/subscriptions/${subscriptionId}/mute`, { until: '2026-11-24T00:00:00Z' }],
  ['DELETE', () => `/v1/subscriptions/${subscriptionId}`],
];
for (const [method, path, json] of changes)
  test(`${method} ${path().replaceAll('undefined', '{id}')} answers 503 if the change cannot be stored`, async () => {
    const other = method === 'DELETE' && path().includes('channels') ? await createChannel(api) : undefined;
    const target = other === undefined ? path() : `/v1/channels/${other}`;
    const { status, body } = await withoutWrites(() => api.send(method, target, { json }));
    assert.deepEqual([status, body.status], [503, 503]);
  });

test('a new subscription answers 503 if it cannot be stored, and is not listed', async () => {
  const json = { adcode: '310000', channelId };
  const { status } = await withoutWrites(() => api.send('POST', '/v1/subscriptions', { json }));
  assert.equal(status, 503);
  const { body } = await api.send('GET', '/v1/subscriptions?adcode=310000');
  assert.deepEqual(body.items, []);
});
